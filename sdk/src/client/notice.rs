//! News from a client that is not a record.

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
    /// A subscribed topic is not there. The client goes on looking.
    MissingTopic { reason: String },
    /// The broker forbids us to see a topic.
    ForbiddenTopic { reason: String },
    /// The broker forbids us to read a partition, of a topic that we may see.
    ForbiddenPartition {
        partition: TopicPartition,
        reason: String,
    },
    /// What is at this offset of the partition can't be read. What comes behind it is not to be
    /// handled.
    Damaged {
        partition: TopicPartition,
        offset: Offset,
        reason: String,
    },
    /// The broker refuses to serve a partition from this offset on. The client tries again.
    FetchFailing {
        partition: TopicPartition,
        offset: Offset,
        reason: String,
    },
    /// The broker forbids us the group, or all.
    Forbidden { reason: String },
    /// The group takes no more members for now. The client goes on trying.
    Full { reason: String },
    /// The consumer cannot go on.
    Fatal { reason: String, then: AfterFatal },
    /// A partition goes on in front of what was read of it: its log has lost its end, or all that
    /// was read.
    Rewound {
        partition: TopicPartition,
        expected: Offset,
        found: Offset,
    },
    /// Worth a line in the log.
    Odd { reason: String },
}

/// What may be done about a consumer that cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AfterFatal {
    /// A new one may do better.
    StartAgain,
    /// A new one would meet the same: the settings decide it, or another instance has its identity.
    Stay,
}
