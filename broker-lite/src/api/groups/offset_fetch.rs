//! OffsetFetch, key 9, versions 1-10.
//!
//! *Behaviour.* Returns the committed offsets of a group. A group or partition without one is no
//! error: its offset is -1. Offsets that were committed for a deleted topic do not count, even if
//! there is a new topic of its name.
//!
//! *Versions.* 1: an error of the group is repeated for each partition. 2: null topics are all
//! topics; an error for the whole group. 3: throttle time. 5: leader epochs (KIP-320). 6: flexible.
//! 7: `require_stable` (KIP-447). 8: several groups (KIP-709). 9: member and epoch (KIP-848). 10:
//! topics by id.
//!
//! *Known gaps.* There are no transactions yet, so every offset is stable. Member and epoch are
//! ignored: they belong to consumer-protocol groups.

use std::collections::{HashMap, HashSet};
use std::ops::RangeInclusive;

use super::any_group;
use crate::api::context::{Call, GroupsContext};
use crate::api::error::Coded;
use crate::api::{Api, NoReply};
use crate::group::{CommittedOffset, RequestedOffsets};
use crate::metadata::Image;
use crate::types::{PartitionId, TopicName, TopicPartition};
use crate::wire::messages::offset_fetch_request::{
    OffsetFetchRequestData, OffsetFetchRequestGroup, OffsetFetchRequestTopic,
    OffsetFetchRequestTopics,
};
use crate::wire::messages::offset_fetch_response::{
    OffsetFetchResponseData, OffsetFetchResponseGroup, OffsetFetchResponsePartition,
    OffsetFetchResponsePartitions, OffsetFetchResponseTopic, OffsetFetchResponseTopics,
};
use crate::wire::{ErrorCode, text, topic_id, uuid_of};

/// See the head of this file.
#[derive(Debug)]
pub(crate) struct OffsetFetch;

impl Api for OffsetFetch {
    const KEY: i16 = 9;
    const NAME: &'static str = "OffsetFetch";
    const VERSIONS: RangeInclusive<i16> = 1..=10;

    type Context = GroupsContext;
    type Request = OffsetFetchRequestData;
    type Response = OffsetFetchResponseData;

    async fn handle(
        context: &GroupsContext,
        call: &mut Call<'_>,
        request: OffsetFetchRequestData,
    ) -> Result<OffsetFetchResponseData, NoReply> {
        let response = OffsetFetchResponseData::default();
        if call.version >= 8 {
            let mut groups = Vec::with_capacity(request.groups.len());
            let mut seen = HashSet::with_capacity(request.groups.len());
            for group in request.groups {
                // A small request must not ask for a huge answer: a group that is named twice is
                // answered once.
                if seen.insert(group.group_id.clone()) {
                    groups.push(fetch(context, call.version, group).await);
                }
            }
            return Ok(response.with_groups(groups));
        }
        let asked = if call.version < 2 {
            request.topics.clone().unwrap_or_default()
        } else {
            Vec::new()
        };
        let group = fetch(context, call.version, as_group(request)).await;
        if call.version < 2 && group.error_code != ErrorCode::None.code() {
            // There is no other place for it, and without it the group would seem to have read
            // nothing.
            let topics = asked
                .into_iter()
                .map(|topic| refused(topic, group.error_code));
            return Ok(response.with_topics(topics.collect()));
        }
        let response = response.with_topics(group.topics.into_iter().map(as_older).collect());
        Ok(if call.version >= 2 {
            response.with_error_code(group.error_code)
        } else {
            response
        })
    }
}

/// Returns the one group of versions 1-7 in the form of later versions.
fn as_group(request: OffsetFetchRequestData) -> OffsetFetchRequestGroup {
    let newer = |topic: OffsetFetchRequestTopic| {
        OffsetFetchRequestTopics::default()
            .with_name(topic.name)
            .with_partition_indexes(topic.partition_indexes)
    };
    let topics = request
        .topics
        .map(|topics| topics.into_iter().map(newer).collect());
    OffsetFetchRequestGroup::default()
        .with_group_id(request.group_id)
        .with_topics(topics)
}

/// Returns the error of the group for each partition, where versions 1-7 have a place for it.
fn refused(topic: OffsetFetchRequestTopic, code: i16) -> OffsetFetchResponseTopic {
    let partition = |index: &i32| {
        OffsetFetchResponsePartition::default()
            .with_partition_index(*index)
            .with_committed_offset(-1)
            .with_metadata(Some(text("")))
            .with_error_code(code)
    };
    let partitions = topic.partition_indexes.iter().map(partition).collect();
    OffsetFetchResponseTopic::default()
        .with_name(topic.name)
        .with_partitions(partitions)
}

/// Returns a topic's response in the form of versions 1-7.
fn as_older(topic: OffsetFetchResponseTopics) -> OffsetFetchResponseTopic {
    let older = |partition: OffsetFetchResponsePartitions| {
        OffsetFetchResponsePartition::default()
            .with_partition_index(partition.partition_index)
            .with_committed_offset(partition.committed_offset)
            .with_committed_leader_epoch(partition.committed_leader_epoch)
            .with_metadata(partition.metadata)
            .with_error_code(partition.error_code)
    };
    let partitions = topic.partitions.into_iter().map(older).collect();
    OffsetFetchResponseTopic::default()
        .with_name(topic.name)
        .with_partitions(partitions)
}

async fn fetch(
    context: &GroupsContext,
    version: i16,
    mut request: OffsetFetchRequestGroup,
) -> OffsetFetchResponseGroup {
    // As with groups, a partition that is named twice is answered once: its metadata may be long.
    let mut seen = HashSet::new();
    for topic in request.topics.iter_mut().flatten() {
        let (name, id) = (topic.name.clone(), topic.topic_id);
        topic
            .partition_indexes
            .retain(|index| seen.insert((name.clone(), id, *index)));
    }
    let response = OffsetFetchResponseGroup::default().with_group_id(request.group_id.clone());
    let group = match any_group(&request.group_id) {
        Ok(group) => group,
        Err(error) => return response.with_error_code(error.code().code()),
    };
    let image = context.metadata.image();
    let wanted = request
        .topics
        .as_ref()
        .map_or(RequestedOffsets::All, |topics| {
            RequestedOffsets::Partitions(
                topics
                    .iter()
                    .flat_map(|topic| partitions(&image, version, topic))
                    .collect(),
            )
        });
    match (
        context.groups.committed(group, wanted).await,
        request.topics,
    ) {
        (Err(error), _) => response.with_error_code(error.code().code()),
        (Ok(rows), None) => response.with_topics(everything(&image, version, &rows)),
        (Ok(rows), Some(topics)) => {
            let committed = rows
                .into_iter()
                .filter_map(|(at, committed)| Some((at, committed?)))
                .collect();
            response.with_topics(
                topics
                    .into_iter()
                    .map(|topic| answer(&image, version, topic, &committed))
                    .collect(),
            )
        }
    }
}

/// Returns the name of a topic in the request. An invalid name is no error: nothing is committed
/// for it.
fn name(
    image: &Image,
    version: i16,
    topic: &OffsetFetchRequestTopics,
) -> Result<TopicName, ErrorCode> {
    if version >= 10 {
        let known = topic_id(topic.topic_id).and_then(|id| image.topic_by_id(id));
        known
            .map(|topic| topic.name().clone())
            .ok_or(ErrorCode::UnknownTopicId)
    } else {
        TopicName::new(topic.name.as_str()).map_err(|_| ErrorCode::None)
    }
}

fn partitions(
    image: &Image,
    version: i16,
    topic: &OffsetFetchRequestTopics,
) -> Vec<TopicPartition> {
    let at = |name: &TopicName, index: &i32| TopicPartition::new(name.clone(), PartitionId(*index));
    let name = name(image, version, topic);
    name.iter()
        .flat_map(|name| topic.partition_indexes.iter().map(|index| at(name, index)))
        .collect()
}

fn answer(
    image: &Image,
    version: i16,
    topic: OffsetFetchRequestTopics,
    committed: &HashMap<TopicPartition, CommittedOffset>,
) -> OffsetFetchResponseTopics {
    let name = name(image, version, &topic);
    let partition = |index: &i32| match &name {
        Err(code) => row(*index, None).with_error_code(code.code()),
        Ok(name) => {
            let at = TopicPartition::new(name.clone(), PartitionId(*index));
            row(
                *index,
                committed
                    .get(&at)
                    .filter(|committed| is_meant(image, &at, committed)),
            )
        }
    };
    let partitions = topic.partition_indexes.iter().map(partition).collect();
    OffsetFetchResponseTopics::default()
        .with_name(topic.name)
        .with_topic_id(topic.topic_id)
        .with_partitions(partitions)
}

/// Returns all committed offsets. Where topics go by id, deleted ones cannot be named.
fn everything(
    image: &Image,
    version: i16,
    rows: &[(TopicPartition, Option<CommittedOffset>)],
) -> Vec<OffsetFetchResponseTopics> {
    let topic = |rows: &[(TopicPartition, Option<CommittedOffset>)]| {
        let name = &rows.first()?.0.topic;
        let id = image.topic(name.as_str()).map(|topic| uuid_of(topic.id()));
        if version >= 10 && id.is_none() {
            return None;
        }
        let meant = rows
            .iter()
            .filter_map(|(at, committed)| Some((at, committed.as_ref()?)));
        let meant = meant.filter(|(at, committed)| is_meant(image, at, committed));
        let partitions: Vec<_> = meant
            .map(|(at, committed)| row(at.partition.0, Some(committed)))
            .collect();
        if partitions.is_empty() {
            return None;
        }
        let topic = OffsetFetchResponseTopics::default()
            .with_name(text(name.as_str()))
            .with_partitions(partitions);
        Some(topic.with_topic_id(id.unwrap_or_default()))
    };
    rows.chunk_by(|(one, _), (next, _)| one.topic == next.topic)
        .filter_map(topic)
        .collect()
}

/// Whether the offset was committed for the topic that has this name now, and not for a deleted one
/// before it.
fn is_meant(image: &Image, at: &TopicPartition, committed: &CommittedOffset) -> bool {
    let is_still = |id| {
        image
            .topic(at.topic.as_str())
            .is_some_and(|topic| topic.id() == id)
    };
    committed.topic_id.is_none_or(is_still)
}

fn row(partition: i32, committed: Option<&CommittedOffset>) -> OffsetFetchResponsePartitions {
    let row = OffsetFetchResponsePartitions::default().with_partition_index(partition);
    match committed {
        None => row
            .with_committed_offset(-1)
            .with_committed_leader_epoch(-1)
            .with_metadata(Some(text(""))),
        Some(committed) => row
            .with_committed_offset(committed.offset.0)
            .with_committed_leader_epoch(committed.leader_epoch.0)
            .with_metadata(Some(text(committed.metadata.as_ref()))),
    }
}
