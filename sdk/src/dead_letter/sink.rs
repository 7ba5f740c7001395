//! The seam between the listener engine and the place that keeps dead letters.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use futures::future::BoxFuture;

use crate::BoxError;
use crate::client::Record;
use crate::extract::ListenerId;
use crate::types::{GroupId, TopicName};

/// Keeps dead letters. The engine finishes a record only when this has answered that it is kept.
pub trait DeadLetterSink: Send + Sync + 'static {
    /// Writes one dead letter and resolves when the write is acknowledged.
    ///
    /// An error is logged, shown by health, and the letter is offered again after a back-off: the
    /// engine never drops it. With a [`DeadLetterError`](super::DeadLetterError) whose
    /// [refusal](super::DeadLetterError::refusal) is for good, the partition halts at the
    /// record instead. Dropping the future may or may not have written it.
    fn publish(&self, letter: DeadLetter) -> BoxFuture<'static, Result<(), BoxError>>;
}

/// A record that its listener gave up on.
#[derive(Clone, Debug)]
pub struct DeadLetter {
    /// The record as it came: bytes, headers, time and place.
    pub record: Record,
    /// The listener that gave up.
    pub listener: ListenerId,
    /// The listener's consumer group.
    pub group: GroupId,
    /// The topic the endpoint names for its dead letters; `None` is `<topic>-dlt`.
    pub topic: Option<TopicName>,
    /// The end of the last attempt.
    pub failure: Failure,
    /// The number of this offer of the letter, counted from 1.
    pub offer: u32,
}

/// The failure of a record's last attempt. Cloning shares the error.
#[derive(Clone)]
pub struct Failure {
    /// The part that failed.
    pub kind: FailureKind,
    /// The error, with its sources.
    pub error: Arc<dyn Error + Send + Sync>,
    /// Attempts that were made in this process, counted from 1.
    pub attempts: u32,
}

/// The parts that can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FailureKind {
    /// The handler returned an error, or asked for this end.
    Failed,
    /// An argument could not be read from the record.
    Rejected,
    /// The handler panicked.
    Panicked,
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failure")
            .field("kind", &self.kind)
            .field("error", &self.error.to_string())
            .field("attempts", &self.attempts)
            .finish()
    }
}
