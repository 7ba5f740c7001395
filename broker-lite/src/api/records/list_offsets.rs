//! ListOffsets, key 2, versions 1-11.
//!
//! *Behaviour.* Finds offsets by time: a real timestamp gives the first record that is as late, -1
//! the end (for `read_committed` the last stable offset), -2 the start. When nothing is found the
//! offset is -1 and there is no error. A partition that is named twice is an invalid request for
//! it.
//!
//! *Versions.* 2: isolation level. 4: leader epochs (KIP-320). 6: flexible. 7: -3, the record with
//! the latest time (KIP-734). 8: -4, the first local offset (KIP-405). 9: -5, the last tiered
//! offset (KIP-1005). 10: a timeout for lookups in tiered storage (KIP-1075). 11: -6, the first
//! offset not yet tiered (KIP-1023).
//!
//! *Known gaps.* There is no tiered storage: -5 and -6 find nothing.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use crate::api::context::{Call, RecordsContext};
use crate::api::error::Coded;
use crate::api::{Api, NoReply};
use crate::log::OffsetSpec;
use crate::replica::{LocalView, Partition};
use crate::runtime::YieldBudget;
use crate::types::{PartitionId, Timestamp};
use crate::wire::ErrorCode;
use crate::wire::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsRequestData};
use crate::wire::messages::list_offsets_response::{
    ListOffsetsPartitionResponse, ListOffsetsResponseData, ListOffsetsTopicResponse,
};

const READ_COMMITTED: i8 = 1;

/// See the head of this file.
#[derive(Debug)]
pub(crate) struct ListOffsets;

impl Api for ListOffsets {
    const KEY: i16 = 2;
    const NAME: &'static str = "ListOffsets";
    const VERSIONS: RangeInclusive<i16> = 1..=11;

    type Context = RecordsContext;
    type Request = ListOffsetsRequestData;
    type Response = ListOffsetsResponseData;

    async fn handle(
        context: &RecordsContext,
        call: &mut Call<'_>,
        request: ListOffsetsRequestData,
    ) -> Result<ListOffsetsResponseData, NoReply> {
        let view = context.replicas.view();
        let committed = request.isolation_level == READ_COMMITTED;
        let twice = named_twice(&request);
        let mut topics = Vec::with_capacity(request.topics.len());
        let mut budget = YieldBudget::new(&context.clock);
        for topic in &request.topics {
            let mut partitions = Vec::with_capacity(topic.partitions.len());
            for wanted in &topic.partitions {
                partitions.push(
                    if twice.contains(&(topic.name.as_str(), wanted.partition_index)) {
                        nothing(wanted).with_error_code(ErrorCode::InvalidRequest.code())
                    } else {
                        list(&view, topic.name.as_str(), wanted, call.version, committed)
                    },
                );
                // A look-up by time may decompress a batch.
                budget.pause().await;
            }
            topics.push(
                ListOffsetsTopicResponse::default()
                    .with_name(topic.name.clone())
                    .with_partitions(partitions),
            );
        }
        Ok(ListOffsetsResponseData::default().with_topics(topics))
    }
}

/// The partitions that are asked for more than once.
fn named_twice(request: &ListOffsetsRequestData) -> HashSet<(&str, i32)> {
    let mut seen = HashSet::new();
    let named = request.topics.iter().flat_map(|topic| {
        topic
            .partitions
            .iter()
            .map(|wanted| (topic.name.as_str(), wanted.partition_index))
    });
    named.filter(|partition| !seen.insert(*partition)).collect()
}

fn nothing(wanted: &ListOffsetsPartition) -> ListOffsetsPartitionResponse {
    ListOffsetsPartitionResponse::default()
        .with_partition_index(wanted.partition_index)
        .with_timestamp(-1)
        .with_offset(-1)
}

fn list(
    view: &LocalView,
    topic: &str,
    wanted: &ListOffsetsPartition,
    version: i16,
    committed: bool,
) -> ListOffsetsPartitionResponse {
    let nothing = nothing(wanted);
    let found = view
        .find(topic, PartitionId(wanted.partition_index))
        .map_err(|error| error.code())
        .and_then(|partition| find(partition, wanted, version, committed));
    match found {
        Ok(None) => nothing,
        Ok(Some((offset, timestamp, epoch))) => {
            let found = nothing.with_offset(offset).with_timestamp(timestamp);
            if version >= 4 {
                found.with_leader_epoch(epoch)
            } else {
                found
            }
        }
        Err(error) => nothing.with_error_code(error.code()),
    }
}

fn find(
    partition: &Partition,
    wanted: &ListOffsetsPartition,
    version: i16,
    committed: bool,
) -> Result<Option<(i64, i64, i32)>, ErrorCode> {
    super::fence(partition, wanted.current_leader_epoch)?;
    let spec = match wanted.timestamp {
        -1 if committed => {
            let offsets = partition.offsets().map_err(|error| error.code())?;
            return Ok(Some((
                offsets.last_stable.0,
                -1,
                partition.leader_epoch().0,
            )));
        }
        -1 => OffsetSpec::Latest,
        -2 => OffsetSpec::Earliest,
        -3 if version >= 7 => OffsetSpec::MaxTimestamp,
        -4 if version >= 8 => OffsetSpec::EarliestLocal,
        -5 if version >= 9 => OffsetSpec::LatestTiered,
        -6 if version >= 11 => return Ok(None),
        time if time >= 0 => OffsetSpec::AtOrAfter(Timestamp(time)),
        _ => return Err(ErrorCode::UnsupportedVersion),
    };
    let found = partition.lookup(spec).map_err(|error| error.code())?;
    Ok(found.map(|found| {
        let timestamp = found.timestamp.unwrap_or(Timestamp::NONE).0;
        (
            found.offset.0,
            timestamp,
            found.leader_epoch.map_or(-1, |epoch| epoch.0),
        )
    }))
}
