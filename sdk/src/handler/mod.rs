//! Async functions as handlers, and what they may return.

mod function;
mod outcome;
mod observed;
pub(crate) mod error_type;

pub use function::{BoxHandler, Handler};
pub use outcome::{IntoOutcome, Outcome};
