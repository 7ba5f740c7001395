//! The outcome of one record: a broker's acknowledgement, or the error.

use crate::types::{Offset, PartitionId, Timestamp};

/// A broker's acknowledgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acknowledgement {
    /// The partition it was written to.
    pub partition: PartitionId,
    /// The record's offset; -1 with `acks=0`, where no broker says.
    pub offset: Offset,
    /// The time it was written with.
    pub timestamp: Timestamp,
}

/// Errors of sending a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProduceError {
    /// Nobody acknowledged it in time (`delivery.timeout.ms`). It may or may not have been written.
    #[error("not acknowledged in time")]
    TimedOut {
        /// The client's last complaint, if it had no connection.
        trouble: Option<String>,
    },
    /// The record is larger than the client or the topic allows.
    #[error("too large")]
    TooLarge {
        /// Whether it was the client that refused it, by its `message.max.bytes`; otherwise it was
        /// the broker.
        by_client: bool,
    },
    /// There is no such topic.
    #[error("unknown topic")]
    UnknownTopic,
    /// The topic has no such partition.
    #[error("unknown partition")]
    UnknownPartition,
    /// This client may not write to the topic.
    #[error("not permitted")]
    NotPermitted,
    /// The client has no room for it now.
    #[error("the client's queue is full")]
    QueueFull,
    /// The client is being closed.
    #[error("the client is closed")]
    Closed,
    /// The client failed for good while it had the record: its idempotence could not be kept
    /// (KIP-360).
    #[error("the client has failed for good: {reason}")]
    Fatal {
        /// In the client's words.
        reason: String,
        /// Whether the record may have been written.
        may_be_written: bool,
        /// Whether a new client takes over, so that the record can be sent again.
        is_replaced: bool,
    },
    /// The client failed for good, and the next is not there yet: it has no room for the record
    /// now.
    #[error("the client has failed for good and is being replaced: {reason}")]
    Replacing {
        /// The reason of the failure.
        reason: String,
    },
    /// Another reason.
    #[error("{reason}")]
    Refused {
        /// In the client's words.
        reason: String,
        /// Whether sending it again may help.
        retriable: bool,
    },
}

impl ProduceError {
    /// Whether it was only too early: the same record may be offered again in a moment.
    #[must_use]
    pub const fn is_no_room_yet(&self) -> bool {
        matches!(self, Self::QueueFull | Self::Replacing { .. })
    }
}
