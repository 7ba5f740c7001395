//! The receipt of a send.

use std::fmt;

use super::error::SendError;
use crate::types::{Offset, PartitionId, Timestamp, TopicName};

/// The result of a send.
pub type SendResult = Result<SendReceipt, SendError>;

/// The place of a written record. With `acks=all` every in-sync replica has it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SendReceipt {
    /// The topic.
    pub topic: TopicName,
    /// The partition that was chosen.
    pub partition: PartitionId,
    /// The record's offset; -1 with `acks=0`, where no broker says.
    pub offset: Offset,
    /// The time it was written with.
    pub timestamp: Timestamp,
}

/// The answer of a method of a [`kafka_producer`](macro@crate::kafka_producer) trait: a
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
