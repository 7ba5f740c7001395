//! A small Kafka broker: a library first, a binary second.
//!
//! The rooms stand above one another: a room uses only rooms printed under it.

pub mod runtime;
pub mod types;
