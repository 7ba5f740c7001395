//! One partition of a fetch, and how it is found.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use crate::api::error::Coded;
use crate::metadata::Image;
use crate::replica::{LocalView, Partition};
use crate::types::{PartitionId, TopicName};
use crate::wire::fetch::{FetchPartition, FetchRequest};
use crate::wire::{ErrorCode, KafkaString, KafkaUuid, text, topic_id};

/// A partition as its reader names it: by the topic's name or by its id, never both.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct PartitionKey {
    pub(super) name: KafkaString,
    pub(super) id: KafkaUuid,
    pub(super) index: i32,
}

/// One partition to read, and how much of it.
#[derive(Debug, Clone)]
pub(super) struct FetchTarget {
    pub(super) name: KafkaString,
    pub(super) id: KafkaUuid,
    /// The name of the topic with this id, once it has been found.
    pub(super) topic_name: Option<TopicName>,
    pub(super) fetch: FetchPartition,
}

impl FetchTarget {
    /// Returns all partitions of a request. If it names one twice, the last counts, as in Kafka.
    pub(super) fn all(request: &FetchRequest) -> Vec<Self> {
        let targets = request.topics.iter().flat_map(|topic| {
            let target = |fetch: &FetchPartition| Self {
                name: topic.name.clone(),
                id: topic.id,
                topic_name: None,
                fetch: *fetch,
            };
            topic.partitions.iter().map(target)
        });
        let mut targets: Vec<Self> = targets.collect();
        if targets.len() > 1 {
            let mut seen = HashSet::with_capacity(targets.len());
            targets.reverse();
            targets.retain(|target| seen.insert(target.key()));
            targets.reverse();
        }
        targets
    }

    /// Returns the partition if this node hosts it now.
    ///
    /// # Errors
    /// The code for the client.
    pub(super) fn partition<'a>(
        &self,
        view: &'a LocalView,
    ) -> Result<&'a Arc<Partition>, ErrorCode> {
        let image = view.image();
        let topic = if self.id.is_nil() {
            image
                .topic(self.name.as_str())
                .ok_or(ErrorCode::UnknownTopicOrPartition)?
        } else {
            let found = topic_id(self.id).and_then(|id| image.topic_by_id(id));
            found.ok_or_else(|| self.missing(image))?
        };
        view.partition(topic, PartitionId(self.fetch.index))
            .map_err(|error| error.code())
    }

    /// Returns what became of the topic with this id, as Kafka does: a reader that was served before
    /// learns whether another topic has its name now.
    fn missing(&self, image: &Image) -> ErrorCode {
        match &self.topic_name {
            None => ErrorCode::UnknownTopicId,
            Some(name) if image.topic(name.as_str()).is_some() => ErrorCode::InconsistentTopicId,
            Some(_) => ErrorCode::UnknownTopicOrPartition,
        }
    }

    /// Records the name of the topic that was found.
    pub(super) fn set_topic_name(&mut self, partition: &Partition) {
        if self.topic_name.is_none() {
            self.topic_name = Some(partition.at().topic.clone());
        }
    }

    /// Returns a hash that tells partitions apart, almost surely.
    pub(super) fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.key().hash(&mut hasher);
        hasher.finish()
    }

    /// Returns the name of the partition, as the request has it.
    pub(super) fn key(&self) -> PartitionKey {
        PartitionKey {
            name: self.name.clone(),
            id: self.id,
            index: self.fetch.index,
        }
    }

    /// Returns a copy of the key to keep: a slice of the request would keep all of it in memory.
    pub(super) fn owned_key(&self) -> PartitionKey {
        PartitionKey {
            name: text(self.name.as_str()),
            ..self.key()
        }
    }
}
