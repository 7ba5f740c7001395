//! One topic: a name, an id, settings and a number of partitions.

use crate::config::{Settings, TopicConfig};
use crate::types::{PartitionId, TopicId, TopicName};

/// Topics that belong to the broker: clients read them, only the broker writes them.
const INTERNAL: &[&str] = &["__consumer_offsets"];

/// One topic. It does not change: a change makes another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Topic {
    name: TopicName,
    id: TopicId,
    partitions: i32,
    /// The settings of this topic itself, as text; all others come from the broker's settings.
    settings: Settings,
    /// All settings in force.
    config: TopicConfig,
}

impl Topic {
    /// A topic with `partitions` partitions, its own `settings` and the `config` that they come to.
    pub(crate) const fn new(
        name: TopicName,
        id: TopicId,
        partitions: i32,
        settings: Settings,
        config: TopicConfig,
    ) -> Self {
        Self {
            name,
            id,
            partitions,
            settings,
            config,
        }
    }

    /// Returns its name.
    pub(crate) const fn name(&self) -> &TopicName {
        &self.name
    }

    /// Returns its id, which no other topic has or had.
    pub(crate) const fn id(&self) -> TopicId {
        self.id
    }

    /// Returns the settings of this topic itself.
    pub(crate) const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Returns all settings in force.
    pub(crate) const fn config(&self) -> &TopicConfig {
        &self.config
    }

    /// Returns the number of its partitions.
    pub(crate) const fn partition_count(&self) -> i32 {
        self.partitions
    }

    /// Returns its partitions, in order.
    pub(crate) fn partitions(&self) -> impl Iterator<Item = PartitionId> + use<> {
        (0..self.partitions).map(PartitionId)
    }

    /// Whether it has this partition.
    pub(crate) fn has(&self, partition: PartitionId) -> bool {
        (0..self.partitions).contains(&partition.0)
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
