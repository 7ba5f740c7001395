//! The topics of a node: what they are, who changes them and where their logs are.

use std::sync::Arc;

use super::StartError;
use crate::config::{Config, Settings};
use crate::controller::{Controller, NewTopic};
use crate::metadata::MetadataCache;
use crate::replica::ReplicaManager;
use crate::runtime::{Clock, error_chain};
use crate::storage::Fs;
use crate::types::TopicName;

/// The modules that know topics, from their names to their logs.
pub(super) struct Topics {
    pub(super) metadata: Arc<MetadataCache>,
    pub(super) replicas: Arc<ReplicaManager>,
    pub(super) controller: Arc<Controller>,
}

impl Topics {
    /// Opens the modules and the topics of the data folder.
    ///
    /// # Errors
    /// [`StartError::Catalogue`] if what is stored is damaged or cannot be opened.
    pub(super) fn open(
        fs: Arc<dyn Fs>,
        clock: &Clock,
        config: &Config,
    ) -> Result<Self, StartError> {
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

    /// Makes sure that a topic exists with so many partitions.
    ///
    /// # Errors
    /// [`StartError::TopicName`] or [`StartError::Topic`].
    pub(super) fn declare(&self, name: &str, partitions: i32) -> Result<(), StartError> {
        let topic = TopicName::new(name).map_err(|source| StartError::TopicName {
            topic: name.to_owned(),
            source,
        })?;
        let cannot = |reason: String| StartError::Topic {
            topic: name.to_owned(),
            reason,
        };
        let topic = self
            .controller
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
}
