//! Produce, key 0, versions 3-13; 0-2 are advertised and refused.
//!
//! *Behaviour.* Appends one batch to each partition named, and returns the offset it got. With
//! one replica a batch that is in the leader's log is in every in-sync log, so acks=1 and acks=all
//! are answered alike, whatever `min.insync.replicas` says: it never asks for more replicas than a
//! topic has. acks=0 is not answered at all, and an error then closes the connection.
//!
//! *Versions.* 5: log start offset. 7: zstd (KIP-110). 8: errors per record (KIP-467). 9: flexible.
//! 13: topics by id (KIP-516). 0 to 2 belong to a record format that is gone; they are in the range
//! nevertheless, since old librdkafka compresses only when it sees version 0 (KAFKA-18659).
//!
//! *Known gaps.* No transactions yet: a transactional batch is INVALID_TXN_STATE. No leader hints
//! (KIP-951), since leadership does not move. A duplicate of a batch is answered without the time
//! at which it was appended. If a partition is named twice, both batches are appended; Kafka
//! appends the last. Of the records that make a batch unacceptable the first 100 are named, and
//! 10,000 in one answer; Kafka names all.

use std::ops::RangeInclusive;
use std::sync::Arc;

use bytes::Bytes;

use crate::api::context::{Call, RecordsContext};
use crate::api::error::Coded;
use crate::api::{Api, NoReply};
use crate::log::{AppendError, AppendOrigin};
use crate::metadata::Topic;
use crate::replica::{LocalView, Partition};
use crate::runtime::{YieldBudget, error_chain};
use crate::types::{PartitionId, Timestamp};
use crate::wire::produce::{
    PartitionAppended, PartitionBatch, ProduceRequest, ProduceResponse, RecordError, TopicAppended,
    TopicBatches,
};
use crate::wire::record_batch::{BatchHeader, Compression};
use crate::wire::{ErrorCode, text, topic_id};

/// See the head of this file.
#[derive(Debug)]
pub(crate) struct Produce;

impl Api for Produce {
    const KEY: i16 = 0;
    const NAME: &'static str = "Produce";
    const VERSIONS: RangeInclusive<i16> = 0..=13;
    /// Records are kept as they come, so a request may be as large as a frame; the decoder bounds
    /// the rest of it.
    const MAX_BODY_BYTES: usize = usize::MAX;

    type Context = RecordsContext;
    type Request = ProduceRequest;
    type Response = ProduceResponse;

    async fn handle(
        context: &RecordsContext,
        call: &mut Call<'_>,
        request: ProduceRequest,
    ) -> Result<ProduceResponse, NoReply> {
        let (acks, refused) = (request.acks, refusal(call, &request));
        let view = context.replicas.view();
        let mut topics = Vec::with_capacity(request.topics.len());
        let mut cost = RequestCost {
            budget: YieldBudget::new(&context.clock),
            named: 0,
        };
        for topic in request.topics {
            topics.push(append_topic(&view, call, refused, topic, &mut cost).await);
        }
        if acks != 0 {
            return Ok(ProduceResponse { topics });
        }
        let failed = |partition: &PartitionAppended| partition.error != ErrorCode::None;
        let any_failed = topics
            .iter()
            .any(|topic| topic.partitions.iter().any(failed));
        Err(if any_failed {
            NoReply::Unacknowledged
        } else {
            NoReply::Silence
        })
    }
}

/// The most records that one answer names as those that made their batches unacceptable.
const MAX_NAMED_RECORDS: usize = 10_000;

/// The cost of a request so far.
struct RequestCost<'a> {
    budget: YieldBudget<'a>,
    /// Records that were named.
    named: usize,
}

/// Returns why nothing in the request can be appended, if so.
fn refusal(call: &Call<'_>, request: &ProduceRequest) -> Option<ErrorCode> {
    if call.version < 3 {
        return Some(ErrorCode::UnsupportedVersion);
    }
    (!matches!(request.acks, -1..=1)).then_some(ErrorCode::InvalidRequiredAcks)
}

async fn append_topic(
    view: &LocalView,
    call: &Call<'_>,
    refused: Option<ErrorCode>,
    request: TopicBatches,
    cost: &mut RequestCost<'_>,
) -> TopicAppended {
    let TopicBatches {
        name,
        id,
        partitions,
    } = request;
    let by_id = call.version >= 13;
    let topic = if by_id {
        topic_id(id).and_then(|id| view.image().topic_by_id(id))
    } else {
        view.image().topic(name.as_str())
    };
    let unknown = if by_id {
        ErrorCode::UnknownTopicId
    } else {
        ErrorCode::UnknownTopicOrPartition
    };
    let append = |PartitionBatch { index, records }| {
        let partition = match (refused, topic) {
            (Some(error), _) => Err(error),
            (None, None) => Err(unknown),
            (None, Some(topic)) => writable(view, topic, index),
        };
        match partition {
            Ok(partition) => {
                append_batch(partition, index, call.version, &records.unwrap_or_default())
            }
            Err(error) => failed(index, error, None),
        }
    };
    let mut appended = Vec::with_capacity(partitions.len());
    for batch in partitions {
        let mut partition = append(batch);
        partition
            .record_errors
            .truncate(MAX_NAMED_RECORDS.saturating_sub(cost.named));
        cost.named += partition.record_errors.len();
        appended.push(partition);
        // Decompressing or recompressing a batch takes long.
        cost.budget.pause().await;
    }
    TopicAppended {
        partitions: appended,
        name,
        id,
    }
}

/// Returns the partition if clients may write to it now.
fn writable<'a>(
    view: &'a LocalView,
    topic: &Topic,
    index: i32,
) -> Result<&'a Arc<Partition>, ErrorCode> {
    if topic.is_internal() {
        return Err(ErrorCode::InvalidTopicException);
    }
    view.partition(topic, PartitionId(index))
        .map_err(|error| error.code())
}

fn append_batch(
    partition: &Partition,
    index: i32,
    version: i16,
    batch: &Bytes,
) -> PartitionAppended {
    if version < 7
        && BatchHeader::parse(batch)
            .is_ok_and(|header| header.compression() == Ok(Compression::Zstd))
    {
        return failed(index, ErrorCode::UnsupportedCompressionType, None);
    }
    match partition.append(batch, AppendOrigin::Client) {
        Ok(appended) => PartitionAppended {
            index,
            error: ErrorCode::None,
            base_offset: appended.base_offset.0,
            log_append_time_ms: appended.log_append_time.unwrap_or(Timestamp::NONE).0,
            log_start_offset: appended.log_start.0,
            record_errors: Vec::new(),
            error_message: None,
        },
        Err(error) => {
            let (partition, words) = (partition.at(), error_chain(&error));
            match error {
                // A limit that Kafka does not have, and a request that no correct client sends.
                AppendError::Inflated { .. } | AppendError::Invalid(_) => {
                    tracing::warn!(%partition, error = words, "batch refused");
                }
                AppendError::Corrupt(_)
                | AppendError::TooLarge { .. }
                | AppendError::UnknownCompression { .. }
                | AppendError::Timestamps(_)
                | AppendError::Records(_)
                | AppendError::ProducerEpoch { .. }
                | AppendError::OutOfSequence { .. }
                | AppendError::NoTransaction { .. }
                // The partition itself reports a disk that refuses writes, in fewer lines.
                | AppendError::Storage { .. }
                | AppendError::Closed => tracing::debug!(%partition, error = words, "batch not appended"),
            }
            failed(index, error.code(), Some(&error))
        }
    }
}

fn failed(index: i32, error: ErrorCode, reason: Option<&AppendError>) -> PartitionAppended {
    let rejected = match reason {
        Some(AppendError::Timestamps(records) | AppendError::Records(records)) => {
            records.first.as_slice()
        }
        _ => &[],
    };
    let record_error = |record: &crate::log::RejectedRecord| RecordError {
        batch_index: record.index,
        message: Some(text(record.reason.to_string())),
    };
    PartitionAppended {
        index,
        error,
        base_offset: -1,
        log_append_time_ms: -1,
        log_start_offset: -1,
        record_errors: rejected.iter().map(record_error).collect(),
        error_message: reason.map(|reason| text(error_chain(reason))),
    }
}
