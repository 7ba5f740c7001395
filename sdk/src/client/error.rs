//! Why the Kafka client could not do what it was asked.

use crate::types::{Offset, TopicPartition};

/// The Kafka client refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// It does not start with these properties.
    #[error("the Kafka client cannot be created: {reason}")]
    Create {
        /// What the client says.
        reason: String,
    },
    /// A request failed.
    #[error("{request} failed: {reason}")]
    Request {
        /// What was asked.
        request: &'static str,
        /// What the client or the broker says.
        reason: String,
    },
    /// What is in a log can't be read.
    #[error("{partition} cannot be read at offset {offset}: {reason}")]
    Unreadable {
        /// The partition.
        partition: TopicPartition,
        /// The first offset of what can't be read.
        offset: Offset,
        /// What the client says.
        reason: String,
    },
    /// The answer did not come in time.
    #[error("{request} was not answered within {within:?}")]
    TimedOut {
        /// What was asked.
        request: &'static str,
        /// How long we waited.
        within: std::time::Duration,
    },
}
