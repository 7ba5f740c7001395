//! The Kafka that a program runs on: the one it is told, or a broker of its own.

use std::path::Path;

use broker_lite::{Broker, BrokerBuilder, BrokerHandle};
use wellspring::config::Config;

/// The Kafka that a program uses.
#[derive(Debug)]
pub struct Kafka {
    bootstrap_servers: String,
    own: Option<BrokerHandle>,
}

impl Kafka {
    /// Takes the Kafka at `given`, else the one that is configured
    /// (`WELLSPRING_BOOTSTRAP_SERVERS`), and starts a broker when there is neither. That broker
    /// keeps its log in `data_dir`, or in memory.
    ///
    /// # Errors
    /// When the configuration cannot be read or the broker does not start.
    pub async fn connect(given: Option<&str>, data_dir: Option<&Path>) -> wellspring::Result<Self> {
        let mut own = Broker::builder();
        if let Some(folder) = data_dir {
            own = own.data_dir(folder);
        }
        Self::connect_or_start(given, own).await
    }

    /// The same with a broker that is described, `own`, for when there is none to connect to.
    ///
    /// # Errors
    /// When the configuration cannot be read or the broker does not start.
    pub async fn connect_or_start(
        given: Option<&str>,
        own: BrokerBuilder,
    ) -> wellspring::Result<Self> {
        if let Some(bootstrap_servers) = given {
            return Ok(Self::foreign(bootstrap_servers.to_owned()));
        }
        let config = Config::from_env()?;
        if config.is_set("kafka.bootstrap-servers") {
            return Ok(Self::foreign(config.bootstrap_servers()));
        }
        let broker = own.start().await?;
        Ok(Self {
            bootstrap_servers: broker.bootstrap().to_owned(),
            own: Some(broker),
        })
    }

    const fn foreign(bootstrap_servers: String) -> Self {
        Self {
            bootstrap_servers,
            own: None,
        }
    }

    /// The addresses that a client connects to.
    #[must_use]
    pub fn bootstrap_servers(&self) -> &str {
        &self.bootstrap_servers
    }

    /// Whether the program started this broker itself.
    #[must_use]
    pub const fn is_own(&self) -> bool {
        self.own.is_some()
    }

    /// Stops the broker if it is the program's own.
    pub async fn stop(self) {
        if let Some(broker) = self.own {
            broker.stop().await;
        }
    }
}
