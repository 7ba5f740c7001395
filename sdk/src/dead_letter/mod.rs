//! Dead letters: records that could not be handled, with their original bytes and the failure.
//!
//! The listener engine hands a [`DeadLetter`] to a [`DeadLetterSink`] and finishes the record only
//! when that has answered. [`DeadLetterPublisher`] is the one that writes to Kafka: to
//! `<topic>-dlt`, the same partition, with the headers that Spring Kafka writes, so that tools for
//! one read the letters of the other.
//!
//! A letter that its topic refuses for good is not offered for ever: the partition halts at the
//! record, with the reason and the size, or the letter goes to a [`DeadLetterFile`]
//! (`app.on-refused-dead-letter`) or to a sink of the application's own.

mod sink;
mod publisher;
mod destination;
pub mod headers;
mod exception;
mod file;
mod error;

pub use destination::destination;
pub use error::{DeadLetterError, Refusal};
pub use file::DeadLetterFile;
pub use publisher::DeadLetterPublisher;
pub use sink::{DeadLetter, DeadLetterSink, Failure, FailureKind};

pub use crate::types::DLT_SUFFIX;

#[cfg(test)]
mod tests;
