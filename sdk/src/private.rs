//! What the tokens of the macros name, so that a user needs no dependency but `wellspring`.
//!
//! Nothing is made here: each line re-exports something that can be used by hand.

pub use inventory;

pub use crate::endpoint::{Endpoint, Ordering, Registration, SourceLocation};
pub use crate::extract::{FromRecord, RecordContext, Rejection, Requirements, Shared};
pub use crate::handler::{HandlerReturn, IntoOutcome};
pub use crate::retry::{Classifier, Classify, FailureClass, OnExhausted, RetryPolicy};
