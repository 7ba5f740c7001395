//! What a sender gets back.

use std::fmt;

use super::error::SendError;
use crate::types::{Offset, PartitionId, Timestamp, TopicName};

/// What a send resolves to.
pub type SendResult = Result<SendReceipt, SendError>;

/// Where a record was written. With `acks=all` every in-sync replica has it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SendReceipt {
    /// The topic.
    pub topic: TopicName,
    /// The partition that was chosen.
    pub partition: PartitionId,
    /// Its place there; -1 with `acks=0`, where no broker says.
    pub offset: Offset,
    /// The time it was written with.
    pub timestamp: Timestamp,
}

/// What a method of a [`kafka_producer`](macro@crate::kafka_producer) trait may answer: a
/// [`SendResult`].
#[diagnostic::on_unimplemented(
    message = "a send method answers `SendResult`, not `{Self}`",
    label = "not `SendResult`",
    note = "it is `Result<SendReceipt, SendError>`: where the record is, or why it is nowhere"
)]
pub trait SendAnswer {
    /// The answer for this result.
    fn of(result: SendResult) -> Self;
}

impl SendAnswer for SendResult {
    fn of(result: SendResult) -> Self {
        result
    }
}

impl fmt::Display for SendReceipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}@{}", self.topic, self.partition, self.offset)
    }
}
