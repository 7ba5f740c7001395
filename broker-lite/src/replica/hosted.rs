//! The partitions that this node holds, at one moment.

use std::collections::HashMap;
use std::sync::Arc;

use super::Partition;
use crate::metadata::{Image, Topic};
use crate::types::{PartitionId, TopicId};

/// Open partitions, by the id of their topic and their number in it.
///
/// By id and not by name, so that a topic that is deleted and created again never gets the
/// partitions of the earlier one.
#[derive(Debug, Clone, Default)]
pub(super) struct HostedPartitions {
    partitions: HashMap<(TopicId, PartitionId), Arc<Partition>>,
}

impl HostedPartitions {
    pub(super) fn get(&self, topic: TopicId, id: PartitionId) -> Option<&Arc<Partition>> {
        self.partitions.get(&(topic, id))
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<Partition>> {
        self.partitions.values()
    }

    pub(super) fn insert(&mut self, topic: TopicId, partitions: Vec<Arc<Partition>>) {
        let entry = |partition: Arc<Partition>| ((topic, partition.at().partition), partition);
        self.partitions.extend(partitions.into_iter().map(entry));
    }

    /// Takes the partitions of a topic out.
    pub(super) fn remove(&mut self, topic: &Topic) -> Vec<Arc<Partition>> {
        topic
            .partitions()
            .filter_map(|id| self.partitions.remove(&(topic.id(), id)))
            .collect()
    }
}

/// The topics of the cluster and the partitions of them that this node holds, at one moment.
///
/// A request takes one view and answers by it. What it leads to may be closed meanwhile, which the
/// partition says itself.
#[derive(Debug, Clone)]
pub(crate) struct LocalView {
    image: Arc<Image>,
    hosted: Arc<HostedPartitions>,
}

/// The reason why a view does not have a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PartitionError {
    /// There is no such topic, or it has no such partition.
    #[error("there is no such partition")]
    Unknown,
    /// There is such a partition, and this node does not hold it (any more).
    #[error("the partition is not on this node")]
    NotHosted,
}

impl LocalView {
    pub(super) const fn new(image: Arc<Image>, hosted: Arc<HostedPartitions>) -> Self {
        Self { image, hosted }
    }

    /// Returns the topics of the cluster.
    pub(crate) fn image(&self) -> &Image {
        &self.image
    }

    /// Returns one partition of a topic of this view.
    ///
    /// # Errors
    /// [`PartitionError`]: whether the topic has no such partition or this node does not hold it.
    pub(crate) fn partition(
        &self,
        topic: &Topic,
        id: PartitionId,
    ) -> Result<&Arc<Partition>, PartitionError> {
        if !topic.has(id) {
            return Err(PartitionError::Unknown);
        }
        self.hosted
            .get(topic.id(), id)
            .ok_or(PartitionError::NotHosted)
    }

    /// Returns one partition by the name of its topic; any text may be asked for.
    ///
    /// # Errors
    /// [`PartitionError`], as for [`partition`](Self::partition).
    pub(crate) fn find(
        &self,
        topic: &str,
        id: PartitionId,
    ) -> Result<&Arc<Partition>, PartitionError> {
        let topic = self.image.topic(topic).ok_or(PartitionError::Unknown)?;
        self.partition(topic, id)
    }
}
