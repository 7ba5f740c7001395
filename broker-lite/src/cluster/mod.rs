//! The public face of the library: a builder for a broker, and the handle on it while it runs.
//!
//! It is a cluster of one node. The cluster has threads and a runtime of its own: a caller that
//! blocks its threads or pauses its clock does not stop it, and dropping the handle inside async
//! code neither panics nor blocks.

mod builder;
mod handle;
mod threads;

pub use builder::BrokerBuilder;
pub use handle::BrokerHandle;

/// The entry point of the library; see [`Broker::builder`].
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
