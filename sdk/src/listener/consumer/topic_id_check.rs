//! Checks that the assigned topics are still the ones that were assigned, by their topic ids
//! (KIP-516).
//!
//! A topic that is deleted and created again keeps its name, and commits go by name: an offset of
//! the old topic would be stored for the new one, whose records before it would never be read. So
//! the ids are asked for before each commit, and each second while nothing is committed. The
//! request does not block: its answer wakes the poll thread.

use std::time::{Duration, Instant};

use super::assignment::Assignments;
use super::rebalance::Rebalancer;
use crate::client::{Consumer, TopicAnswer, TopicIdentities, TopicIdentity};
use crate::listener::engine::EngineChannel;
use crate::types::{Offset, TopicName, TopicPartition};

/// Time between two checks while nothing is committed.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// Time until the next attempt if the client was not ready to send a partition to its beginning.
const RETRY_INTERVAL: Duration = Duration::from_millis(20);

/// Checks the topics of one consumer.
#[derive(Debug)]
pub(super) struct TopicIdCheck {
    state: State,
    /// When to check again without a commit.
    next: Instant,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Idle,
    Asked,
    /// The answer has come in this iteration of the loop.
    Answered,
    /// The brokers know no topic ids.
    Unsupported,
}

impl TopicIdCheck {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            state: State::Idle,
            next: now + CHECK_INTERVAL,
        }
    }

    /// Acts on an answer that has come, and asks again if that is due. Called once in each
    /// iteration of the loop.
    pub(super) fn check(
        &mut self,
        consumer: &mut dyn Consumer,
        rebalancer: &Rebalancer,
        channel: &EngineChannel,
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
                    let to_reset = compare(&mut rebalancer.assignments(), &identities, channel);
                    if !reset(consumer, rebalancer, to_reset) {
                        self.next = now + RETRY_INTERVAL;
                    }
                    State::Answered
                }
                TopicAnswer::Failed => State::Idle,
                TopicAnswer::Unsupported => State::Unsupported,
            };
        }
        if self.state == State::Idle && now >= self.next {
            self.ask(consumer, rebalancer, now);
        }
    }

    /// Returns whether the topics have just been found to be the assigned ones, so that their
    /// offsets may be committed. Sends the request otherwise.
    pub(super) fn confirms(
        &mut self,
        consumer: &mut dyn Consumer,
        rebalancer: &Rebalancer,
        now: Instant,
    ) -> bool {
        if self.state == State::Idle {
            self.ask(consumer, rebalancer, now);
        }
        matches!(self.state, State::Answered | State::Unsupported)
    }

    fn ask(&mut self, consumer: &mut dyn Consumer, rebalancer: &Rebalancer, now: Instant) {
        self.next = now + CHECK_INTERVAL;
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

/// Forgets what was read of topics that were created again. Returns the partitions that have to be
/// read from their beginning.
fn compare(
    assignments: &mut Assignments,
    identities: &TopicIdentities,
    channel: &EngineChannel,
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
            assignments.rewind(place, Offset(0), channel);
            if let Some(assigned) = assignments.partitions.get_mut(place) {
                assigned.needs_reset = true;
            }
        }
    }
    let to_reset = assignments
        .partitions
        .iter()
        .filter(|assigned| assigned.needs_reset);
    to_reset.map(|assigned| assigned.at.clone()).collect()
}

/// Sends the client to the beginning of these partitions. Returns whether it went to all of them.
fn reset(
    consumer: &mut dyn Consumer,
    rebalancer: &Rebalancer,
    partitions: Vec<TopicPartition>,
) -> bool {
    if partitions.is_empty() {
        return true;
    }
    rebalancer.topics_recreated(&partitions);
    let sent = consumer.seek_to_beginning(&partitions);
    for assigned in &mut rebalancer.assignments().partitions {
        assigned.needs_reset &= !sent.contains(&assigned.at);
    }
    sent.len() == partitions.len()
}
