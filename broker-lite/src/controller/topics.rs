//! Creating, deleting and opening topics.

use std::sync::{Arc, Mutex, PoisonError};

use super::start_epoch::StartEpoch;
use super::store::{NotStored, TopicStore};
use super::topic_file::TopicEntry;
use super::{NewTopic, StoreError, TopicError};
use crate::config::TopicDefaults;
use crate::log::OpenMode;
use crate::metadata::{Image, MetadataCache, Topic};
use crate::replica::ReplicaManager;
use crate::storage::Fs;
use crate::types::TopicId;

/// Makes every change of the topics.
///
/// A change blocks its thread on the disk: a few milliseconds, and changes of topics are rare.
#[derive(Debug)]
pub(crate) struct Controller {
    store: TopicStore,
    start: StartEpoch,
    defaults: TopicDefaults,
    metadata: Arc<MetadataCache>,
    replicas: Arc<ReplicaManager>,
    /// Held for the whole of a change, so that changes are made one after the other.
    changing: Mutex<()>,
}

impl Controller {
    /// Opens all topics that are stored and publishes them.
    ///
    /// # Errors
    /// [`StoreError`] if what is stored is damaged or missing, or a partition cannot be opened.
    pub(crate) fn open(
        fs: Arc<dyn Fs>,
        defaults: TopicDefaults,
        metadata: Arc<MetadataCache>,
        replicas: Arc<ReplicaManager>,
    ) -> Result<Self, StoreError> {
        let controller = Self {
            start: StartEpoch::next(Arc::clone(&fs))?,
            store: TopicStore::new(fs),
            defaults,
            metadata,
            replicas,
            changing: Mutex::default(),
        };
        let mode = OpenMode::Existing {
            min_epoch: controller.start.epoch(),
        };
        let mut image = Image::default();
        for entry in controller.stored()? {
            let topic = controller.topic(entry)?;
            controller.replicas.open(&topic, mode)?;
            image.add(Arc::new(topic));
        }
        controller.metadata.publish(image);
        controller.replicas.report_strays();
        Ok(controller)
    }

    /// Returns the stored topics. There is a file of topics from the first start on.
    fn stored(&self) -> Result<Vec<TopicEntry>, StoreError> {
        if let Some(entries) = self.store.load()? {
            return Ok(entries);
        }
        let folders = self.replicas.folders();
        let folders = folders.map_err(|source| StoreError::Storage {
            file: "the data folder",
            doing: "read",
            source,
        })?;
        // Records without the file of topics: it is lost, and to start with none would invite
        // clients to create topics over what is there.
        if let Some(folder) = folders.into_iter().next() {
            return Err(StoreError::Lost { folder });
        }
        self.store.save(&Image::default())?;
        Ok(Vec::new())
    }

    fn topic(&self, entry: TopicEntry) -> Result<Topic, StoreError> {
        let TopicEntry {
            name,
            id,
            partitions,
            settings,
        } = entry;
        match self.defaults.resolve(&settings) {
            Ok(config) => Ok(Topic::new(name, id, partitions, settings, config)),
            Err(source) => Err(StoreError::Settings {
                topic: name,
                source,
            }),
        }
    }

    /// Writes the number of this start to the disk. To be called once, soon after the start: it
    /// keeps leader epochs from being used twice after a loss of power.
    pub(crate) fn record_start(&self) {
        self.start.record();
    }

    /// Checks whether a topic could be created.
    ///
    /// # Errors
    /// [`TopicError`] with the reason why not.
    pub(crate) fn check(&self, topic: &NewTopic) -> Result<(), TopicError> {
        topic
            .check(&self.metadata.image(), &self.defaults)
            .map(drop)
    }

    /// Creates a topic. When this returns it survives `kill -9`.
    ///
    /// # Errors
    /// [`TopicError`] with the reason why not; there is no such topic then.
    pub(crate) fn create(&self, topic: NewTopic) -> Result<Arc<Topic>, TopicError> {
        self.create_all([topic])?
            .pop()
            .unwrap_or(Err(TopicError::Unknown))
    }

    /// Creates topics with one write to the disk; each succeeds or fails for itself.
    ///
    /// # Errors
    /// [`StoreError`] if the disk refuses that write: none of them is created then.
    pub(crate) fn create_all(
        &self,
        topics: impl IntoIterator<Item = NewTopic>,
    ) -> Result<Vec<Result<Arc<Topic>, TopicError>>, StoreError> {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let current = self.metadata.image();
        let mut next = Image::clone(&current);
        let create = |topic| {
            let topic = Arc::new(self.open_new(&next, topic)?);
            next.add(Arc::clone(&topic));
            Ok(topic)
        };
        let outcomes: Vec<Result<Arc<Topic>, TopicError>> =
            topics.into_iter().map(create).collect();
        let created = || outcomes.iter().flatten();
        if created().next().is_some() {
            // Stored before it is published: what a client was told of is there after a crash.
            self.store
                .replace(&current, &next)
                .map_err(|not_stored| self.undo(created(), not_stored))?;
            self.metadata.publish(next);
        }
        for topic in created() {
            tracing::info!(topic = %topic.name(), partitions = topic.partition_count(), "topic created");
        }
        Ok(outcomes)
    }

    /// Opens the partitions of a topic that `image` does not have. On an error nothing is left.
    fn open_new(&self, image: &Image, topic: NewTopic) -> Result<Topic, TopicError> {
        let config = topic.check(image, &self.defaults)?;
        let NewTopic {
            name,
            partitions,
            settings,
        } = topic;
        let topic = Topic::new(name, TopicId::random(), partitions, settings, config);
        self.replicas
            .open(&topic, OpenMode::Create)
            .inspect_err(|_| self.replicas.discard(&topic))?;
        Ok(topic)
    }

    /// Removes topics that could not be stored.
    fn undo<'a>(
        &self,
        topics: impl Iterator<Item = &'a Arc<Topic>>,
        not_stored: NotStored,
    ) -> StoreError {
        // If the disk may know the topics, their folders stay: the next start would miss them.
        if not_stored.is_as_before {
            topics.for_each(|topic| self.replicas.discard(topic));
        }
        not_stored.error
    }

    /// Returns the topic of this name, created now if it does not exist.
    ///
    /// # Errors
    /// [`TopicError`] if it does not exist and cannot be created.
    pub(crate) fn ensure(&self, topic: NewTopic) -> Result<Arc<Topic>, TopicError> {
        let name = topic.name.clone();
        let existing = || self.metadata.image().topic(name.as_str()).cloned();
        if let Some(topic) = existing() {
            return Ok(topic);
        }
        match self.create(topic) {
            // Another request created it in the meantime.
            Err(TopicError::Exists { .. }) => existing().ok_or(TopicError::Unknown),
            created => created,
        }
    }

    /// Deletes a topic with its records; requests that wait for it wake up.
    ///
    /// # Errors
    /// [`TopicError`]: unknown, not allowed, or its files cannot be removed (then the topic is gone
    /// and the files remain).
    pub(crate) fn delete(&self, id: TopicId) -> Result<(), TopicError> {
        if !self.defaults.deletable {
            return Err(TopicError::DeletionDisabled);
        }
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let current = self.metadata.image();
        let topic = current.topic_by_id(id).ok_or(TopicError::Unknown)?;
        let next = current.without(topic);
        // Out of the stored topics first: a crash in between leaves files that nobody opens. The
        // other order would leave a topic whose files are gone.
        self.store
            .replace(&current, &next)
            .map_err(|not_stored| not_stored.error)?;
        self.metadata.publish(next);
        tracing::info!(topic = %topic.name(), "topic deleted");
        Ok(self.replicas.delete(topic)?)
    }
}
