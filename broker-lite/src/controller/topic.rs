//! One topic: a name, an id, settings and partitions.

use std::sync::Arc;

use crate::config::Settings;
use crate::replica::Partition;
use crate::types::{PartitionId, TopicId, TopicName};

/// The topic that keeps the offsets of groups.
const INTERNAL: &[&str] = &["__consumer_offsets"];

/// One topic. It does not change: a change makes another one.
#[derive(Debug)]
pub(crate) struct Topic {
    name: TopicName,
    id: TopicId,
    /// What was set on this topic; all else comes from the broker's settings.
    settings: Settings,
    partitions: Vec<Arc<Partition>>,
}

impl Topic {
    pub(super) fn new(
        name: TopicName,
        id: TopicId,
        settings: Settings,
        partitions: Vec<Arc<Partition>>,
    ) -> Self {
        Self {
            name,
            id,
            settings,
            partitions,
        }
    }

    /// Its name.
    pub(crate) fn name(&self) -> &TopicName {
        &self.name
    }

    /// Its id, which no other topic has or had.
    pub(crate) fn id(&self) -> TopicId {
        self.id
    }

    /// What was set on this topic.
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Its partitions, in order.
    pub(crate) fn partitions(&self) -> &[Arc<Partition>] {
        &self.partitions
    }

    /// One of its partitions.
    pub(crate) fn partition(&self, id: PartitionId) -> Option<&Arc<Partition>> {
        self.partitions.get(usize::try_from(id.0).ok()?)
    }

    /// Whether it belongs to the broker itself; clients read it, only the broker writes it.
    pub(crate) fn is_internal(&self) -> bool {
        is_internal(&self.name)
    }
}

/// Whether a topic of this name belongs to the broker itself.
pub(crate) fn is_internal(name: &TopicName) -> bool {
    INTERNAL.contains(&name.as_str())
}
