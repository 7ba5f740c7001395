//! The topics on the disk.

use std::sync::Arc;

use super::StoreError;
use super::topic_file::{self, TopicEntry};
use crate::metadata::{Image, Topic};
use crate::runtime::error_chain;
use crate::storage::Fs;

/// Reads and replaces the file of topics.
#[derive(Debug)]
pub(super) struct TopicStore {
    fs: Arc<dyn Fs>,
}

/// A change that could not be written.
pub(super) struct NotStored {
    pub(super) error: StoreError,
    /// Whether the disk has the topics that it had before. If not, it may have either.
    pub(super) is_as_before: bool,
}

impl TopicStore {
    pub(super) fn new(fs: Arc<dyn Fs>) -> Self {
        Self { fs }
    }

    /// Returns the stored topics, or `None` if none were ever stored.
    ///
    /// # Errors
    /// [`StoreError`] if the file cannot be read or is damaged.
    pub(super) fn load(&self) -> Result<Option<Vec<TopicEntry>>, StoreError> {
        topic_file::read(&*self.fs)
    }

    /// Writes the topics of an image. When this returns they survive `kill -9`.
    ///
    /// # Errors
    /// [`StoreError`] if the disk refuses; what it says then is not known.
    pub(super) fn save(&self, image: &Image) -> Result<(), StoreError> {
        topic_file::write(&*self.fs, image.topics().map(|topic| entry(topic)))
    }

    /// Writes the topics of `next` in place of those of `current`.
    ///
    /// # Errors
    /// [`NotStored`] if the disk refuses, with whether it still says `current`.
    pub(super) fn replace(&self, current: &Image, next: &Image) -> Result<(), NotStored> {
        self.save(next).map_err(|error| NotStored {
            error,
            is_as_before: self.restore(current),
        })
    }

    /// Makes the disk say what clients were told. A write that failed may have replaced
    /// the file and only not have made it safe; the next start would then know of a topic that
    /// nobody was told of, or have forgotten one.
    fn restore(&self, image: &Image) -> bool {
        let told: Vec<TopicEntry> = image.topics().map(|topic| entry(topic)).collect();
        if self.load().is_ok_and(|stored| stored == Some(told)) {
            return true;
        }
        let restored = self.save(image);
        if let Err(error) = &restored {
            tracing::error!(
                error = error_chain(error),
                "the catalogue on the disk may have a change that clients were told has failed"
            );
        }
        restored.is_ok()
    }
}

fn entry(topic: &Topic) -> TopicEntry {
    TopicEntry {
        name: topic.name().clone(),
        id: topic.id(),
        partitions: topic.partition_count(),
        settings: topic.settings().clone(),
    }
}
