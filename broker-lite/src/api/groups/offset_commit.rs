//! OffsetCommit, key 8, versions 2-10.
//!
//! *Behaviour.* Writes offsets to `__consumer_offsets`, then answers for each partition. Members
//! must be of the current generation; a client that is no member may commit while the group is
//! empty. An unknown partition or too long metadata fails for that partition alone.
//!
//! *Versions.* 2-4: the client may choose how long offsets are kept. 3: throttle time. 6: leader
//! epochs (KIP-320). 7: static members (KIP-345). 8: flexible. 9: a group that does not exist has
//! an error of its own (KIP-848). 10: topics by id (KIP-848).

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use super::{any_group, caller};
use crate::api::context::{Call, GroupsContext};
use crate::api::error::Coded;
use crate::api::{Api, NoReply};
use crate::group::{Commit, CommitRow, Generation, StaleMember};
use crate::metadata::{Image, Topic};
use crate::types::{LeaderEpoch, Offset, PartitionId, Timestamp, TopicPartition};
use crate::wire::messages::offset_commit_request::{
    OffsetCommitRequestData, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use crate::wire::messages::offset_commit_response::{
    OffsetCommitResponseData, OffsetCommitResponsePartition, OffsetCommitResponseTopic,
};
use crate::wire::{ErrorCode, KafkaString, topic_id};

/// See the head of this file.
#[derive(Debug)]
pub(crate) struct OffsetCommit;

impl Api for OffsetCommit {
    const KEY: i16 = 8;
    const NAME: &'static str = "OffsetCommit";
    const VERSIONS: RangeInclusive<i16> = 2..=10;

    type Context = GroupsContext;
    type Request = OffsetCommitRequestData;
    type Response = OffsetCommitResponseData;

    async fn handle(
        context: &GroupsContext,
        call: &mut Call<'_>,
        request: OffsetCommitRequestData,
    ) -> Result<OffsetCommitResponseData, NoReply> {
        let commit = Commit {
            caller: caller(&request.member_id, request.group_instance_id.as_ref()),
            generation: Generation(request.generation_id_or_member_epoch),
            stale_member: if call.version >= 9 {
                StaleMember::GroupNotFound
            } else {
                StaleMember::IllegalGeneration
            },
            rows: Vec::new(),
        };
        let image = context.metadata.image();
        let expires_at = expiry(request.retention_time_ms, context.clock.wall());
        let (rows, mut answers) = sort_out(&image, call.version, &request.topics, expires_at);

        let count = rows.len();
        let outcome = match any_group(&request.group_id) {
            Ok(group) => {
                context
                    .groups
                    .commit(group, Commit { rows, ..commit })
                    .await
            }
            Err(error) => Err(error),
        };
        let outcome = match outcome {
            Ok(rows) => rows
                .into_iter()
                .map(|row| row.map_or_else(|error| error.code(), |()| ErrorCode::None))
                .collect(),
            Err(error) => vec![error.code(); count],
        };
        let open = answers
            .iter_mut()
            .flatten()
            .filter(|answer| answer.is_none());
        for (answer, code) in open.zip(outcome) {
            *answer = Some(code);
        }
        let topics = request
            .topics
            .into_iter()
            .zip(answers)
            .map(|(topic, codes)| row(topic, codes))
            .collect();
        Ok(OffsetCommitResponseData::default().with_topics(topics))
    }
}

/// Returns until when the offsets are kept if a client of an older version says so.
fn expiry(retention_ms: i64, now: Timestamp) -> Option<Timestamp> {
    u64::try_from(retention_ms)
        .ok()
        .map(|millis| now.plus(Duration::from_millis(millis)))
}

/// Returns the offsets for the coordinator, and for each partition of the request its error, `None`
/// where the coordinator decides.
fn sort_out(
    image: &Image,
    version: i16,
    topics: &[OffsetCommitRequestTopic],
    expires_at: Option<Timestamp>,
) -> (Vec<CommitRow>, Vec<Vec<Option<ErrorCode>>>) {
    let mut rows = Vec::new();
    let mut answers = Vec::with_capacity(topics.len());
    for topic in topics {
        let known = find(image, version, topic);
        let mut codes = Vec::with_capacity(topic.partitions.len());
        for partition in &topic.partitions {
            let id = PartitionId(partition.partition_index);
            codes.push(match &known {
                Err(code) => Some(*code),
                Ok(topic) if !topic.has(id) => Some(ErrorCode::UnknownTopicOrPartition),
                Ok(topic) => {
                    rows.push(commit_row(topic, partition, expires_at));
                    None
                }
            });
        }
        answers.push(codes);
    }
    (rows, answers)
}

fn find<'a>(
    image: &'a Image,
    version: i16,
    topic: &OffsetCommitRequestTopic,
) -> Result<&'a Arc<Topic>, ErrorCode> {
    if version >= 10 {
        topic_id(topic.topic_id)
            .and_then(|id| image.topic_by_id(id))
            .ok_or(ErrorCode::UnknownTopicId)
    } else {
        image
            .topic(topic.name.as_str())
            .ok_or(ErrorCode::UnknownTopicOrPartition)
    }
}

fn commit_row(
    topic: &Topic,
    partition: &OffsetCommitRequestPartition,
    expires_at: Option<Timestamp>,
) -> CommitRow {
    CommitRow {
        at: TopicPartition::new(topic.name().clone(), PartitionId(partition.partition_index)),
        topic_id: Some(topic.id()),
        offset: Offset(partition.committed_offset),
        leader_epoch: LeaderEpoch(partition.committed_leader_epoch),
        metadata: partition
            .committed_metadata
            .as_ref()
            .map_or_else(String::new, KafkaString::to_string),
        expires_at,
    }
}

fn row(
    topic: OffsetCommitRequestTopic,
    codes: Vec<Option<ErrorCode>>,
) -> OffsetCommitResponseTopic {
    let partition = |(partition, code): (&OffsetCommitRequestPartition, Option<ErrorCode>)| {
        OffsetCommitResponsePartition::default()
            .with_partition_index(partition.partition_index)
            .with_error_code(code.unwrap_or(ErrorCode::UnknownServerError).code())
    };
    let partitions = topic.partitions.iter().zip(codes).map(partition).collect();
    OffsetCommitResponseTopic::default()
        .with_name(topic.name)
        .with_topic_id(topic.topic_id)
        .with_partitions(partitions)
}
