//! The committed offsets of one group.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::types::{
    LeaderEpoch, Offset, PartitionId, Timestamp, TopicId, TopicName, TopicPartition,
};

/// One committed offset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommittedOffset {
    /// The next offset to read.
    pub(crate) offset: Offset,
    /// Of the last record read, so that a consumer notices a truncated log (KIP-320). Often
    /// [`LeaderEpoch::NONE`].
    pub(crate) leader_epoch: LeaderEpoch,
    /// The client's own text, returned as it was given.
    pub(crate) metadata: Arc<str>,
    pub(crate) committed_at: Timestamp,
    /// Set by clients of OffsetCommit v2-4 that choose their own retention; others follow
    /// `offsets.retention.minutes`.
    pub(crate) expires_at: Option<Timestamp>,
    /// The id of the topic, if it is known (KIP-848): another topic may have the name by now.
    pub(crate) topic_id: Option<TopicId>,
}

/// All committed offsets of a group.
#[derive(Debug, Default)]
pub(crate) struct CommittedOffsets(BTreeMap<TopicName, BTreeMap<PartitionId, CommittedOffset>>);

impl CommittedOffsets {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn committed(&self, at: &TopicPartition) -> Option<&CommittedOffset> {
        self.0.get(&at.topic)?.get(&at.partition)
    }

    pub(crate) fn commit(&mut self, at: TopicPartition, committed: CommittedOffset) {
        self.0
            .entry(at.topic)
            .or_default()
            .insert(at.partition, committed);
    }

    pub(crate) fn forget(&mut self, at: &TopicPartition) {
        if let Some(partitions) = self.0.get_mut(&at.topic) {
            partitions.remove(&at.partition);
            if partitions.is_empty() {
                self.0.remove(&at.topic);
            }
        }
    }

    /// Every committed offset, by topic and partition.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (TopicPartition, &CommittedOffset)> {
        self.0.iter().flat_map(|(topic, partitions)| {
            partitions
                .iter()
                .map(|(id, committed)| (TopicPartition::new(topic.clone(), *id), committed))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(topic: &str, partition: i32) -> TopicPartition {
        TopicPartition::new(TopicName::new(topic).unwrap(), PartitionId(partition))
    }

    fn committed(offset: i64) -> CommittedOffset {
        CommittedOffset {
            offset: Offset(offset),
            leader_epoch: LeaderEpoch::NONE,
            metadata: "".into(),
            committed_at: Timestamp(0),
            expires_at: None,
            topic_id: None,
        }
    }

    #[test]
    fn the_last_commit_counts_even_if_it_goes_back() {
        let mut offsets = CommittedOffsets::default();
        offsets.commit(at("t", 0), committed(9));
        offsets.commit(at("t", 0), committed(4));
        assert_eq!(
            offsets.committed(&at("t", 0)).map(|one| one.offset),
            Some(Offset(4))
        );
        assert_eq!(offsets.committed(&at("t", 1)), None);
    }

    #[test]
    fn a_group_that_forgot_its_last_offset_has_none() {
        let mut offsets = CommittedOffsets::default();
        offsets.commit(at("t", 0), committed(1));
        offsets.commit(at("u", 3), committed(2));
        offsets.forget(&at("t", 0));
        assert_eq!(
            offsets
                .iter()
                .map(|(at, _)| at.to_string())
                .collect::<Vec<_>>(),
            ["u-3"]
        );
        offsets.forget(&at("u", 3));
        assert!(offsets.is_empty());
    }
}
