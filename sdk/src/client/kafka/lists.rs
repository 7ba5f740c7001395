//! Partitions and positions as librdkafka lists them.

use rdkafka::error::KafkaResult;
use rdkafka::{Offset as NativeOffset, TopicPartitionList};

use super::raw;
use crate::types::{Offset, PartitionId, Position, TopicName, TopicPartition};

/// The partitions of a list.
pub(super) fn partitions(list: &TopicPartitionList) -> Vec<TopicPartition> {
    let elements = list.elements();
    let named = elements.iter().filter_map(|one| {
        let topic = TopicName::new(one.topic()).ok()?;
        Some(TopicPartition::new(topic, PartitionId(one.partition())))
    });
    named.collect()
}

/// A list of these partitions, without offsets.
pub(super) fn list_of(partitions: &[TopicPartition]) -> TopicPartitionList {
    let mut list = TopicPartitionList::new();
    for TopicPartition { topic, partition } in partitions {
        list.add_partition(topic.as_str(), partition.0);
    }
    list
}

/// A list of these positions, for a commit or a seek.
pub(super) fn list_of_positions(
    positions: &[(TopicPartition, Position)],
) -> KafkaResult<TopicPartitionList> {
    let mut list = TopicPartitionList::with_capacity(positions.len());
    for (
        at,
        Position {
            next: Offset(next),
            leader_epoch,
        },
    ) in positions
    {
        list.add_partition_offset(
            at.topic.as_str(),
            at.partition.0,
            NativeOffset::Offset(*next),
        )?;
        raw::set_leader_epoch(&list, at, *leader_epoch);
    }
    Ok(list)
}

/// The position that a list has for a partition.
pub(super) fn position(list: &TopicPartitionList, at: &TopicPartition) -> Option<Position> {
    let element = list.find_partition(at.topic.as_str(), at.partition.0)?;
    match element.offset() {
        NativeOffset::Offset(next) => Some(Position {
            next: Offset(next),
            leader_epoch: raw::leader_epoch(list, at),
        }),
        NativeOffset::Beginning
        | NativeOffset::End
        | NativeOffset::Stored
        | NativeOffset::Invalid
        | NativeOffset::OffsetTail(_) => None,
    }
}
