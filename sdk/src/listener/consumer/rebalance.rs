//! Partitions come and go: what the client calls when the group rebalances.
//!
//! A revocation and a stop take the same steps: hand out nothing new, let what runs end until a
//! deadline, cancel the rest (`drain.rs`), commit what is finished, forget.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::assignment::Assignments;
use super::fetch_position::FetchPosition;
use crate::client::{ConsumerHooks, FinalCommit, Notice, StartPosition, TopicIdentities};
use crate::listener::commit::{CommitAnswer, CommitPolicy};
use crate::listener::dispatch::KeyHash;
use crate::listener::engine::EngineChannel;
use crate::listener::shared::ListenerShared;
use crate::types::{Position, TopicName, TopicPartition};

/// Longest duration of the last commit of a partition.
const FINAL_COMMIT_TIMEOUT: Duration = Duration::from_secs(5);

/// The partitions of one consumer. The client's hooks and the poll loop share it; both run on the
/// poll thread.
#[derive(Debug)]
pub(in crate::listener) struct Rebalancer {
    /// Guards the assigned partitions. Held while records are taken, never while waiting, and
    /// never when a hook may be called.
    assignments: Mutex<Assignments>,
    pub(super) shared: Arc<ListenerShared>,
    pub(super) channel: Arc<EngineChannel>,
    /// Time that a revocation gives running handlers, unless a stop allows less.
    drain_timeout: Duration,
    was_assigned: AtomicBool,
    has_settled: AtomicBool,
    /// The seed of the hashes of keys.
    seed: u64,
}

impl Rebalancer {
    pub(super) fn new(
        shared: Arc<ListenerShared>,
        channel: Arc<EngineChannel>,
        commits: CommitPolicy,
        drain_timeout: Duration,
    ) -> Self {
        Self {
            assignments: Mutex::new(Assignments::new(commits, shared.clock.now())),
            shared,
            channel,
            drain_timeout,
            was_assigned: AtomicBool::new(false),
            has_settled: AtomicBool::new(false),
            // Differs from process to process, so that keys that collide cannot be chosen.
            seed: RandomState::new().hash_one("wellspring"),
        }
    }

    pub(super) fn assignments(&self) -> MutexGuard<'_, Assignments> {
        self.assignments
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the group has answered with an empty share, which may not be the last word.
    pub(super) fn waits_for_a_share(&self) -> bool {
        self.was_assigned.load(Ordering::Acquire) && !self.has_settled.load(Ordering::Acquire)
    }

    /// Notes that the consumer has its share of the partitions, which may be none.
    pub(super) fn settled(&self) {
        if !self.has_settled.swap(true, Ordering::AcqRel) {
            self.shared.consumer_is_assigned();
        }
    }

    /// Notes that an error came in the place of a record. Returns whether it was not the first in a
    /// row, or `None` if the partition is not assigned.
    pub(super) fn note_error(&self, of: &TopicPartition) -> Option<bool> {
        let mut assignments = self.assignments();
        Some(std::mem::replace(
            &mut assignments.get_mut(of)?.errored,
            true,
        ))
    }

    /// Notes that records of these partitions have come where errors came before.
    pub(super) fn readable(&self, partitions: &[TopicPartition]) {
        for partition in partitions {
            self.shared.health.readable(partition);
        }
    }

    /// Notes that the topics of these partitions were created again: nothing that was known of them
    /// holds.
    pub(super) fn topics_recreated(&self, partitions: &[TopicPartition]) {
        self.shared.health.revoked(partitions);
        self.shared.health.assigned(partitions);
    }

    /// Takes the answer to the commit under way. Returns whether it is a problem to be shown.
    pub(super) fn commit_answered(&self, answer: CommitAnswer) -> bool {
        let now = self.shared.clock.now();
        self.assignments().commit_answered(answer, now)
    }

    /// Forgets these partitions, and commits what of them is finished. The last step of a
    /// revocation and of a stop.
    pub(super) fn commit_and_forget(
        &self,
        partitions: &[TopicPartition],
        commits: &dyn FinalCommit,
    ) {
        let topics = self.uncommitted_topics(partitions);
        let identities = if topics.is_empty() {
            TopicIdentities::new()
        } else {
            commits.topic_identities(&topics)
        };
        let offsets = self.forget(partitions, &identities);
        if !offsets.is_empty()
            && let Err(error) = commits.commit_within(&offsets, FINAL_COMMIT_TIMEOUT)
        {
            tracing::warn!(%error, "the last commit failed: finished records will be delivered again");
        }
    }

    /// Returns the topics of these partitions that have something to commit.
    fn uncommitted_topics(&self, partitions: &[TopicPartition]) -> Vec<TopicName> {
        let assignments = self.assignments();
        let given = assignments.partitions.iter().filter(|assigned| {
            partitions.contains(&assigned.at) && assigned.offsets.uncommitted().is_some()
        });
        let topics: BTreeSet<TopicName> = given.map(|it| it.at.topic.clone()).collect();
        topics.into_iter().collect()
    }

    /// Forgets these partitions, and returns what of them is finished and not committed.
    fn forget(
        &self,
        partitions: &[TopicPartition],
        identities: &TopicIdentities,
    ) -> Vec<(TopicPartition, Position)> {
        let mut offsets = Vec::new();
        self.assignments().remove(partitions, |assigned| {
            // Commits go by name. An offset of a topic that is gone, or was created again, would
            // land on its successor.
            if assigned.is_still_of(identities.get(&assigned.at.topic).copied()) {
                offsets.extend(assigned.take_uncommitted());
            }
        });
        self.shared.health.revoked(partitions);
        offsets
    }
}

impl ConsumerHooks for Rebalancer {
    fn assigned(&self, starts: &[StartPosition]) {
        let mut assignments = self.assignments();
        for start in starts {
            let StartPosition {
                at,
                committed,
                topic_id,
            } = start.clone();
            let seed = KeyHash::of(self.seed, at.topic.as_str().as_bytes()).seed();
            let position = FetchPosition::from(committed);
            assignments.add(at, seed, position, topic_id, &self.channel);
        }
        assignments.committer.rebalanced();
        drop(assignments);
        // Without the lock from here on: health has one of its own, and operators read it.
        let partitions: Vec<TopicPartition> = starts.iter().map(|start| start.at.clone()).collect();
        tracing::info!(?partitions, "partitions were assigned");
        self.shared.health.assigned(&partitions);
        self.was_assigned.store(true, Ordering::Release);
        if !partitions.is_empty() {
            self.settled();
        }
    }

    fn revoked(&self, partitions: &[TopicPartition], commits: &dyn FinalCommit) {
        tracing::info!(?partitions, "partitions are revoked");
        self.give_back(partitions, self.drain_timeout);
        self.commit_and_forget(partitions, commits);
    }

    fn lost(&self, partitions: &[TopicPartition]) {
        // A member that joins for the first time loses what it never had.
        if partitions.is_empty() {
            return;
        }
        tracing::warn!(
            ?partitions,
            "partitions were lost: finished records may be delivered again"
        );
        // They are another member's already: there is no time to wait, and nothing to commit.
        self.give_back(partitions, Duration::ZERO);
        self.forget(partitions, &TopicIdentities::new());
    }

    fn notice(&self, notice: Notice) {
        self.report(notice);
    }
}
