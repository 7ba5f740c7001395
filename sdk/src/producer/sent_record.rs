//! What is kept of a record that was sent, for its receipt or its error.

use std::time::Duration;

use crate::types::{PartitionId, TopicName};

/// What a receipt or an error tells of a record that was sent.
#[derive(Debug, Clone)]
pub(super) struct SentRecord {
    pub(super) topic: TopicName,
    pub(super) partition: Option<PartitionId>,
    pub(super) bytes: usize,
    /// How long the client tries.
    pub(super) delivery_timeout: Duration,
    /// How long it may wait for room.
    pub(super) max_block: Duration,
}
