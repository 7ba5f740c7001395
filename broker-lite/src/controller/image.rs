//! The topics at one moment.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::Topic;
use crate::replica::Partition;
use crate::types::{PartitionId, TopicId, TopicName};

/// All topics at one moment; immutable, so that a reader sees one state from start to end.
#[derive(Debug, Clone, Default)]
pub(crate) struct Image {
    by_name: BTreeMap<TopicName, Arc<Topic>>,
    by_id: HashMap<TopicId, Arc<Topic>>,
    /// Names with their dots made underscores.
    plain: HashMap<String, TopicName>,
}

impl Image {
    /// The topic of this name; any text may be asked for.
    pub(crate) fn topic(&self, name: &str) -> Option<&Arc<Topic>> {
        self.by_name.get(name)
    }

    /// The topic with this id.
    pub(crate) fn topic_by_id(&self, id: TopicId) -> Option<&Arc<Topic>> {
        self.by_id.get(&id)
    }

    /// One partition of a topic.
    pub(crate) fn partition(&self, topic: &str, id: PartitionId) -> Option<&Arc<Partition>> {
        self.topic(topic)?.partition(id)
    }

    /// All topics, by name.
    pub(crate) fn topics(&self) -> impl Iterator<Item = &Arc<Topic>> {
        self.by_name.values()
    }

    /// A topic whose metrics and folders would be mistaken for this one's: `a.b` and `a_b` are
    /// alike.
    pub(super) fn colliding(&self, name: &TopicName) -> Option<&TopicName> {
        self.plain.get(&plain(name))
    }

    pub(super) fn add(&mut self, topic: Arc<Topic>) {
        self.plain.insert(plain(topic.name()), topic.name().clone());
        self.by_id.insert(topic.id(), Arc::clone(&topic));
        self.by_name.insert(topic.name().clone(), topic);
    }

    pub(super) fn without(&self, topic: &Topic) -> Self {
        let mut image = self.clone();
        image.by_id.remove(&topic.id());
        image.by_name.remove(topic.name());
        image.plain.remove(&plain(topic.name()));
        image
    }
}

fn plain(name: &TopicName) -> String {
    name.as_str().replace('.', "_")
}
