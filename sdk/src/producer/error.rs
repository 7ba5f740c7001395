//! Errors of a send, which say whether to send again.

use std::fmt;
use std::time::Duration;

use super::sent_record::SentRecord;
use crate::BoxError;
use crate::client::ProduceError;
use crate::codec::EncodeError;
use crate::runtime::error_chain;
use crate::types::{PartitionId, TopicName};

/// A record was not sent, or nobody knows whether it was.
///
/// `Debug` prints the words of `Display` and those of its source, because that is what `main` shows
/// of an error it returns.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The topic has no valid name, or a placeholder in it does not resolve.
    #[error("{text:?} is no topic to send to")]
    Topic {
        /// The topic as written.
        text: String,
        /// The problem with it.
        source: BoxError,
    },
    /// A value has no bytes in its format.
    #[error("the {what} of a record for {topic} has no bytes")]
    Encode {
        /// The topic.
        topic: TopicName,
        /// The part of the record: "payload", "key", "header \"source\"".
        what: String,
        /// The codec's error.
        source: EncodeError,
    },
    /// The record was given neither a payload nor `tombstone()`.
    #[error("a record for {topic} has no payload: say `.tombstone()` to send a null one")]
    NoPayload {
        /// The topic.
        topic: TopicName,
    },
    /// No acknowledgement came in time (`delivery.timeout.ms`). The record may or may not be in the
    /// log: sending it again can write it twice.
    #[error("no acknowledgement for {topic} within {waited:?}{}", trouble.as_deref().map(|t| format!(": {t}")).unwrap_or_default())]
    TimedOut {
        /// The topic.
        topic: TopicName,
        /// The time that the client tried.
        waited: Duration,
        /// The client's last complaint, if it had no connection.
        trouble: Option<String>,
    },
    /// There was no room for it in time: the broker takes records more slowly than they are sent.
    #[error(
        "no room for a record for {topic} within {waited:?}: send less at once, or give `buffer_memory` more"
    )]
    QueueFull {
        /// The topic.
        topic: TopicName,
        /// The time that it waited (`max_block`).
        waited: Duration,
    },
    /// The record is larger than `message.max.bytes` of the client or `max.message.bytes` of the
    /// topic.
    #[error(
        "a record of {bytes} bytes is too large {}",
        if *by_client {
            format!("for this producer: raise its `message.max.bytes`, and `max.message.bytes` of {topic} if that is lower")
        } else {
            format!("for {topic}: the broker refuses it; raise `max.message.bytes` of the topic")
        }
    )]
    TooLarge {
        /// The topic.
        topic: TopicName,
        /// Bytes of key, payload and headers.
        bytes: usize,
        /// Whether the client refused it, before it was sent; otherwise the broker did.
        by_client: bool,
    },
    /// There is no such topic, and the broker makes none by itself.
    #[error(
        "topic {topic} does not exist: create it, or let the app do so with `.topic(name, partitions)`"
    )]
    UnknownTopic {
        /// The topic.
        topic: TopicName,
    },
    /// The topic has no such partition.
    #[error("topic {topic} has no partition {partition}")]
    UnknownPartition {
        /// The topic.
        topic: TopicName,
        /// The partition that was asked for.
        partition: PartitionId,
    },
    /// This client may not write there.
    #[error("not permitted to write to {topic}: it needs the ACL WRITE on the topic")]
    NotPermitted {
        /// The topic.
        topic: TopicName,
    },
    /// The template is closed.
    #[error("the producer is closed: a record for {topic} was not sent")]
    Closed {
        /// The topic.
        topic: TopicName,
    },
    /// The client failed for good while it had the record (KIP-360), or before it took it. The
    /// template goes on with a new client, unless it was told to
    /// [stay](crate::client::OnFatal::Stay) as it is.
    #[error(
        "a record for {topic} was {}: the producer has failed for good{}: {reason}",
        if *may_be_written { "not acknowledged and may have been written" } else { "not sent" },
        if *is_replaced { " and is replaced" } else { "" }
    )]
    Fatal {
        /// The topic.
        topic: TopicName,
        /// In the client's words.
        reason: String,
        /// Whether it may be in the log: then sending it again can write it twice.
        may_be_written: bool,
        /// Whether a new client takes over, so that the record can be sent again.
        is_replaced: bool,
    },
    /// The broker or the client refused it for another reason.
    #[error("a record for {topic} was refused: {reason}")]
    Refused {
        /// The topic.
        topic: TopicName,
        /// In the client's words.
        reason: String,
        /// Whether sending it again may help.
        retriable: bool,
    },
}

/// Records were still unanswered when the time for a flush was over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{pending} records are unanswered after {within:?}; they are still being sent")]
pub struct FlushError {
    /// The number of records in flight.
    pub pending: usize,
    /// The time that the flush waited.
    pub within: Duration,
}

impl SendError {
    /// Whether sending the same record again may help. It can write it twice if it [may be
    /// written](Self::may_be_written).
    #[must_use]
    pub const fn is_retriable(&self) -> bool {
        match self {
            Self::TimedOut { .. } | Self::QueueFull { .. } => true,
            Self::Refused { retriable, .. } => *retriable,
            Self::Fatal { is_replaced, .. } => *is_replaced,
            Self::Topic { .. }
            | Self::Encode { .. }
            | Self::NoPayload { .. }
            | Self::TooLarge { .. }
            | Self::UnknownTopic { .. }
            | Self::UnknownPartition { .. }
            | Self::NotPermitted { .. }
            | Self::Closed { .. } => false,
        }
    }

    /// Whether this template can send nothing any more.
    #[must_use]
    pub const fn is_fatal(&self) -> bool {
        matches!(
            self,
            Self::Fatal {
                is_replaced: false,
                ..
            } | Self::Closed { .. }
        )
    }

    /// Whether the record may have been written although no receipt came.
    #[must_use]
    pub const fn may_be_written(&self) -> bool {
        matches!(
            self,
            Self::TimedOut { .. }
                | Self::Fatal {
                    may_be_written: true,
                    ..
                }
        )
    }

    /// Returns the error for a record that was sent, from the client's reason.
    pub(super) fn of(reason: ProduceError, sent: SentRecord) -> Self {
        let SentRecord {
            topic,
            partition,
            bytes,
            delivery_timeout,
            max_block,
        } = sent;
        match reason {
            ProduceError::TimedOut { trouble } => Self::TimedOut {
                topic,
                waited: delivery_timeout,
                trouble,
            },
            ProduceError::TooLarge { by_client } => Self::TooLarge {
                topic,
                bytes,
                by_client,
            },
            ProduceError::UnknownTopic => Self::UnknownTopic { topic },
            ProduceError::UnknownPartition => Self::UnknownPartition {
                topic,
                partition: partition.unwrap_or(PartitionId(-1)),
            },
            ProduceError::NotPermitted => Self::NotPermitted { topic },
            ProduceError::QueueFull => Self::QueueFull {
                topic,
                waited: max_block,
            },
            ProduceError::Closed => Self::Closed { topic },
            ProduceError::Fatal {
                reason,
                may_be_written,
                is_replaced,
            } => Self::Fatal {
                topic,
                reason,
                may_be_written,
                is_replaced,
            },
            ProduceError::Replacing { reason } => Self::Fatal {
                topic,
                reason,
                may_be_written: false,
                is_replaced: true,
            },
            ProduceError::Refused { reason, retriable } => Self::Refused {
                topic,
                reason,
                retriable,
            },
        }
    }
}

impl fmt::Debug for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&error_chain(self))
    }
}
