//! The position of a record: partition, offset, leader epoch.

use std::fmt;

use super::TopicName;

/// The number of a partition within its topic, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PartitionId(pub i32);

/// The place of a record in its partition, from 0.
///
/// Offsets grow, but not always by one: compaction and transaction markers leave holes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Offset(pub i64);

/// The number of changes of a partition's leader (KIP-101), or [`LeaderEpoch::UNKNOWN`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LeaderEpoch(pub i32);

/// The position of a group in a partition, as a commit tells it (KIP-320).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    /// The next offset to read.
    pub(crate) next: Offset,
    /// The epoch of the leader that wrote the record before this position. A log that was cut does
    /// not have that record any more, and a broker can tell by the epoch.
    pub(crate) leader_epoch: LeaderEpoch,
}

/// One partition of one topic.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TopicPartition {
    /// The topic.
    pub topic: TopicName,
    /// The partition within it.
    pub partition: PartitionId,
}

impl LeaderEpoch {
    /// The broker or the client that wrote it does not know of leader epochs.
    pub const UNKNOWN: Self = Self(-1);

    /// Whether it is one that a broker has given.
    #[must_use]
    pub const fn is_known(self) -> bool {
        self.0 >= 0
    }
}

impl TopicPartition {
    /// Partition `partition` of `topic`.
    #[must_use]
    pub const fn new(topic: TopicName, partition: PartitionId) -> Self {
        Self { topic, partition }
    }
}

impl Offset {
    /// The offset to read after this one: what a commit of this record says.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.topic, self.partition.0)
    }
}

/// As [`Display`](fmt::Display), so that a list of them stays readable.
impl fmt::Debug for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for PartitionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
