//! Where records go that could not be handled: with their original bytes, and with what failed.
//!
//! The listener engine hands a [`DeadLetter`] to a [`DeadLetterSink`] and finishes the record only when that
//! has answered. [`DeadLetterPublisher`] is the one that writes to Kafka: to `<topic>-dlt`, the same partition,
//! with the headers that Spring Kafka writes, so that tools for one read the letters of the other.

mod sink;
mod publisher;
mod destination;
pub mod headers;
mod exception;
mod error;

pub use crate::types::DLT_SUFFIX;
pub use destination::destination;
pub use error::DeadLetterError;
pub use publisher::DeadLetterPublisher;
pub use sink::{DeadLetter, DeadLetterSink, Failure, FailureKind};

#[cfg(test)]
mod tests;
