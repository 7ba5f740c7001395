//! The part of a record that is kept for its receipt or its error.

use std::time::Duration;

use crate::types::{PartitionId, TopicName};

/// The part of a record that its receipt or its error tells.
#[derive(Debug, Clone)]
pub(super) struct SentRecord {
    pub(super) topic: TopicName,
    pub(super) partition: Option<PartitionId>,
    pub(super) bytes: usize,
    /// Time in which the client tries.
    pub(super) delivery_timeout: Duration,
    /// Longest wait for room.
    pub(super) max_block: Duration,
}
