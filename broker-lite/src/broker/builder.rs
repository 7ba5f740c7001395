//! What a broker shall be like.

use std::io;
use std::path::Path;
use std::thread::available_parallelism;

use tokio::runtime::{Handle, Runtime};

use super::rooms::Rooms;
use super::{BrokerHandle, StartError};
use crate::config::{Config, Settings};

/// Threads are few: the broker shares its machine with the program under test.
const MOST_THREADS: usize = 4;
/// Our deepest stack is an encoder's; a thread's memory is only taken as it is used.
const STACK: usize = 512 * 1024;

/// Describes a broker; each method replaces or adds to what is there.
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

    /// The folder that everything is kept in, made if it is not there. Default: none, all is kept
    /// in memory. The setting `log.dirs`.
    pub fn data_dir(self, folder: impl AsRef<Path>) -> Self {
        self.set("log.dirs", folder.as_ref().display().to_string())
    }

    /// A topic that is there when the broker is; it is created unless the data folder has it.
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
            .map_err(crate::ConfigError::from)?;
        Ok(self)
    }

    /// Starts the broker. When this returns, clients can connect.
    ///
    /// # Errors
    /// [`StartError`] says what, where and what to do; nothing is left running.
    ///
    /// # Cancel safety
    /// A start that is dropped half-way is undone in the background.
    pub async fn start(self) -> Result<BrokerHandle, StartError> {
        let config = Config::resolve(self.settings)?;
        let runtime = Threads::new().map_err(StartError::Threads)?;
        let rooms = Rooms::open(config, self.topics, runtime.handle());
        // Opening a data folder takes blocking reads, which belong on our threads and not on the
        // caller's.
        let opened = runtime.handle().spawn(rooms).await;
        let rooms = opened.map_err(|panic| StartError::Threads(io::Error::other(panic)))??;
        Ok(BrokerHandle::new(runtime, rooms))
    }
}

/// The broker's own threads. Dropping a runtime inside async code would panic; this one ends in the
/// background.
#[derive(Debug)]
pub(super) struct Threads {
    handle: Handle,
    /// There until the drop takes it out.
    runtime: Option<Runtime>,
}

impl Threads {
    fn new() -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(
                available_parallelism()
                    .map_or(1, usize::from)
                    .min(MOST_THREADS),
            )
            .max_blocking_threads(1)
            .thread_name("broker-lite")
            .thread_stack_size(STACK)
            .enable_all()
            .build()?;
        Ok(Self {
            handle: runtime.handle().clone(),
            runtime: Some(runtime),
        })
    }

    pub(super) fn handle(&self) -> Handle {
        self.handle.clone()
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
