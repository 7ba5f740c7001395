//! Builds the rooms bottom up and stops them top down.
//!
//! A broker has threads and a runtime of its own: a caller that blocks its threads or pauses its
//! clock does not stop it, and dropping the handle inside async code neither panics nor blocks.

mod builder;
mod error;
mod handle;
mod rooms;
mod sockets;

pub use builder::BrokerBuilder;
pub use error::StartError;
pub use handle::BrokerHandle;

/// A broker to be; see [`Broker::builder`].
#[derive(Debug, Clone, Copy)]
pub struct Broker;

impl Broker {
    /// Describes a broker, to be started with [`BrokerBuilder::start`].
    ///
    /// By default it listens on a free port of 127.0.0.1, keeps everything in memory and has no
    /// topics.
    pub fn builder() -> BrokerBuilder {
        BrokerBuilder::new()
    }
}
