//! Opening and closing a node.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;

use super::{StartError, sockets};
use crate::api::{Context, FetchSessions, Router};
use crate::config::{Config, Settings};
use crate::controller::{Catalogue, Identity, NewTopic, ProducerIds};
use crate::group::{GroupCoordinator, Journal, OffsetsTopic};
use crate::net::{Limits, Listener};
use crate::runtime::{Clock, Shutdown, Tasks, chain};
use crate::storage::{DiskFs, Fs, MemoryFs};
use crate::types::TopicName;

/// How long connections may take to notice the shutdown and to end.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// One broker with everything that runs in it.
#[derive(Debug)]
pub(crate) struct Node {
    address: SocketAddr,
    clock: Clock,
    catalogue: Arc<Catalogue>,
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
        let identity = Identity::open(&*fs, config.node)?;
        let producer_ids = ProducerIds::open(Arc::clone(&fs))?;
        let catalogue = Arc::new(Catalogue::open(fs, clock.clone(), config.topics.clone())?);
        for (name, partitions) in topics {
            declare(&catalogue, &name, partitions)?;
        }

        let tasks = Arc::new(Tasks::new(runtime));
        let starting = Arc::clone(&catalogue);
        // Beside the rest of the start: it waits for the disk.
        tasks.spawn(|_shutdown| async move { starting.note_start() });
        let groups = groups(&config, &catalogue, &clock, &tasks)?;

        // The port comes last: who can connect can be served.
        let (sockets, address) = sockets::bind(&config.listen).await?;
        let limits = Limits::new(&config.network);
        let context = Context {
            clock: clock.clone(),
            identity,
            catalogue: Arc::clone(&catalogue),
            groups,
            producer_ids,
            fetch_sessions: FetchSessions::new(config.network.fetch_sessions),
            config,
        };
        let listener = Listener::new(
            sockets,
            Arc::new(Router::new(context)),
            limits,
            clock.clone(),
        );
        let connections = Arc::clone(&tasks);
        tasks.spawn(|shutdown| listener.serve(connections, shutdown));
        tasks.spawn(|shutdown| drop_old_records(Arc::clone(&catalogue), clock.clone(), shutdown));
        Ok(Self {
            address,
            clock,
            catalogue,
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
        self.catalogue.close();
    }
}

/// Reads the groups back and starts their coordinator.
fn groups(
    config: &Config,
    catalogue: &Arc<Catalogue>,
    clock: &Clock,
    tasks: &Tasks,
) -> Result<GroupCoordinator, StartError> {
    let topic = OffsetsTopic::new(
        Arc::clone(catalogue),
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

/// Enforces retention from time to time, until shutdown.
async fn drop_old_records(catalogue: Arc<Catalogue>, clock: Clock, mut shutdown: Shutdown) {
    let interval = catalogue.defaults().retention_check;
    loop {
        tokio::select! {
            () = clock.sleep(interval) => catalogue.enforce_retention(),
            () = shutdown.requested() => return,
        }
    }
}

/// Makes sure that a topic is there as it was declared.
fn declare(catalogue: &Catalogue, name: &str, partitions: i32) -> Result<(), StartError> {
    let topic = TopicName::new(name).map_err(|source| StartError::TopicName {
        topic: name.to_owned(),
        source,
    })?;
    let cannot = |reason: String| StartError::Topic {
        topic: name.to_owned(),
        reason,
    };
    let topic = catalogue
        .ensure(NewTopic {
            name: topic,
            partitions,
            settings: Settings::new(),
        })
        .map_err(|error| cannot(chain(&error)))?;
    let found = topic.partitions().len();
    if i32::try_from(found) == Ok(partitions) {
        Ok(())
    } else {
        Err(cannot(format!(
            "the data folder has it with {found} partitions, not {partitions}"
        )))
    }
}
