//! The life of a listener: N consumers, each with its poll thread and its engine.
//!
//! Starting → running (the partitions are assigned) → stopping → stopped, or failed from any of
//! them.

mod running;
mod builder;
mod member;

pub use builder::ContainerBuilder;
pub use running::{Container, StopReport};

#[cfg(test)]
mod tests;
