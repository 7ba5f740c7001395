//! Opens, keeps and removes the partitions of this node.

use std::io;
use std::sync::{Arc, PoisonError, RwLock};

use super::hosted::HostedPartitions;
use super::{LocalView, Partition, PartitionHome, ReplicaError};
use crate::config::TopicDefaults;
use crate::log::{LogConfig, LogError, OpenMode, discard, is_partition_folder};
use crate::metadata::{MetadataCache, Topic};
use crate::runtime::{Clock, Shutdown, error_chain};
use crate::storage::Fs;
use crate::types::{PartitionId, TopicPartition};

/// The partitions that this node holds.
#[derive(Debug)]
pub(crate) struct ReplicaManager {
    fs: Arc<dyn Fs>,
    clock: Clock,
    defaults: TopicDefaults,
    metadata: Arc<MetadataCache>,
    /// Guards the pointer to the partitions. Held to copy it, and to add or take out the
    /// partitions of one topic; never while a log is opened or closed.
    hosted: RwLock<Arc<HostedPartitions>>,
}

impl ReplicaManager {
    /// A manager without partitions.
    pub(crate) fn new(
        fs: Arc<dyn Fs>,
        clock: Clock,
        defaults: TopicDefaults,
        metadata: Arc<MetadataCache>,
    ) -> Self {
        Self {
            fs,
            clock,
            defaults,
            metadata,
            hosted: RwLock::default(),
        }
    }

    /// Returns the topics and the partitions as they are now.
    pub(crate) fn view(&self) -> LocalView {
        // The image first: partitions are opened before their topic is published and removed
        // after it is gone, so the other order could miss those of a topic that is just created.
        let image = self.metadata.image();
        LocalView::new(image, self.hosted())
    }

    /// Opens all partitions of a topic. Blocks on the disk.
    ///
    /// # Errors
    /// [`ReplicaError`] if one of them cannot be opened; then this node holds none of them, and
    /// what was made of new ones is left to [`discard`](Self::discard).
    pub(crate) fn open(&self, topic: &Topic, mode: OpenMode) -> Result<(), ReplicaError> {
        let config = LogConfig::new(topic.config(), &self.defaults);
        let open = |id| {
            let home = PartitionHome {
                fs: Arc::clone(&self.fs),
                clock: self.clock.clone(),
                topic_id: topic.id(),
                mode,
                at: TopicPartition::new(topic.name().clone(), id),
            };
            Partition::open(home, config.clone())
                .map(Arc::new)
                .map_err(|source| replica_error(topic, source))
        };
        let partitions = topic.partitions().map(open).collect::<Result<_, _>>()?;
        self.change(|hosted| hosted.insert(topic.id(), partitions));
        Ok(())
    }

    /// Removes what was made of a topic that is not created after all.
    pub(crate) fn discard(&self, topic: &Topic) {
        drop(self.change(|hosted| hosted.remove(topic)));
        for id in topic.partitions() {
            let at = TopicPartition::new(topic.name().clone(), id);
            if let Err(error) = discard(&*self.fs, &at.to_string(), topic.id()) {
                tracing::warn!(topic = %at.topic, partition = %at.partition, %error, "the folder of a topic that was not created is left behind");
            }
        }
    }

    /// Removes the partitions of a deleted topic with their files; requests that wait for them wake
    /// up.
    ///
    /// # Errors
    /// [`ReplicaError`] for the first whose files cannot be removed; the others are removed.
    pub(crate) fn delete(&self, topic: &Topic) -> Result<(), ReplicaError> {
        let mut outcome = Ok(());
        for partition in self.change(|hosted| hosted.remove(topic)) {
            // Each is closed even if another fails, so that no request waits for it until its
            // deadline.
            let deleted = partition.delete();
            outcome = outcome.and(deleted.map_err(|source| replica_error(topic, source)));
        }
        outcome
    }

    /// Enforces retention at intervals, `log.retention.check.interval.ms`, until shutdown.
    pub(crate) async fn run_retention(self: Arc<Self>, mut shutdown: Shutdown) {
        loop {
            tokio::select! {
                () = self.clock.sleep(self.defaults.retention_check) => self.enforce_retention(),
                () = shutdown.requested() => return,
            }
        }
    }

    /// Deletes the segments that are past their topic's retention.
    fn enforce_retention(&self) {
        let now = self.clock.wall();
        for partition in self.hosted().all() {
            if let Err(error) = partition.enforce_retention(now) {
                let TopicPartition { topic, partition } = partition.at();
                tracing::warn!(%topic, %partition, error = error_chain(&error), "old segments not deleted");
            }
        }
    }

    /// Closes every partition, each even if another cannot be closed cleanly. They stay where they
    /// are, and say that they are closed.
    pub(crate) fn close(&self) {
        for partition in self.hosted().all() {
            if let Err(error) = partition.close() {
                let TopicPartition { topic, partition } = partition.at();
                tracing::warn!(%topic, %partition, error = error_chain(&error), "not closed cleanly; the next start takes longer");
            }
        }
    }

    /// Returns the folders that hold a partition, of whatever topic, in the order of their names.
    ///
    /// # Errors
    /// The file system's error if they cannot be listed.
    pub(crate) fn folders(&self) -> io::Result<Vec<String>> {
        let mut folders = Vec::new();
        // A volume's own folders, such as `lost+found`, may be for the system's eyes only.
        let names = self.fs.list("")?.into_iter();
        for name in names.filter(|name| name.contains('-') && !name.starts_with('.')) {
            if is_partition_folder(&*self.fs, &name)? {
                folders.push(name);
            }
        }
        folders.sort();
        Ok(folders)
    }

    /// Logs a warning for each folder with records of no topic. The folders stay: they may hold the
    /// only copy of their records.
    pub(crate) fn report_strays(&self) {
        let folders = match self.folders() {
            Ok(folders) => folders,
            Err(error) => {
                tracing::warn!(%error, "folders that belong to no topic were not looked for");
                return;
            }
        };
        let view = self.view();
        let is_known = |folder: &String| {
            parse_folder(folder).is_some_and(|(topic, id)| view.find(topic, id).is_ok())
        };
        for folder in folders.iter().filter(|folder| !is_known(folder)) {
            tracing::warn!(
                folder,
                "a folder with records belongs to no topic; it is left alone"
            );
        }
    }

    fn hosted(&self) -> Arc<HostedPartitions> {
        Arc::clone(&self.hosted.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn change<T>(&self, change: impl FnOnce(&mut HostedPartitions) -> T) -> T {
        let mut hosted = self.hosted.write().unwrap_or_else(PoisonError::into_inner);
        // Copies the table only if a request holds a view of it.
        change(Arc::make_mut(&mut *hosted))
    }
}

/// Topic and number of the partition that a folder is named after.
fn parse_folder(folder: &str) -> Option<(&str, PartitionId)> {
    let (topic, number) = folder.rsplit_once('-')?;
    Some((topic, PartitionId(number.parse().ok()?)))
}

fn replica_error(topic: &Topic, source: LogError) -> ReplicaError {
    ReplicaError {
        topic: topic.name().clone(),
        source,
    }
}
