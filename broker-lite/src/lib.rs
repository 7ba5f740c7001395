//! A small Kafka broker: a library first, a binary second.
//!
//! It speaks Kafka's wire protocol, so any stock client connects, and it is up in a few
//! milliseconds: made for learning, development and tests. Everything is kept in memory unless a
//! data folder is given.
//!
//! ```
//! # async fn demo() -> Result<(), broker_lite::StartError> {
//! let broker = broker_lite::Broker::builder().listen("127.0.0.1:0").topic("orders", 4).start().await?;
//! println!("point your client at {}", broker.bootstrap());
//! broker.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! The rooms stand above one another: a room uses only rooms printed under it.
#![forbid(unsafe_code)]

#[cfg(fuzzing)]
pub mod fuzzing;
mod broker;
mod net;
mod api;
mod group;
mod cluster;
mod partition;
mod purgatory;
mod log;
mod wire;
mod storage;
mod config;
pub mod runtime;
pub mod types;

pub use broker::{Broker, BrokerBuilder, BrokerHandle, StartError};
pub use config::{ConfigError, Problem};
