//! Spans for one record, named as OpenTelemetry's messaging conventions name them (1.30).

use std::fmt::Display;

use tracing::Span;
use tracing::field::Empty;

use crate::client::{ProducerRecord, Record};
use crate::types::{GroupId, Offset, PartitionId};

/// The span around the handling of one record by `group`.
#[must_use]
pub fn process_span(record: &Record, group: &GroupId, attempt: u32) -> Span {
    tracing::trace_span!(
        target: "wellspring::record",
        "process",
        otel.kind = "consumer",
        messaging.system = "kafka",
        messaging.operation.name = "process",
        messaging.operation.r#type = "process",
        messaging.destination.name = record.topic().as_str(),
        messaging.destination.partition.id = record.partition().0,
        messaging.kafka.offset = record.offset().0,
        messaging.kafka.message.tombstone = record.payload().is_none(),
        messaging.message.body.size = record.payload().map_or(0, <[u8]>::len),
        messaging.consumer.group.name = group.as_str(),
        messaging.delivery_attempt = attempt,
        trace.parent = Empty,
        error.r#type = Empty,
    )
}

/// Notes why a record was not handled, or not written.
pub(crate) fn failed(span: &Span, reason: &dyn Display) {
    span.record("error.type", tracing::field::display(reason));
}

/// The span from handing a record to the client until its answer.
pub(crate) fn send_span(record: &ProducerRecord) -> Span {
    tracing::trace_span!(
        target: "wellspring::record",
        "send",
        otel.kind = "producer",
        messaging.system = "kafka",
        messaging.operation.name = "send",
        messaging.operation.r#type = "send",
        messaging.destination.name = record.topic.as_str(),
        messaging.destination.partition.id = Empty,
        messaging.kafka.offset = Empty,
        messaging.kafka.message.tombstone = record.payload.is_none(),
        messaging.message.body.size = record.payload.as_ref().map_or(0, bytes::Bytes::len),
        error.r#type = Empty,
    )
}

/// Notes where a record was written.
pub(crate) fn sent(span: &Span, partition: PartitionId, offset: Offset) {
    span.record("messaging.destination.partition.id", partition.0);
    span.record("messaging.kafka.offset", offset.0);
}
