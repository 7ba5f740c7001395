//! How a listener is doing, as operators ask.

use std::fmt;

use tokio::sync::watch;

use crate::extract::ListenerId;
use crate::types::{Offset, TopicPartition};

/// How a listener is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListenerHealth {
    /// Its id.
    pub id: ListenerId,
    /// Where it is in its life.
    pub state: ListenerState,
    /// The partitions it has now, in order.
    pub partitions: Vec<TopicPartition>,
    /// Partitions that wait at a failed record.
    pub halted: Vec<HaltedPartition>,
    /// What is wrong right now and may pass by itself.
    pub problems: Vec<Problem>,
}

/// Where a listener is in its life.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ListenerState {
    /// It waits for its first assignment.
    Starting,
    /// It has been given its share of the partitions, which may be none.
    Running,
    /// It takes nothing new and lets running handlers end.
    Stopping,
    /// It has left its group because it was told to.
    Stopped,
    /// It has left its group because it could not go on.
    Failed {
        /// Why, and what to do.
        reason: String,
    },
}

/// A partition that waits at a record which failed for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HaltedPartition {
    /// The partition.
    pub partition: TopicPartition,
    /// The record it waits at.
    pub offset: Offset,
    /// What failed.
    pub reason: String,
}

/// Something that is wrong and may pass by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// No broker can be reached, or none lets us in.
    Unreachable {
        /// What the client says.
        reason: String,
    },
    /// A subscribed topic is not there.
    MissingTopic {
        /// What the client says; it names the topic.
        reason: String,
    },
    /// The broker forbids what the listener wants.
    Forbidden {
        /// What the client says.
        reason: String,
    },
    /// Commits are refused: what is done will be done again after a restart.
    CommitFailing {
        /// What the broker says.
        reason: String,
    },
    /// A dead letter cannot be written; its record waits and is offered again.
    DeadLetterFailing {
        /// The record's partition.
        partition: TopicPartition,
        /// The record.
        offset: Offset,
        /// What the writer says.
        reason: String,
    },
}

impl ListenerHealth {
    /// Whether it has had its first assignment and has not ended.
    #[must_use]
    pub fn is_started(&self) -> bool {
        matches!(self.state, ListenerState::Running | ListenerState::Stopping)
    }

    /// Whether it does what it is for: it runs, no partition is halted, and nothing is wrong.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.state == ListenerState::Running && self.halted.is_empty() && self.problems.is_empty()
    }

    /// Whether leaving it alone may help; a failed listener needs a restart.
    #[must_use]
    pub fn is_live(&self) -> bool {
        !matches!(self.state, ListenerState::Failed { .. })
    }
}

impl fmt::Display for HaltedPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partition, offset, reason } = self;
        write!(
            f,
            "{partition} waits at offset {offset}: {reason}; repair the cause and restart, or give the listener \
             `dead_letter` or `on_exhausted = \"skip\"`"
        )
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable { reason } => write!(f, "no broker can be reached: {reason}"),
            Self::MissingTopic { reason } => write!(f, "a topic is missing: {reason}; create it"),
            Self::Forbidden { reason } => write!(f, "the broker forbids it: {reason}; check the ACLs"),
            Self::CommitFailing { reason } => write!(f, "commits are refused: {reason}"),
            Self::DeadLetterFailing { partition, offset, reason } => {
                write!(f, "the dead letter of {partition}@{offset} cannot be written: {reason}")
            }
        }
    }
}

/// Where the listener's parts write how it is doing. Everybody who watches sees the latest state.
#[derive(Debug)]
pub(super) struct Board {
    health: watch::Sender<ListenerHealth>,
}

impl Board {
    pub(super) fn new(id: ListenerId) -> Self {
        let health = ListenerHealth {
            id,
            state: ListenerState::Starting,
            partitions: Vec::new(),
            halted: Vec::new(),
            problems: Vec::new(),
        };
        Self { health: watch::Sender::new(health) }
    }

    pub(super) fn health(&self) -> ListenerHealth {
        self.health.borrow().clone()
    }

    pub(super) fn watch(&self) -> watch::Receiver<ListenerHealth> {
        self.health.subscribe()
    }

    /// Moves the life on. A listener that has failed stays failed.
    pub(super) fn enter(&self, state: ListenerState) {
        self.health.send_if_modified(|health| {
            let ended = matches!(health.state, ListenerState::Failed { .. });
            let back = state == ListenerState::Running && health.state != ListenerState::Starting;
            if ended || back || health.state == state {
                return false;
            }
            health.state = state;
            true
        });
    }

    pub(super) fn assigned(&self, partitions: &[TopicPartition]) {
        self.health.send_modify(|health| {
            health.partitions.extend_from_slice(partitions);
            health.partitions.sort();
            health.partitions.dedup();
            clear_connection(health);
            // A topic that has partitions to give is there now.
            health.problems.retain(|problem| !is_missing(problem, partitions));
        });
    }

    /// What was known of these partitions is another's to know.
    pub(super) fn revoked(&self, partitions: &[TopicPartition]) {
        self.health.send_modify(|health| {
            health.partitions.retain(|partition| !partitions.contains(partition));
            health.halted.retain(|halted| !partitions.contains(&halted.partition));
            health.problems.retain(|problem| match problem {
                Problem::DeadLetterFailing { partition, .. } => !partitions.contains(partition),
                Problem::Unreachable { .. }
                | Problem::MissingTopic { .. }
                | Problem::Forbidden { .. }
                | Problem::CommitFailing { .. } => true,
            });
        });
    }

    pub(super) fn halted(&self, halted: HaltedPartition) {
        self.health.send_modify(|health| {
            health.halted.retain(|known| known.partition != halted.partition);
            health.halted.push(halted);
        });
    }

    /// Notes a problem in the place of an older one of its kind.
    pub(super) fn problem(&self, problem: Problem) {
        self.health.send_if_modified(|health| {
            if health.problems.contains(&problem) {
                return false;
            }
            health.problems.retain(|known| !is_about_the_same(known, &problem));
            health.problems.push(problem);
            true
        });
    }

    /// Brokers answer.
    pub(super) fn connected(&self) {
        self.health.send_if_modified(clear_connection);
    }

    pub(super) fn committed(&self) {
        self.clear(|problem| matches!(problem, Problem::CommitFailing { .. }));
    }

    pub(super) fn dead_letter_written(&self, at: &TopicPartition, of: Offset) {
        self.clear(|problem| match problem {
            Problem::DeadLetterFailing { partition, offset, .. } => partition == at && *offset == of,
            Problem::Unreachable { .. }
            | Problem::MissingTopic { .. }
            | Problem::Forbidden { .. }
            | Problem::CommitFailing { .. } => false,
        });
    }

    fn clear(&self, gone: impl Fn(&Problem) -> bool) {
        self.health.send_if_modified(|health| {
            let before = health.problems.len();
            health.problems.retain(|problem| !gone(problem));
            health.problems.len() != before
        });
    }
}

fn clear_connection(health: &mut ListenerHealth) -> bool {
    let before = health.problems.len();
    health.problems.retain(|problem| !matches!(problem, Problem::Unreachable { .. }));
    health.problems.len() != before
}

/// Whether the problem is that the topic of one of these partitions is missing. The client's words name it
/// between colons, and a colon is in no topic's name.
fn is_missing(problem: &Problem, partitions: &[TopicPartition]) -> bool {
    let Problem::MissingTopic { reason } = problem else { return false };
    partitions.iter().any(|partition| reason.contains(&format!(": {}:", partition.topic)))
}

fn is_about_the_same(one: &Problem, other: &Problem) -> bool {
    match (one, other) {
        (
            Problem::DeadLetterFailing { partition: a, offset: x, .. },
            Problem::DeadLetterFailing { partition: b, offset: y, .. },
        ) => a == b && x == y,
        _ => std::mem::discriminant(one) == std::mem::discriminant(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{PartitionId, TopicName};

    #[test]
    fn a_topic_is_missing_until_its_partitions_are_assigned() {
        let board = Board::new(ListenerId::new("shop"));
        let reason = "Subscribed topic not available: orders.v2: Unknown topic".to_owned();
        board.problem(Problem::MissingTopic { reason });
        let assign = |topic| {
            board.assigned(&[TopicPartition::new(TopicName::new(topic).unwrap(), PartitionId(0))]);
            board.health().problems.len()
        };
        assert_eq!(assign("orders"), 1, "another topic has come");
        assert_eq!(assign("orders.v2"), 0);
    }
}
