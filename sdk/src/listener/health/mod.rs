//! How a listener is doing, as operators ask.

use std::fmt;
use std::sync::OnceLock;

use tokio::sync::watch;

use crate::client::{AfterFatal, Complaint, Record, Scope, TopicsSeen, TroubleLog};
use crate::extract::ListenerId;
use crate::runtime::Clock;
use crate::types::{GroupId, Offset, TopicName, TopicPartition};

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
    /// Partitions that wait at a failed record, or at one that can't be read.
    pub halted: Vec<HaltedPartition>,
    /// Partitions of which a broker lost records that had been read here. They are read on, so
    /// they are no problem.
    pub truncated: Vec<TruncatedLog>,
    /// What is wrong right now and may pass by itself.
    pub problems: Vec<Problem>,
    /// The latest attempt that failed, whatever became of its record: it may be waiting for its
    /// retry, be dead-lettered, or be handled by now.
    pub last_failure: Option<FailedAttempt>,
}

/// An attempt to handle a record that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FailedAttempt {
    /// The record's partition.
    pub partition: TopicPartition,
    /// The record.
    pub offset: Offset,
    /// Which attempt it was, counted from 1.
    pub attempt: u32,
    /// The error and its causes, cut after 500 characters.
    pub reason: String,
}

/// Where a listener is in its life.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ListenerState {
    /// It waits for its share of the partitions.
    Starting,
    /// It has been given its share of the partitions, which may be none.
    Running,
    /// It takes nothing new and lets running handlers end.
    Stopping,
    /// It has left its group because it was told to.
    Stopped,
    /// Its client has failed for good, and another one is about to take over.
    Restarting {
        /// Why it failed.
        reason: String,
    },
    /// It has left its group because it could not go on.
    Failed {
        /// Why, and what to do.
        reason: String,
    },
}

/// A partition that waits at a record which failed for good, or which can't be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HaltedPartition {
    /// The partition.
    pub partition: TopicPartition,
    /// The record it waits at.
    pub offset: Offset,
    /// What failed, and what to do.
    pub reason: String,
}

/// A partition whose log lost its end: a broker came back with less than had been read of it
/// (KIP-320).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TruncatedLog {
    /// The partition.
    pub partition: TopicPartition,
    /// What would have been read next.
    pub read_to: Offset,
    /// Where the log was cut, and is read from instead. What was read from there on is gone from
    /// the broker.
    pub cut_at: Offset,
}

impl fmt::Display for TruncatedLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            partition,
            read_to,
            cut_at,
        } = self;
        write!(
            f,
            "{partition} was read to offset {read_to} when a broker lost its records from {cut_at} on; it is read from \
             there again"
        )
    }
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
    /// The broker forbids to see a topic.
    ForbiddenTopic {
        /// What the client says; it names the topic.
        reason: String,
    },
    /// The broker forbids to read a partition, of a topic that may be seen.
    ForbiddenPartition {
        /// The partition.
        partition: TopicPartition,
        /// What the client says.
        reason: String,
    },
    /// The broker refuses to serve a partition; the client tries again.
    FetchFailing {
        /// The partition.
        partition: TopicPartition,
        /// The offset that is asked for.
        offset: Offset,
        /// What the client says.
        reason: String,
    },
    /// The broker forbids the group, or everything.
    Forbidden {
        /// What the client says.
        reason: String,
    },
    /// The group takes no more members, and nobody has left yet.
    GroupFull {
        /// What the broker says, and what decides it.
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

impl FailedAttempt {
    pub(super) fn new(record: &Record, attempt: u32, reason: &str) -> Self {
        const MAX_CHARS: usize = 500;
        let cut = reason
            .char_indices()
            .nth(MAX_CHARS)
            .and_then(|(at, _)| reason.get(..at));
        let reason = cut.map_or_else(|| reason.to_owned(), |cut| format!("{cut}…"));
        Self {
            partition: record.source().clone(),
            offset: record.offset(),
            attempt,
            reason,
        }
    }
}

impl fmt::Display for FailedAttempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            partition,
            offset,
            attempt,
            reason,
        } = self;
        write!(f, "{partition}@{offset}, attempt {attempt}: {reason}")
    }
}

impl fmt::Display for HaltedPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            partition,
            offset,
            reason,
        } = self;
        write!(f, "{partition} waits at offset {offset}: {reason}")
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable { reason } => write!(f, "no broker can be reached: {reason}"),
            Self::MissingTopic { reason } => write!(f, "a topic is missing: {reason}; create it"),
            Self::ForbiddenTopic { reason }
            | Self::ForbiddenPartition { reason, .. }
            | Self::Forbidden { reason } => {
                write!(f, "the broker forbids it: {reason}; check the ACLs")
            }
            Self::GroupFull { reason } => write!(f, "the group takes no more members: {reason}"),
            Self::FetchFailing {
                partition,
                offset,
                reason,
            } => {
                write!(
                    f,
                    "{partition} cannot be read from offset {offset} on: {reason}"
                )
            }
            Self::CommitFailing { reason } => write!(f, "commits are refused: {reason}"),
            Self::DeadLetterFailing {
                partition,
                offset,
                reason,
            } => {
                write!(
                    f,
                    "the dead letter of {partition}@{offset} cannot be written: {reason}"
                )
            }
        }
    }
}

/// Where the listener's parts write how it is doing. Everybody who watches sees the latest state.
#[derive(Debug)]
pub(super) struct Board {
    health: watch::Sender<ListenerHealth>,
    /// The trouble of all its consumers with brokers.
    trouble: TroubleLog,
    /// What may be done about it, once a client has failed for good.
    after_fatal: OnceLock<AfterFatal>,
}

impl Board {
    /// The board of a listener without a group, as tests have it.
    #[cfg(test)]
    pub(super) fn new(id: ListenerId) -> Self {
        let trouble = TroubleLog::of_listener(&id, &id, Clock::system());
        Self::telling(id, trouble)
    }

    /// The board of a listener that tells of its trouble with brokers.
    pub(super) fn of(id: ListenerId, group: &GroupId, clock: Clock) -> Self {
        let trouble = TroubleLog::of_listener(&id, group, clock);
        Self::telling(id, trouble)
    }

    fn telling(id: ListenerId, trouble: TroubleLog) -> Self {
        let health = ListenerHealth {
            id,
            state: ListenerState::Starting,
            partitions: Vec::new(),
            halted: Vec::new(),
            truncated: Vec::new(),
            problems: Vec::new(),
            last_failure: None,
        };
        Self {
            health: watch::Sender::new(health),
            trouble,
            after_fatal: OnceLock::new(),
        }
    }

    pub(super) fn health(&self) -> ListenerHealth {
        self.health.borrow().clone()
    }

    pub(super) fn watch(&self) -> watch::Receiver<ListenerHealth> {
        self.health.subscribe()
    }

    /// Moves the life on. One that has failed or stopped stays so.
    ///
    /// Answers whether it was somewhere else before.
    pub(super) fn enter(&self, state: ListenerState) -> bool {
        self.health.send_if_modified(|health| {
            let ended = matches!(
                health.state,
                ListenerState::Failed { .. } | ListenerState::Stopped
            );
            let back = state == ListenerState::Running && health.state != ListenerState::Starting;
            if ended || back || health.state == state {
                return false;
            }
            health.state = state;
            true
        })
    }

    /// A client of the listener has failed for good.
    pub(super) fn client_failed(&self, reason: String, then: AfterFatal) {
        self.after_fatal.get_or_init(|| then);
        self.enter(ListenerState::Failed { reason });
    }

    /// What may be done about it, if a client has failed for good.
    pub(super) fn after_fatal(&self) -> Option<AfterFatal> {
        self.after_fatal.get().copied()
    }

    /// What a consumer says about brokers.
    pub(super) fn complain(&self, complaint: Complaint) {
        let (scope, reason) = self.trouble.complain(complaint);
        if scope == Scope::All {
            self.problem(Problem::Unreachable { reason });
        }
    }

    /// Tells of the trouble with brokers what is due. Who leaves does not care any more.
    pub(super) fn tick(&self) {
        let matters = matches!(
            self.health.borrow().state,
            ListenerState::Starting | ListenerState::Running
        );
        self.trouble.tick(matters);
    }

    pub(super) fn assigned(&self, partitions: &[TopicPartition]) {
        self.trouble.answered();
        self.health.send_modify(|health| {
            health.partitions.extend_from_slice(partitions);
            health.partitions.sort();
            health.partitions.dedup();
            // Whom the broker gives partitions, it lets in.
            health.problems.retain(|problem| !is_refusal(problem));
        });
    }

    /// What was known of these partitions is another's to know.
    pub(super) fn revoked(&self, partitions: &[TopicPartition]) {
        self.health.send_modify(|health| {
            health
                .partitions
                .retain(|partition| !partitions.contains(partition));
            health
                .halted
                .retain(|halted| !partitions.contains(&halted.partition));
            health
                .truncated
                .retain(|cut| !partitions.contains(&cut.partition));
            health.problems.retain(|problem| match problem {
                Problem::DeadLetterFailing { partition, .. }
                | Problem::FetchFailing { partition, .. }
                | Problem::ForbiddenPartition { partition, .. } => !partitions.contains(partition),
                // If it holds for those that are left, their next commit says so.
                Problem::CommitFailing { .. } => false,
                Problem::Unreachable { .. }
                | Problem::MissingTopic { .. }
                | Problem::ForbiddenTopic { .. }
                | Problem::Forbidden { .. }
                | Problem::GroupFull { .. } => true,
            });
        });
    }

    /// Notes an attempt that failed. Nobody is woken for that: it is no state of the listener.
    pub(super) fn failed(&self, failure: FailedAttempt) {
        self.health.send_if_modified(|health| {
            health.last_failure = Some(failure);
            false
        });
    }

    /// Notes the last cut of a partition's log.
    pub(super) fn truncated(&self, cut: TruncatedLog) {
        self.health.send_modify(|health| {
            health
                .truncated
                .retain(|known| known.partition != cut.partition);
            health.truncated.push(cut);
        });
    }

    /// Notes that a partition waits, and where it does so first.
    pub(super) fn halted(&self, halted: HaltedPartition) {
        self.health.send_modify(|health| {
            let known = health
                .halted
                .iter_mut()
                .find(|known| known.partition == halted.partition);
            match known {
                Some(known) if known.offset <= halted.offset => {}
                Some(known) => *known = halted,
                None => health.halted.push(halted),
            }
        });
    }

    /// Notes a problem in the place of an older one of its kind. Answers whether it is news.
    pub(super) fn problem(&self, problem: Problem) -> bool {
        self.health.send_if_modified(|health| {
            if health.problems.contains(&problem) {
                return false;
            }
            health
                .problems
                .retain(|known| !is_about_the_same(known, &problem));
            health.problems.push(problem);
            true
        })
    }

    pub(super) fn committed(&self) {
        self.trouble.answered();
        self.clear(|problem| {
            is_refusal(problem) || matches!(problem, Problem::CommitFailing { .. })
        });
    }

    /// Whether something is wrong of which only a look at the topics can tell that it has passed.
    pub(super) fn wants_a_look(&self) -> bool {
        self.health.borrow().problems.iter().any(|problem| {
            matches!(
                problem,
                Problem::Unreachable { .. }
                    | Problem::MissingTopic { .. }
                    | Problem::ForbiddenTopic { .. }
            )
        })
    }

    /// A broker answered, and this is what it said. The client has told of each topic once, and the
    /// last of them may be there by now: then another one is named.
    pub(super) fn seen(&self, topics: &TopicsSeen) {
        self.trouble.answered();
        self.health.send_if_modified(|health| {
            let before = health.problems.clone();
            health.problems.retain_mut(|problem| match problem {
                Problem::Unreachable { .. } => false,
                Problem::MissingTopic { reason } => is_still_about(reason, topics.missing.as_ref()),
                Problem::ForbiddenTopic { reason } => {
                    is_still_about(reason, topics.forbidden.as_ref())
                }
                Problem::ForbiddenPartition { .. }
                | Problem::FetchFailing { .. }
                | Problem::Forbidden { .. }
                | Problem::GroupFull { .. }
                | Problem::CommitFailing { .. }
                | Problem::DeadLetterFailing { .. } => true,
            });
            health.problems != before
        });
    }

    /// A record of the partition has come.
    pub(super) fn readable(&self, at: &TopicPartition) {
        self.clear(|problem| match problem {
            Problem::ForbiddenPartition { partition, .. }
            | Problem::FetchFailing { partition, .. } => partition == at,
            Problem::Unreachable { .. }
            | Problem::MissingTopic { .. }
            | Problem::ForbiddenTopic { .. }
            | Problem::Forbidden { .. }
            | Problem::GroupFull { .. }
            | Problem::CommitFailing { .. }
            | Problem::DeadLetterFailing { .. } => false,
        });
    }

    /// A dead letter is written, or is not offered any more.
    pub(super) fn dead_letter_settled(&self, at: &TopicPartition, of: Offset) {
        self.clear(|problem| match problem {
            Problem::DeadLetterFailing {
                partition, offset, ..
            } => partition == at && *offset == of,
            Problem::Unreachable { .. }
            | Problem::MissingTopic { .. }
            | Problem::ForbiddenTopic { .. }
            | Problem::ForbiddenPartition { .. }
            | Problem::FetchFailing { .. }
            | Problem::Forbidden { .. }
            | Problem::GroupFull { .. }
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

/// Whether brokers are out of reach, or do not let the listener in.
const fn is_refusal(problem: &Problem) -> bool {
    matches!(
        problem,
        Problem::Unreachable { .. } | Problem::Forbidden { .. } | Problem::GroupFull { .. }
    )
}

/// Whether there is such a topic; its name is put into the reason if another one stands there.
fn is_still_about(reason: &mut String, topic: Option<&TopicName>) -> bool {
    let Some(topic) = topic else { return false };
    if reason.split([' ', ':']).all(|word| word != topic.as_str()) {
        *reason = topic.to_string();
    }
    true
}

fn is_about_the_same(one: &Problem, other: &Problem) -> bool {
    match (one, other) {
        (
            Problem::DeadLetterFailing {
                partition: a,
                offset: x,
                ..
            },
            Problem::DeadLetterFailing {
                partition: b,
                offset: y,
                ..
            },
        ) => a == b && x == y,
        (
            Problem::ForbiddenPartition { partition: a, .. },
            Problem::ForbiddenPartition { partition: b, .. },
        )
        | (
            Problem::FetchFailing { partition: a, .. },
            Problem::FetchFailing { partition: b, .. },
        ) => a == b,
        _ => std::mem::discriminant(one) == std::mem::discriminant(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{PartitionId, TopicName};

    fn board_with_everything() -> Board {
        let board = Board::new(ListenerId::new("shop"));
        let reason = String::new;
        board.problem(Problem::Unreachable { reason: reason() });
        board.problem(Problem::MissingTopic { reason: reason() });
        board.problem(Problem::ForbiddenTopic { reason: reason() });
        let [partition] = partition();
        board.problem(Problem::ForbiddenPartition {
            partition,
            reason: reason(),
        });
        board.problem(Problem::Forbidden { reason: reason() });
        board.problem(Problem::CommitFailing { reason: reason() });
        board
    }

    fn kinds(board: &Board) -> Vec<&'static str> {
        let name = |problem: &Problem| match problem {
            Problem::Unreachable { .. } => "unreachable",
            Problem::MissingTopic { .. } => "missing topic",
            Problem::ForbiddenTopic { .. } => "forbidden topic",
            Problem::ForbiddenPartition { .. } => "forbidden partition",
            Problem::FetchFailing { .. } => "fetch",
            Problem::Forbidden { .. } => "forbidden",
            Problem::GroupFull { .. } => "full",
            Problem::CommitFailing { .. } => "commit",
            Problem::DeadLetterFailing { .. } => "dead letter",
        };
        board.health().problems.iter().map(name).collect()
    }

    fn partition() -> [TopicPartition; 1] {
        [TopicPartition::new(
            TopicName::new("orders").unwrap(),
            PartitionId(0),
        )]
    }

    #[test]
    fn a_look_at_the_topics_ends_what_has_passed() {
        let board = board_with_everything();
        let missing = Some(TopicName::new("other").unwrap());
        board.seen(&TopicsSeen {
            missing,
            forbidden: None,
        });
        assert_eq!(
            kinds(&board),
            [
                "missing topic",
                "forbidden partition",
                "forbidden",
                "commit"
            ]
        );
        assert!(board.wants_a_look());
        board.seen(&TopicsSeen::default());
        assert_eq!(
            kinds(&board),
            ["forbidden partition", "forbidden", "commit"]
        );
        assert!(!board.wants_a_look(), "of these a look tells nothing");
    }

    #[test]
    fn the_topic_that_is_named_is_one_that_is_missing() {
        let board = Board::new(ListenerId::new("shop"));
        let reason = "Subscribed topic not available: b: Unknown topic".to_owned();
        board.problem(Problem::MissingTopic {
            reason: reason.clone(),
        });
        let seen = |name| {
            board.seen(&TopicsSeen {
                missing: Some(TopicName::new(name).unwrap()),
                forbidden: None,
            });
            board.health().problems
        };
        assert_eq!(seen("b"), [Problem::MissingTopic { reason }]);
        assert_eq!(
            seen("a"),
            [Problem::MissingTopic {
                reason: "a".to_owned()
            }]
        );
    }

    #[test]
    fn a_partition_waits_at_its_first_trouble_whichever_is_told_first() {
        let [partition] = partition();
        let halted = |offset| {
            let reason = String::new();
            HaltedPartition {
                partition: partition.clone(),
                offset: Offset(offset),
                reason,
            }
        };
        let (handler, damage) = (halted(4), halted(9));
        for told in [[&handler, &damage], [&damage, &handler]] {
            let board = Board::new(ListenerId::new("shop"));
            told.into_iter()
                .for_each(|halted| board.halted(halted.clone()));
            assert_eq!(board.health().halted, std::slice::from_ref(&handler));
        }
    }

    #[test]
    fn a_record_shows_that_its_partition_may_be_read() {
        let board = board_with_everything();
        let [at] = partition();
        let (offset, reason) = (Offset(3), "the disk is gone".to_owned());
        board.problem(Problem::FetchFailing {
            partition: at.clone(),
            offset,
            reason,
        });
        board.readable(&at);
        assert!(
            !kinds(&board).contains(&"forbidden partition") && !kinds(&board).contains(&"fetch")
        );
    }

    #[test]
    fn an_assignment_shows_that_the_group_is_ours() {
        let board = board_with_everything();
        board.assigned(&partition());
        assert_eq!(
            kinds(&board),
            [
                "missing topic",
                "forbidden topic",
                "forbidden partition",
                "commit"
            ]
        );
    }

    #[test]
    fn what_was_wrong_with_the_commits_of_a_partition_goes_with_it() {
        let board = board_with_everything();
        board.revoked(&partition());
        assert!(!kinds(&board).contains(&"commit"));
    }
}
