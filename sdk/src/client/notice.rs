//! News from a client that is not a record.

use super::problem::Problem;
use super::trouble::Complaint;
use crate::types::{Offset, TopicPartition};

/// News from the client that is not a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    /// A commit was stored.
    Committed,
    /// A commit was refused; the next one carries the same offsets or later ones.
    CommitFailed { reason: String },
    /// A commit came too late for its generation, as in any rebalance; the next one carries the
    /// same offsets.
    CommitOutrun { reason: String },
    /// Brokers cannot be reached, or do not let us in. The client goes on trying.
    Trouble(Complaint),
    /// Something is wrong that may pass by itself. The client goes on trying.
    Problem(Problem),
    /// The record or batch at this offset of the partition can't be read. Records behind it are not
    /// to be handled.
    Damaged {
        partition: TopicPartition,
        offset: Offset,
        reason: String,
    },
    /// The consumer cannot go on.
    Fatal { reason: String, then: AfterFatal },
    /// A partition goes on in front of what was read of it: its log has lost its end, or all that
    /// was read.
    Rewound {
        partition: TopicPartition,
        expected: Offset,
        found: Offset,
    },
    /// Something that is worth a line in the log, and no more.
    Warning { reason: String },
}

/// The way on after a consumer that cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AfterFatal {
    /// A new one may do better.
    StartAgain,
    /// A new one would meet the same: the settings decide it, or another instance has its identity.
    Stay,
}
