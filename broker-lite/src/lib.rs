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
//! The modules are listed from the top down: a module uses only modules listed under it.
#![forbid(unsafe_code)]

#[cfg(fuzzing)]
pub mod fuzzing;
mod cluster;
mod node;
mod net;
mod api;
mod group;
mod state_log;
mod controller;
mod replica;
mod metadata;
mod purgatory;
mod log;
mod wire;
mod storage;
mod config;
pub mod runtime;
pub mod types;

pub use cluster::{Broker, BrokerBuilder, BrokerHandle};
pub use config::{ConfigError, Problem};
pub use node::StartError;
