//! The topics at one moment.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::Topic;
use crate::types::{TopicId, TopicName};

/// All topics at one moment; a published image does not change.
#[derive(Debug, Clone, Default)]
pub(crate) struct Image {
    by_name: BTreeMap<TopicName, Arc<Topic>>,
    by_id: HashMap<TopicId, Arc<Topic>>,
    /// Names by how metrics spell them, with dots made underscores.
    by_metric_name: HashMap<String, TopicName>,
}

impl Image {
    /// Returns the topic of this name; any text may be asked for.
    pub(crate) fn topic(&self, name: &str) -> Option<&Arc<Topic>> {
        self.by_name.get(name)
    }

    /// Returns the topic with this id.
    pub(crate) fn topic_by_id(&self, id: TopicId) -> Option<&Arc<Topic>> {
        self.by_id.get(&id)
    }

    /// Returns all topics, by name.
    pub(crate) fn topics(&self) -> impl Iterator<Item = &Arc<Topic>> {
        self.by_name.values()
    }

    /// Returns the topic whose metrics could not be told from those of a topic of this name: `a.b`
    /// and `a_b` collide.
    pub(crate) fn colliding(&self, name: &TopicName) -> Option<&TopicName> {
        self.by_metric_name.get(&metric_name(name))
    }

    /// Adds a topic.
    pub(crate) fn add(&mut self, topic: Arc<Topic>) {
        self.by_metric_name
            .insert(metric_name(topic.name()), topic.name().clone());
        self.by_id.insert(topic.id(), Arc::clone(&topic));
        self.by_name.insert(topic.name().clone(), topic);
    }

    /// Returns an image without this topic.
    pub(crate) fn without(&self, topic: &Topic) -> Self {
        let mut image = self.clone();
        image.by_id.remove(&topic.id());
        image.by_name.remove(topic.name());
        image.by_metric_name.remove(&metric_name(topic.name()));
        image
    }
}

fn metric_name(name: &TopicName) -> String {
    name.as_str().replace('.', "_")
}
