//! Failures: retries, back-off, and the end of a record whose attempts are used up.
//!
//! Pure: this room knows no clock and no I/O. The listener engine asks [`RetryPolicy::decide`].

mod class;
mod carried;
mod backoff;
mod policy;
mod text;

pub use backoff::BackOff;
pub(crate) use carried::boxed;
pub use class::{Classifier, Classify, FailureClass, class_of};
pub use policy::{Decision, InvalidRetry, OnExhausted, RetryPolicy};
pub use text::InvalidOnExhausted;
