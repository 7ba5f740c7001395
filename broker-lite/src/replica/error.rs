//! Errors of opening and removing partitions.

use crate::log::LogError;
use crate::types::TopicName;

/// A partition could not be opened or removed.
#[derive(Debug, thiserror::Error)]
#[error("a partition of topic {topic} cannot be opened or removed")]
pub(crate) struct ReplicaError {
    /// The topic of the partition.
    pub(crate) topic: TopicName,
    /// The error of its log.
    pub(crate) source: LogError,
}
