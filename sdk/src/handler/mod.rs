//! Async functions as handlers, and what they may answer.

mod function;
mod outcome;
mod observed;
mod error_type;

pub use error_type::{ClassifiedError, ErrorOf, UnclassifiedError};
pub use function::{BoxHandler, Handler};
pub use outcome::{HandlerReturn, IntoOutcome, Outcome};
