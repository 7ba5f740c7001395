//! Async functions as handlers, and what they may answer.

mod function;
mod outcome;

pub use function::{BoxHandler, Handler};
pub use outcome::{HandlerReturn, IntoOutcome, Outcome};
