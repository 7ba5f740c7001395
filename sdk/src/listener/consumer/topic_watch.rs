//! Looks whether the assigned topics are still those that were assigned.
//!
//! A topic that is deleted and made again has its old name, and commits go by name: an offset of
//! the old one would land on the new one, whose records in front of it nobody would read. So what a
//! name stands for is asked before each commit, and each second where there is none. The question
//! does not block: its answer wakes the poll thread.

use std::time::{Duration, Instant};

use super::assignment::Assignments;
use super::rebalance::Rebalancer;
use crate::client::{Consumer, TopicAnswer, TopicIdentities, TopicIdentity};
use crate::listener::engine::Mailbox;
use crate::types::{Offset, TopicName, TopicPartition};

/// Time from one look to the next while nothing is committed.
const PAUSE: Duration = Duration::from_secs(1);

/// The same while a partition could not be sent to its beginning, since the client is busy with it.
const SHORT_PAUSE: Duration = Duration::from_millis(20);

/// Looks at the topics of one consumer.
#[derive(Debug)]
pub(super) struct TopicWatch {
    state: State,
    /// When to look again without a commit.
    next: Instant,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Idle,
    Asked,
    /// The answer has come in this turn of the loop.
    Answered,
    /// The brokers cannot be asked.
    Off,
}

impl TopicWatch {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            state: State::Idle,
            next: now + PAUSE,
        }
    }

    /// Hears an answer that has come, acts on it, and asks if it is time to. Called once in each
    /// turn of the loop.
    pub(super) fn look(
        &mut self,
        consumer: &mut dyn Consumer,
        rebalancer: &Rebalancer,
        mailbox: &Mailbox,
        now: Instant,
    ) {
        if self.state == State::Answered {
            self.state = State::Idle;
        }
        if self.state == State::Asked
            && let Some(answer) = consumer.topics_answer()
        {
            self.state = match answer {
                TopicAnswer::Told(identities) => {
                    let anew = compare(&mut rebalancer.assignments(), &identities, mailbox);
                    if !begin_anew(consumer, rebalancer, anew) {
                        self.next = now + SHORT_PAUSE;
                    }
                    State::Answered
                }
                TopicAnswer::Failed => State::Idle,
                TopicAnswer::Unsupported => State::Off,
            };
        }
        if self.state == State::Idle && now >= self.next {
            self.ask(consumer, rebalancer, now);
        }
    }

    /// Whether the topics were found to be the assigned ones just now, so that their offsets may be
    /// committed. Asks if they were not.
    pub(super) fn confirms(
        &mut self,
        consumer: &mut dyn Consumer,
        rebalancer: &Rebalancer,
        now: Instant,
    ) -> bool {
        if self.state == State::Idle {
            self.ask(consumer, rebalancer, now);
        }
        matches!(self.state, State::Answered | State::Off)
    }

    fn ask(&mut self, consumer: &mut dyn Consumer, rebalancer: &Rebalancer, now: Instant) {
        self.next = now + PAUSE;
        let topics = topics(&rebalancer.assignments());
        if !topics.is_empty() && consumer.ask_for_topics(&topics) {
            self.state = State::Asked;
        }
    }
}

/// The topics of the assigned partitions, each once.
fn topics(assignments: &Assignments) -> Vec<TopicName> {
    let mut topics: Vec<TopicName> = assignments
        .partitions
        .iter()
        .map(|assigned| assigned.at.topic.clone())
        .collect();
    topics.sort_unstable();
    topics.dedup();
    topics
}

/// Forgets what was read of topics that were made again. Answers with the partitions that are to be
/// read anew.
fn compare(
    assignments: &mut Assignments,
    identities: &TopicIdentities,
    mailbox: &Mailbox,
) -> Vec<TopicPartition> {
    for place in 0..assignments.partitions.len() {
        let Some(assigned) = assignments.partitions.get_mut(place) else {
            continue;
        };
        let identity = identities
            .get(&assigned.at.topic)
            .copied()
            .unwrap_or(TopicIdentity::Unknown);
        assigned
            .offsets
            .withhold(identity == TopicIdentity::Missing);
        let Some(id) = identity.id() else { continue };
        let is_another = assigned
            .topic_id
            .replace(id)
            .is_some_and(|known| known != id);
        if is_another {
            assignments.rewind(place, Offset(0), mailbox);
            if let Some(assigned) = assignments.partitions.get_mut(place) {
                assigned.begins_anew = true;
            }
        }
    }
    let anew = assignments
        .partitions
        .iter()
        .filter(|assigned| assigned.begins_anew);
    anew.map(|assigned| assigned.at.clone()).collect()
}

/// Reads these partitions from their beginning; whether all of them could be sent there.
fn begin_anew(
    consumer: &mut dyn Consumer,
    rebalancer: &Rebalancer,
    anew: Vec<TopicPartition>,
) -> bool {
    if anew.is_empty() {
        return true;
    }
    rebalancer.began_anew(&anew);
    let begun = consumer.seek_to_beginning(&anew);
    for assigned in &mut rebalancer.assignments().partitions {
        assigned.begins_anew &= !begun.contains(&assigned.at);
    }
    begun.len() == anew.len()
}
