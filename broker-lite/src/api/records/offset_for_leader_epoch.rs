//! OffsetForLeaderEpoch, key 23, versions 2-4.
//!
//! *Behaviour.* Returns where the leader of an epoch stopped writing, so that a consumer can detect
//! a diverging log (KIP-320): the largest epoch that is not above the one
//! asked for, and its end offset. An epoch that has not begun is answered with -1 for both.
//!
//! *Versions.* 2: the client's own epoch is checked. 3: replica id (KIP-392). 4: flexible.

use std::ops::RangeInclusive;

use crate::api::context::{Call, RecordsContext};
use crate::api::error::Coded;
use crate::api::{Api, NoReply};
use crate::replica::LocalView;
use crate::types::{LeaderEpoch, PartitionId};
use crate::wire::messages::offset_for_leader_epoch_request::{
    OffsetForLeaderEpochRequestData, OffsetForLeaderPartition,
};
use crate::wire::messages::offset_for_leader_epoch_response::{
    EpochEndOffset, OffsetForLeaderEpochResponseData, OffsetForLeaderTopicResult,
};

/// See the head of this file.
#[derive(Debug)]
pub(crate) struct OffsetForLeaderEpoch;

impl Api for OffsetForLeaderEpoch {
    const KEY: i16 = 23;
    const NAME: &'static str = "OffsetForLeaderEpoch";
    const VERSIONS: RangeInclusive<i16> = 2..=4;

    type Context = RecordsContext;
    type Request = OffsetForLeaderEpochRequestData;
    type Response = OffsetForLeaderEpochResponseData;

    async fn handle(
        context: &RecordsContext,
        _call: &mut Call<'_>,
        request: OffsetForLeaderEpochRequestData,
    ) -> Result<OffsetForLeaderEpochResponseData, NoReply> {
        let view = context.replicas.view();
        let topics = request.topics.into_iter().map(|topic| {
            let end = |wanted| end_offset(&view, topic.topic.as_str(), wanted);
            let partitions = topic.partitions.iter().map(end).collect();
            OffsetForLeaderTopicResult::default()
                .with_topic(topic.topic)
                .with_partitions(partitions)
        });
        Ok(OffsetForLeaderEpochResponseData::default().with_topics(topics.collect()))
    }
}

fn end_offset(view: &LocalView, topic: &str, wanted: &OffsetForLeaderPartition) -> EpochEndOffset {
    let answer = EpochEndOffset::default()
        .with_partition(wanted.partition)
        .with_leader_epoch(-1)
        .with_end_offset(-1);
    let found = view
        .find(topic, PartitionId(wanted.partition))
        .map_err(|error| error.code())
        .and_then(|partition| {
            super::fence(partition, wanted.current_leader_epoch).map(|()| partition)
        })
        .and_then(|partition| {
            partition
                .end_offset_for_epoch(LeaderEpoch(wanted.leader_epoch))
                .map_err(|error| error.code())
        });
    match found {
        Ok(None) => answer,
        Ok(Some(end)) => answer
            .with_leader_epoch(end.epoch.0)
            .with_end_offset(end.end.0),
        Err(error) => answer.with_error_code(error.code()),
    }
}
