//! A topic that is to be created.

use super::TopicError;
use crate::config::{Settings, TopicConfig, TopicDefaults};
use crate::metadata::Image;
use crate::types::TopicName;

/// Most partitions of a topic. Each costs memory and, with a data folder, files.
const MAX_PARTITIONS: i32 = 10_000;

/// A topic that is to be created.
#[derive(Debug, Clone)]
pub(crate) struct NewTopic {
    pub(crate) name: TopicName,
    pub(crate) partitions: i32,
    pub(crate) settings: Settings,
}

impl NewTopic {
    /// Checks whether the topic can be created beside those of `image`, and returns the settings
    /// that it would have.
    ///
    /// # Errors
    /// [`TopicError`] with the reason why not.
    pub(super) fn check(
        &self,
        image: &Image,
        defaults: &TopicDefaults,
    ) -> Result<TopicConfig, TopicError> {
        let topic = || self.name.clone();
        if image.topic(self.name.as_str()).is_some() {
            return Err(TopicError::Exists { topic: topic() });
        }
        if let Some(other) = image.colliding(&self.name).cloned() {
            let topic = topic();
            return Err(TopicError::Collision { topic, other });
        }
        if !(1..=MAX_PARTITIONS).contains(&self.partitions) {
            return Err(TopicError::Partitions {
                wanted: self.partitions,
                most: MAX_PARTITIONS,
            });
        }
        Ok(defaults.resolve(&self.settings)?)
    }
}
