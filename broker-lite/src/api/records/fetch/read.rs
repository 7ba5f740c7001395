//! One pass over all partitions that a fetch names.

use bytes::Bytes;

use super::target::FetchTarget;
use crate::api::context::RecordsContext;
use crate::api::error::Coded;
use crate::log::ReadBudget;
use crate::replica::{Partition, PartitionOffsets, ReadAnswer};
use crate::runtime::{YieldBudget, error_chain};
use crate::types::{LeaderEpoch, Offset};
use crate::wire::ErrorCode;
use crate::wire::fetch::{FetchRequest, FetchedPartition};

const READ_COMMITTED: i8 = 1;

/// The result of one pass, in the order of the partitions.
#[derive(Debug)]
pub(super) struct Pass {
    pub(super) partitions: Vec<(FetchTarget, FetchedPartition)>,
    bytes: usize,
    /// Bytes that count for `min_bytes`: a partition that is cut counts as if the batch that did
    /// not fit were cut, and its limit used up, as in Kafka.
    ready: usize,
    /// The most bytes that the answer may have.
    limit: usize,
    /// Partitions that are not known.
    pub(super) unknown: usize,
    /// Whether a partition has something that must not wait: an error, or a diverging epoch.
    urgent: bool,
}

impl Pass {
    pub(super) async fn read(
        context: &RecordsContext,
        request: &FetchRequest,
        targets: &mut [FetchTarget],
    ) -> Self {
        let view = context.replicas.view();
        let limit = usize::try_from(request.max_bytes)
            .unwrap_or(0)
            .min(context.config.network.max_fetch);
        let mut pass = Self {
            partitions: Vec::with_capacity(targets.len()),
            bytes: 0,
            ready: 0,
            limit,
            unknown: 0,
            urgent: false,
        };
        let mut yields = YieldBudget::new(&context.clock);
        for target in targets {
            let budget = limit
                .saturating_sub(pass.bytes)
                .min(usize::try_from(target.fetch.max_bytes).unwrap_or(0));
            let budget = ReadBudget::at_most(budget);
            // Only the first batch of all may be larger than allowed, so that every consumer makes
            // progress.
            let budget = if pass.bytes == 0 {
                budget.or_one_batch()
            } else {
                budget
            };
            let partition = target.partition(&view);
            if let Ok(partition) = partition {
                target.set_topic_name(partition);
            }
            pass.unknown += usize::from(partition.is_err());
            let read = partition.and_then(|partition| read_log(partition, target, budget));
            let cut = read.as_ref().is_ok_and(|found| found.cut);
            let fetched = response_for(request.isolation_level, target, read);
            let is_wrong = fetched.error != ErrorCode::None && partition.is_ok();
            pass.urgent |= is_wrong || fetched.diverging_epoch.is_some();
            let bytes = fetched.records.iter().map(Bytes::len).sum::<usize>();
            pass.bytes += bytes;
            pass.ready += if cut {
                bytes.max(budget.bytes())
            } else {
                bytes
            };
            pass.partitions.push((target.clone(), fetched));
            yields.pause().await;
        }
        pass
    }

    /// Whether to answer now. Unknown partitions wait along with known ones, unless they were known
    /// when the request came.
    pub(super) fn is_enough(&self, request: &FetchRequest, unknown_at_first: usize) -> bool {
        // A request for more than an answer may hold is answered once that much is there.
        let enough = usize::try_from(request.min_bytes)
            .unwrap_or(0)
            .min(self.limit);
        let is_gone = self.unknown > unknown_at_first || self.unknown == self.partitions.len();
        self.urgent || is_gone || self.ready >= enough || request.max_wait_ms <= 0
    }
}

/// The response for one partition.
fn response_for(
    isolation_level: i8,
    target: &FetchTarget,
    read: Result<Found, ErrorCode>,
) -> FetchedPartition {
    let aborted = (isolation_level == READ_COMMITTED).then(Vec::new);
    match read {
        Ok(Found {
            records,
            offsets,
            diverging_epoch,
            ..
        }) => FetchedPartition {
            index: target.fetch.index,
            error: ErrorCode::None,
            high_watermark: offsets.high_watermark.0,
            last_stable_offset: offsets.last_stable.0,
            log_start_offset: offsets.log_start.0,
            diverging_epoch,
            aborted,
            records,
        },
        Err(error) => FetchedPartition {
            index: target.fetch.index,
            error,
            high_watermark: -1,
            last_stable_offset: -1,
            log_start_offset: -1,
            diverging_epoch: None,
            aborted,
            records: Vec::new(),
        },
    }
}

/// The data that a partition has for a reader.
struct Found {
    records: Vec<Bytes>,
    cut: bool,
    offsets: PartitionOffsets,
    diverging_epoch: Option<(i32, i64)>,
}

fn read_log(
    partition: &Partition,
    target: &FetchTarget,
    budget: ReadBudget,
) -> Result<Found, ErrorCode> {
    super::super::fence(partition, target.fetch.current_leader_epoch)?;
    if let Some(diverging_epoch) = diverging_epoch(partition, target)? {
        let offsets = partition.offsets().map_err(|error| error.code())?;
        // Records that were deleted are gone whatever epoch wrote them.
        if target.fetch.fetch_offset < offsets.log_start.0 {
            return Err(ErrorCode::OffsetOutOfRange);
        }
        return Ok(Found {
            records: Vec::new(),
            cut: false,
            offsets,
            diverging_epoch: Some(diverging_epoch),
        });
    }
    let answer = partition
        .read(Offset(target.fetch.fetch_offset), budget)
        .map_err(|error| {
            tracing::debug!(partition = %partition.at(), error = %error_chain(&error), "nothing read");
            error.code()
        })?;
    let ReadAnswer {
        chunks,
        cut,
        offsets,
    } = answer;
    Ok(Found {
        records: chunks,
        cut,
        offsets,
        diverging_epoch: None,
    })
}

/// Returns where the reader's log diverges from this one, if its last record was written under an
/// epoch that ended before it here.
fn diverging_epoch(
    partition: &Partition,
    target: &FetchTarget,
) -> Result<Option<(i32, i64)>, ErrorCode> {
    if target.fetch.last_fetched_epoch < 0 {
        return Ok(None);
    }
    let asked = LeaderEpoch(target.fetch.last_fetched_epoch);
    let end = partition
        .end_offset_for_epoch(asked)
        .map_err(|error| error.code())?;
    let Some(end) = end else {
        return Err(ErrorCode::OffsetOutOfRange);
    };
    let parted = end.epoch < asked || end.end.0 < target.fetch.fetch_offset;
    Ok(parted.then_some((end.epoch.0, end.end.0)))
}
