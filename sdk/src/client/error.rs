//! Errors of the Kafka client.

use crate::types::{Offset, TopicPartition};

/// The Kafka client refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The client does not start with these properties.
    #[error("the Kafka client cannot be created: {reason}")]
    Create {
        /// The client's reason.
        reason: String,
    },
    /// A request failed.
    #[error("{request} failed: {reason}")]
    Request {
        /// The request.
        request: &'static str,
        /// The reason, in the words of the client or the broker.
        reason: String,
    },
    /// Part of a log can't be read.
    #[error("{partition} cannot be read at offset {offset}: {reason}")]
    Unreadable {
        /// The partition.
        partition: TopicPartition,
        /// The first offset of what can't be read.
        offset: Offset,
        /// The client's reason.
        reason: String,
    },
    /// The answer did not come in time.
    #[error("{request} was not answered within {within:?}")]
    TimedOut {
        /// The request.
        request: &'static str,
        /// The time that was waited.
        within: std::time::Duration,
    },
}
