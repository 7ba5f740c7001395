//! Opening and closing a node.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;

use super::topics::Topics;
use super::{StartError, sockets};
use crate::api::{Context, Modules, Router};
use crate::config::Config;
use crate::controller::{ProducerIds, open_identity};
use crate::group::{GroupCoordinator, Record, offsets_topic};
use crate::net::{Limits, Listener};
use crate::replica::ReplicaManager;
use crate::runtime::{Clock, Tasks};
use crate::state_log::StateLog;
use crate::storage::{DiskFs, Fs, MemoryFs};

/// Longest wait for connections to notice the shutdown and to end.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// One broker with everything that runs in it.
#[derive(Debug)]
pub(crate) struct Node {
    address: SocketAddr,
    clock: Clock,
    replicas: Arc<ReplicaManager>,
    tasks: Arc<Tasks>,
}

impl Node {
    /// Opens the modules; when this returns, clients can connect.
    ///
    /// # Errors
    /// [`StartError`]: what is wrong and what to do.
    pub(crate) async fn open(
        config: Config,
        declared: Vec<(String, i32)>,
        runtime: Handle,
    ) -> Result<Self, StartError> {
        warn_of_ignored(&config);
        let config = Arc::new(config);
        let clock = Clock::new();
        let fs = storage(&config)?;
        let identity = open_identity(&*fs, config.node)?;
        let producer_ids = ProducerIds::open(Arc::clone(&fs))?;
        let topics = Topics::open(fs, &clock, &config)?;
        for (name, partitions) in declared {
            topics.declare(&name, partitions)?;
        }

        let tasks = Arc::new(Tasks::new(runtime));
        let controller = Arc::clone(&topics.controller);
        // Concurrently with the rest of the start, since it waits for the disk.
        tasks.spawn(|_shutdown| async move { controller.record_start() });
        let groups = groups(&config, &topics, &clock, &tasks)?;

        // The port is opened last: a client that can connect can be served.
        let (sockets, address) = sockets::bind(&config.listen).await?;
        let limits = Limits::new(&config.network);
        let Topics {
            metadata,
            replicas,
            controller,
        } = topics;
        let context = Context::new(Modules {
            clock: clock.clone(),
            identity,
            metadata,
            replicas: Arc::clone(&replicas),
            controller,
            groups,
            producer_ids,
            config,
        });
        let listener = Listener::new(
            sockets,
            Arc::new(Router::new(context)),
            limits,
            clock.clone(),
        );
        let connections = Arc::clone(&tasks);
        tasks.spawn(|shutdown| listener.serve(connections, shutdown));
        tasks.spawn(|shutdown| Arc::clone(&replicas).run_retention(shutdown));
        Ok(Self {
            address,
            clock,
            replicas,
            tasks,
        })
    }

    /// Returns the address that the node listens on.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Closes the modules top down: connections and groups first, then logs.
    pub(crate) async fn close(&self) {
        tokio::select! {
            () = self.tasks.stopped() => {}
            () = self.clock.sleep(CLOSE_TIMEOUT) => tracing::warn!("some connections did not end in time"),
        }
        self.replicas.close();
    }
}

/// Reads the groups back and starts their coordinator.
fn groups(
    config: &Config,
    topics: &Topics,
    clock: &Clock,
    tasks: &Tasks,
) -> Result<GroupCoordinator, StartError> {
    let topic = offsets_topic(
        Arc::clone(&topics.controller),
        Arc::clone(&topics.replicas),
        clock.clone(),
        config.groups.offsets_partitions,
    );
    let replay = topic
        .replay()
        .map_err(|error| StartError::Groups(error.to_string()))?;
    let log: Arc<dyn StateLog<Record>> = Arc::new(topic);
    Ok(GroupCoordinator::start(
        config.groups,
        &log,
        clock,
        replay,
        tasks,
    ))
}

/// Memory, or the data folder if one is set.
fn storage(config: &Config) -> Result<Arc<dyn Fs>, StartError> {
    match &config.data_dir {
        None => Ok(Arc::new(MemoryFs::default())),
        Some(folder) => {
            let disk = DiskFs::open(Path::new(folder));
            Ok(Arc::new(disk.map_err(|error| {
                StartError::DataFolder(Box::new(error))
            })?))
        }
    }
}

fn warn_of_ignored(config: &Config) {
    if !config.ignored.is_empty() {
        tracing::warn!(
            settings = config.ignored.join(", "),
            "these settings have no effect here"
        );
    }
}
