//! The Kafka that a program runs on: the one it is told, or a broker of its own.

use std::path::Path;

use broker_lite::{Broker, BrokerBuilder, BrokerHandle};
use wellspring::app::App;
use wellspring::config::Config;

/// The Kafka that a program uses.
#[derive(Debug)]
pub struct Kafka {
    bootstrap_servers: String,
    /// Whether the configuration names it; then it may say more than addresses, such as a protocol.
    is_configured: bool,
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
            return Ok(Self {
                bootstrap_servers: bootstrap_servers.to_owned(),
                is_configured: false,
                own: None,
            });
        }
        let config = Config::from_env()?;
        if config.is_set("kafka.bootstrap-servers") {
            return Ok(Self {
                bootstrap_servers: config.bootstrap_servers(),
                is_configured: true,
                own: None,
            });
        }
        let broker = own.start().await?;
        Ok(Self {
            bootstrap_servers: broker.bootstrap().to_owned(),
            is_configured: false,
            own: Some(broker),
        })
    }

    /// Points an application that was made from the environment at this Kafka.
    pub fn configure(&self, app: App) -> App {
        match self.to_set() {
            Some(addresses) => app.set("kafka.bootstrap-servers", addresses),
            None => app,
        }
    }

    /// Returns the addresses to set in code; `None` for a Kafka that is configured, since addresses
    /// set in code would take the place of the configured ones with all that these say.
    fn to_set(&self) -> Option<&str> {
        (!self.is_configured).then_some(self.bootstrap_servers.as_str())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configured_address_is_not_set_again_without_its_protocol() {
        let kafka = |is_configured| Kafka {
            bootstrap_servers: "kafka:9093".to_owned(),
            is_configured,
            own: None,
        };
        assert_eq!(kafka(true).to_set(), None);
        assert_eq!(kafka(false).to_set(), Some("kafka:9093"));
    }
}
