//! The partitions that are assigned to one consumer, and what is known of each.
//!
//! State never outlives its assignment: a partition that comes back gets a new number, and what a
//! late handler of the old one does changes nothing.

use std::sync::Arc;
use std::time::Instant;

use super::fetch_position::FetchPosition;
use super::pause_reasons::PauseReasons;
use crate::client::{TopicId, TopicIdentity};
use crate::listener::commit::{
    CommitAnswer, CommitPolicy, Committer, Drain, PartitionNo, PartitionOffsets, Progress,
};
use crate::listener::engine::{EngineChannel, Message};
use crate::types::{LeaderEpoch, Offset, Position, TopicPartition};

/// All partitions of one consumer.
#[derive(Debug)]
pub(super) struct Assignments {
    pub(super) partitions: Vec<AssignedPartition>,
    /// Former partitions whose numbers are used again once nothing in the engine carries them.
    pub(super) retired: Vec<AssignedPartition>,
    next_number: usize,
    /// Whether the leader of some partition is, or has to be, asked about its log.
    pub(super) needs_validation: bool,
    pub(super) committer: Committer,
}

/// One assigned partition.
#[derive(Debug)]
pub(super) struct AssignedPartition {
    pub(super) at: TopicPartition,
    /// The engine's number for it.
    pub(super) number: PartitionNo,
    /// The seed of its keys' hashes, so that the same key of another topic is another key.
    pub(super) seed: u64,
    /// Records that were handed to the engine.
    pub(super) taken: u64,
    pub(super) offsets: PartitionOffsets,
    /// The position up to which it was read, and whether the broker still agrees.
    pub(super) position: FetchPosition,
    /// Set once it is being given back.
    pub(super) drain: Option<Arc<Drain>>,
    /// The reasons why the client does not fetch it, if it does not.
    pub(super) paused: PauseReasons,
    /// Whether an error was the last that came of it.
    pub(super) errored: bool,
    /// Whether its next record can't be read: nothing more is taken while this assignment lasts.
    pub(super) damaged: bool,
    /// The id of its topic, as far as that is known.
    pub(super) topic_id: Option<TopicId>,
    /// Whether its topic was created again and the client has yet to be sent to the beginning.
    pub(super) needs_reset: bool,
}

impl Assignments {
    pub(super) fn new(policy: CommitPolicy, now: Instant) -> Self {
        Self {
            partitions: Vec::new(),
            retired: Vec::new(),
            next_number: 0,
            needs_validation: false,
            committer: Committer::new(policy, now),
        }
    }

    /// Adds a partition, and tells the engine of it.
    pub(super) fn add(
        &mut self,
        at: TopicPartition,
        seed: u64,
        position: FetchPosition,
        topic_id: Option<TopicId>,
        channel: &EngineChannel,
    ) {
        let mut assigned = self.begin(at, seed, position, channel);
        assigned.topic_id = topic_id;
        self.partitions.push(assigned);
    }

    /// Takes these partitions out of the table. Their numbers stay in use until the engine has
    /// released them.
    pub(super) fn remove(
        &mut self,
        partitions: &[TopicPartition],
        mut each: impl FnMut(&mut AssignedPartition),
    ) {
        let is_removed = |it: &AssignedPartition| partitions.contains(&it.at);
        let all = std::mem::take(&mut self.partitions);
        let (mut removed, kept): (Vec<_>, Vec<_>) = all.into_iter().partition(is_removed);
        removed.iter_mut().for_each(&mut each);
        self.partitions = kept;
        self.retired.append(&mut removed);
    }

    /// Starts the partition at `place` from scratch with a record at `found`, because its log was
    /// truncated or its topic created again.
    ///
    /// Drops the records that wait in the engine, since they are not on the broker any more.
    /// Running ones may end, but do not count as finished: that begins with the new record. New
    /// records of a key, or of the partition where that is the order, start when the old one of it
    /// has ended.
    pub(super) fn rewind(&mut self, place: usize, found: Offset, channel: &EngineChannel) {
        let Some(old) = self.partitions.get(place) else {
            return;
        };
        let drain = Drain::of(vec![old.number]);
        channel.post(Message::Drain(drain.clone()));
        let (at, seed, topic_id) = (old.at.clone(), old.seed, old.topic_id);
        let position = FetchPosition::from(Some(Position {
            next: found,
            leader_epoch: LeaderEpoch::UNKNOWN,
        }));
        let mut fresh = self.begin(at, seed, position, channel);
        fresh.topic_id = topic_id;
        if let Some(assigned) = self.partitions.get_mut(place) {
            let mut old = std::mem::replace(assigned, fresh);
            old.drain = Some(drain);
            self.retired.push(old);
        }
    }

    fn begin(
        &mut self,
        at: TopicPartition,
        seed: u64,
        position: FetchPosition,
        channel: &EngineChannel,
    ) -> AssignedPartition {
        self.needs_validation |= !position.is_validated();
        let (number, progress) = (self.take_number(), Progress::new());
        channel.post(Message::Assigned {
            number,
            progress: progress.clone(),
        });
        AssignedPartition {
            at,
            number,
            seed,
            taken: 0,
            offsets: PartitionOffsets::new(progress),
            position,
            drain: None,
            paused: PauseReasons::default(),
            errored: false,
            damaged: false,
            topic_id: None,
            needs_reset: false,
        }
    }

    /// Returns a number that nothing in the engine carries.
    fn take_number(&mut self) -> PartitionNo {
        // The engine may still hold records of a partition that it has released, and would take
        // them for those of its successor.
        let is_free = |old: &AssignedPartition| {
            let progress = old.offsets.progress();
            progress.is_released() && progress.departed() == old.taken
        };
        if let Some(at) = self.retired.iter().position(is_free) {
            return self.retired.swap_remove(at).number;
        }
        self.next_number += 1;
        PartitionNo::from(self.next_number - 1)
    }

    /// Returns the drains of records from before a truncation of the log that still run.
    pub(super) fn retired_drains(&self, partitions: &[TopicPartition]) -> Vec<Arc<Drain>> {
        let is_running = |old: &&AssignedPartition| {
            partitions.contains(&old.at) && !old.offsets.progress().is_released()
        };
        let retired = self.retired.iter().filter(is_running);
        retired.filter_map(|old| old.drain.clone()).collect()
    }

    /// Returns the place of a partition in the table.
    pub(super) fn place_of(&self, topic: &str, partition: i32) -> Option<usize> {
        let is_it = |at: &TopicPartition| at.partition.0 == partition && at.topic.as_str() == topic;
        self.partitions
            .iter()
            .position(|assigned| is_it(&assigned.at))
    }

    pub(super) fn get_mut(&mut self, at: &TopicPartition) -> Option<&mut AssignedPartition> {
        self.partitions.iter_mut().find(|it| it.at == *at)
    }

    pub(super) fn all(&self) -> Vec<TopicPartition> {
        self.partitions.iter().map(|it| it.at.clone()).collect()
    }

    /// Whether anything is finished and not committed.
    pub(super) fn has_uncommitted(&self) -> bool {
        let mut partitions = self.partitions.iter();
        partitions.any(|assigned| assigned.offsets.uncommitted().is_some())
    }

    /// Returns what is finished and not committed. It counts as sent from now on.
    pub(super) fn take_uncommitted(&mut self) -> Vec<(TopicPartition, Position)> {
        let partitions = self.partitions.iter_mut();
        let taken = partitions.filter_map(AssignedPartition::take_uncommitted);
        taken.collect()
    }

    /// Takes the answer to the commit under way. Returns whether it is a problem to be shown.
    pub(super) fn commit_answered(&mut self, answer: CommitAnswer, now: Instant) -> bool {
        if answer != CommitAnswer::Stored {
            // The next commit carries everything again.
            for assigned in &mut self.partitions {
                assigned.offsets.refused();
            }
        }
        self.committer.answered(answer, now)
    }
}

impl AssignedPartition {
    /// Returns what is finished and not committed. It counts as sent from now on.
    pub(super) fn take_uncommitted(&mut self) -> Option<(TopicPartition, Position)> {
        let next = self.offsets.uncommitted()?;
        self.offsets.sent(next);
        Some((self.at.clone(), self.position.committed(next)))
    }

    /// Whether its offsets mean anything to the topic that has its name now.
    pub(super) fn is_still_of(&self, identity: Option<TopicIdentity>) -> bool {
        let is_missing = identity == Some(TopicIdentity::Missing);
        let id = identity.and_then(TopicIdentity::id);
        let is_another = id.is_some() && self.topic_id.is_some() && id != self.topic_id;
        !is_missing && !is_another
    }

    /// Whether records and errors of it are of any use. What still comes of a partition that is on
    /// its way back will be fetched by its next owner, and what comes of a topic that was
    /// created again will come once more.
    pub(super) fn is_wanted(&self) -> bool {
        self.drain.is_none() && !self.damaged && !self.needs_reset && self.position.is_open()
    }

    /// Whether it waits at a failed record or at damage.
    pub(super) fn is_halted(&self) -> bool {
        self.damaged || self.offsets.progress().is_halted()
    }

    /// Whether the client may be told to stop fetching it for a while.
    ///
    /// Not behind an error: librdkafka counts that as a record, and would go on behind it when the
    /// pause is over.
    pub(super) const fn may_be_paused(&self) -> bool {
        self.paused.is_empty() && !self.errored
    }

    /// The number of its records that have not left the engine.
    pub(super) fn unfinished(&self) -> u64 {
        self.taken
            .saturating_sub(self.offsets.progress().departed())
    }
}
