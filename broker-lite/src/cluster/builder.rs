//! The description of a broker.

use std::io;
use std::path::Path;

use super::BrokerHandle;
use super::threads::Threads;
use crate::config::{Config, ConfigError, Settings};
use crate::node::{Node, StartError};

/// Describes a broker; each method sets a setting or adds a topic.
#[derive(Debug, Clone, Default)]
#[must_use = "a description does nothing until it is started"]
pub struct BrokerBuilder {
    settings: Settings,
    topics: Vec<(String, i32)>,
}

impl BrokerBuilder {
    pub(super) fn new() -> Self {
        Self::default().listen("127.0.0.1:0")
    }

    /// The address to listen on; port 0 takes a free one. Default: `127.0.0.1:0`. The setting
    /// `listeners`.
    pub fn listen(self, address: impl Into<String>) -> Self {
        self.set("listeners", address)
    }

    /// The folder that everything is kept in; it is created if it does not exist. Default: none,
    /// everything is kept in memory. The setting `log.dirs`.
    pub fn data_dir(self, folder: impl AsRef<Path>) -> Self {
        self.set("log.dirs", folder.as_ref().display().to_string())
    }

    /// A topic that exists once the broker has started; it is created unless the data folder has
    /// it.
    pub fn topic(mut self, name: impl Into<String>, partitions: i32) -> Self {
        self.topics.push((name.into(), partitions));
        self
    }

    /// A setting by Kafka's own name, such as `log.retention.ms`. Checked at the start.
    pub fn set(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.settings.set(key, value);
        self
    }

    /// The settings of a properties file, `KEY=VALUE` in each line; `file` names it in error
    /// messages.
    ///
    /// # Errors
    /// [`StartError::Config`] for a line that is not one.
    pub fn properties(mut self, file: &str, text: &str) -> Result<Self, StartError> {
        self.settings
            .add_properties(file, text)
            .map_err(ConfigError::from)?;
        Ok(self)
    }

    /// Starts the broker. When this returns, clients can connect.
    ///
    /// # Errors
    /// [`StartError`] says what, where and what to do; nothing is left running.
    ///
    /// # Cancel safety
    /// If the future is dropped, what has been started is stopped in the background.
    pub async fn start(self) -> Result<BrokerHandle, StartError> {
        let config = Config::resolve(self.settings)?;
        let threads = Threads::new().map_err(StartError::Threads)?;
        let node = Node::open(config, self.topics, threads.handle());
        // Opening a data folder takes blocking reads, which belong on the cluster's threads and not
        // on the caller's.
        let opened = threads.handle().spawn(node).await;
        let node = opened.map_err(|panic| StartError::Threads(io::Error::other(panic)))??;
        Ok(BrokerHandle::new(threads, node))
    }
}
