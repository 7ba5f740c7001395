//! The Kafkas that a scenario can run on, and which of them are there.
//!
//! A [`Target`] is available, or absent for a reason that a person can act on. Finding out costs a
//! look at the path or at a socket. Starting one costs up to seconds, so it happens when the first
//! scenario asks ([`Target::lease`]), once, and everything is stopped when the target is dropped.
//!
//! A scenario that kills, freezes or damages its Kafka has one of its own (`own`): broker-lite
//! and Kafka on the JVM can do that, a container and somebody else's Kafka can't.

pub mod broker_lite;
pub mod container;
pub mod external;
pub mod jvm;
mod kafka;
mod kind;
mod lease;
mod selection;
pub(crate) mod single_node;

pub use kafka::Kafka;
pub use kind::Kind;
pub use lease::{Lease, Shared, Target};
pub use selection::{Selection, UnknownTarget};
