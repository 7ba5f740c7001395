//! A running listener: N consumers, each with its poll thread and its engine.
//!
//! Starting → running (the partitions are assigned) → stopping → stopped, or failed from any of
//! them.

mod builder;
mod running;
mod report;
mod exit_guard;
mod error;

pub use builder::ContainerBuilder;
pub use error::ListenerError;
pub use report::StopReport;
pub use running::Container;

#[cfg(test)]
mod tests;
