//! Opening and closing a node.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;

use super::{StartError, sockets};
use crate::api::{Context, Modules, Router};
use crate::config::{Config, Settings};
use crate::controller::{Controller, NewTopic, ProducerIds, open_identity};
use crate::group::{GroupCoordinator, Journal, OffsetsTopic};
use crate::metadata::MetadataCache;
use crate::net::{Limits, Listener};
use crate::replica::ReplicaManager;
use crate::runtime::{Clock, Shutdown, Tasks, error_chain};
use crate::storage::{DiskFs, Fs, MemoryFs};
use crate::types::TopicName;

/// How long connections may take to notice the shutdown and to end.
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
        topics: Vec<(String, i32)>,
        runtime: Handle,
    ) -> Result<Self, StartError> {
        if !config.ignored.is_empty() {
            tracing::warn!(
                settings = config.ignored.join(", "),
                "these settings have no effect here"
            );
        }
        let config = Arc::new(config);
        let clock = Clock::new();
        let fs = storage(&config)?;
        let identity = open_identity(&*fs, config.node)?;
        let producer_ids = ProducerIds::open(Arc::clone(&fs))?;
        let topics_of_node = Topics::open(fs, &clock, &config)?;
        for (name, partitions) in topics {
            declare(&topics_of_node.controller, &name, partitions)?;
        }

        let tasks = Arc::new(Tasks::new(runtime));
        let controller = Arc::clone(&topics_of_node.controller);
        // Concurrently with the rest of the start, since it waits for the disk.
        tasks.spawn(|_shutdown| async move { controller.record_start() });
        let groups = groups(&config, &topics_of_node, &clock, &tasks)?;

        // The port is opened last: a client that can connect can be served.
        let (sockets, address) = sockets::bind(&config.listen).await?;
        let limits = Limits::new(&config.network);
        let Topics {
            metadata,
            replicas,
            controller,
        } = topics_of_node;
        let retention_check = config.topics.retention_check;
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
        let retained = Arc::clone(&replicas);
        let retention_clock = clock.clone();
        tasks.spawn(move |shutdown| {
            enforce_retention(retained, retention_clock, retention_check, shutdown)
        });
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

/// What knows about topics, from what they are to their logs.
struct Topics {
    metadata: Arc<MetadataCache>,
    replicas: Arc<ReplicaManager>,
    controller: Arc<Controller>,
}

impl Topics {
    fn open(fs: Arc<dyn Fs>, clock: &Clock, config: &Config) -> Result<Self, StartError> {
        let metadata = Arc::new(MetadataCache::default());
        let replicas = Arc::new(ReplicaManager::new(
            Arc::clone(&fs),
            clock.clone(),
            config.topics.clone(),
            Arc::clone(&metadata),
        ));
        let controller = Controller::open(
            fs,
            config.topics.clone(),
            Arc::clone(&metadata),
            Arc::clone(&replicas),
        )?;
        Ok(Self {
            metadata,
            replicas,
            controller: Arc::new(controller),
        })
    }
}

/// Reads the groups back and starts their coordinator.
fn groups(
    config: &Config,
    topics: &Topics,
    clock: &Clock,
    tasks: &Tasks,
) -> Result<GroupCoordinator, StartError> {
    let topic = OffsetsTopic::new(
        Arc::clone(&topics.controller),
        Arc::clone(&topics.replicas),
        clock.clone(),
        config.groups.offsets_partitions,
    );
    let replay = topic
        .replay()
        .map_err(|error| StartError::Groups(error.to_string()))?;
    let journal: Arc<dyn Journal> = Arc::new(topic);
    Ok(GroupCoordinator::start(
        config.groups,
        &journal,
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

/// Enforces retention at intervals, until shutdown.
async fn enforce_retention(
    replicas: Arc<ReplicaManager>,
    clock: Clock,
    interval: Duration,
    mut shutdown: Shutdown,
) {
    loop {
        tokio::select! {
            () = clock.sleep(interval) => replicas.enforce_retention(),
            () = shutdown.requested() => return,
        }
    }
}

/// Makes sure that a topic is there as it was declared.
fn declare(controller: &Controller, name: &str, partitions: i32) -> Result<(), StartError> {
    let topic = TopicName::new(name).map_err(|source| StartError::TopicName {
        topic: name.to_owned(),
        source,
    })?;
    let cannot = |reason: String| StartError::Topic {
        topic: name.to_owned(),
        reason,
    };
    let topic = controller
        .ensure(NewTopic {
            name: topic,
            partitions,
            settings: Settings::new(),
        })
        .map_err(|error| cannot(error_chain(&error)))?;
    let found = topic.partition_count();
    if found == partitions {
        Ok(())
    } else {
        Err(cannot(format!(
            "the data folder has it with {found} partitions, not {partitions}"
        )))
    }
}
