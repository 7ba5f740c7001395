//! The topics at one moment.

use super::Topic;
use crate::partition::Partition;
use crate::types::{PartitionId, TopicId, TopicName};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// All topics at one moment; immutable, so that a reader sees one state from start to end.
#[derive(Debug, Clone, Default)]
pub(crate) struct Image {
    by_name: BTreeMap<TopicName, Arc<Topic>>,
    by_id: HashMap<TopicId, Arc<Topic>>,
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

    /// A topic whose metrics and folders would be mistaken for this one's: `a.b` and `a_b` are alike.
    pub(super) fn look_alike(&self, name: &TopicName) -> Option<&TopicName> {
        let plain = |name: &TopicName| name.as_str().replace('.', "_");
        let wanted = plain(name);
        self.by_name.keys().find(|other| plain(other) == wanted)
    }

    pub(super) fn with(&self, topic: Arc<Topic>) -> Self {
        let mut image = self.clone();
        image.by_id.insert(topic.id(), Arc::clone(&topic));
        image.by_name.insert(topic.name().clone(), topic);
        image
    }

    pub(super) fn without(&self, topic: &Topic) -> Self {
        let mut image = self.clone();
        image.by_id.remove(&topic.id());
        image.by_name.remove(topic.name());
        image
    }
}
