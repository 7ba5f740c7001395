//! The options of a listener, in three groups that are passed on whole.
//!
//! A group's file has what an option is before and after the start: what code asks for, the key
//! under `listeners.<id>` that overrides it, and the value that holds in the end.

mod consuming;
mod processing;
mod failing;

pub use consuming::Consuming;
pub(super) use consuming::ConsumingSettings;
pub use failing::Failing;
pub(super) use failing::FailingSettings;
pub use processing::Processing;
pub(super) use processing::ProcessingSettings;
