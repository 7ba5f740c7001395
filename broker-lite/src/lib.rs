//! A small Kafka broker: a library first, a binary second.
//!
//! The rooms stand above one another: a room uses only rooms printed under it.
#![forbid(unsafe_code)]

mod net;
mod api;
mod group;
mod partition;
mod log;
mod wire;
mod storage;
pub mod runtime;
pub mod types;
