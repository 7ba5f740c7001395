//! Where records go that could not be handled: with their original bytes, and with what failed.

mod sink;

pub use sink::{DeadLetter, DeadLetterSink, Failure, FailureKind};
