//! Why this node cannot hold a partition.

use crate::log::LogError;
use crate::types::TopicName;

/// Why a partition could not be opened or removed.
#[derive(Debug, thiserror::Error)]
#[error("a partition of topic {topic} cannot be opened or removed")]
pub(crate) struct ReplicaError {
    /// Its topic.
    pub(crate) topic: TopicName,
    /// What its log says.
    pub(crate) source: LogError,
}
