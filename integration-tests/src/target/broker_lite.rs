//! broker-lite in this process: one per scenario, since a start costs milliseconds.

use broker_lite::{Broker, BrokerHandle, StartError};

use super::Kafka;

/// A broker-lite that lives as long as this value.
#[derive(Debug)]
pub struct InProcess {
    broker: BrokerHandle,
}

/// The reason why it did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InProcessError {
    /// There is no runtime to start it from. The broker itself has its own.
    #[error("cannot start a runtime")]
    Runtime(#[from] std::io::Error),
    /// The broker refused.
    #[error("broker-lite did not start")]
    Broker(#[from] StartError),
}

impl InProcess {
    /// Starts a broker on a free port of 127.0.0.1, in memory, at its defaults. Blocks for
    /// milliseconds.
    ///
    /// # Errors
    ///
    /// What the broker says, which at its defaults can only be that the system has no port or
    /// thread left.
    pub fn start() -> Result<Self, InProcessError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let broker = runtime.block_on(Broker::builder().listen("127.0.0.1:0").start())?;
        Ok(Self { broker })
    }
}

impl Kafka for InProcess {
    fn bootstrap(&self) -> &str {
        self.broker.bootstrap()
    }
}
