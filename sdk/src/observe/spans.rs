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

/// Whose the lines are that a listener logs, at every level that shows lines. It is entered for a
/// line, never around a handler: spans of its own would all belong to one trace then, which ends
/// with the listener.
pub(crate) fn listener_span(id: &dyn Display, group: &GroupId) -> Span {
    tracing::error_span!("listener", listener = %id, %group)
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

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex, PoisonError};

    use tracing_subscriber::fmt::format::FmtSpan;

    use super::*;
    use crate::client::{RecordBatch, RecordParts};
    use crate::types::{Timestamp, TimestampType, TopicName, TopicPartition};

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// What somebody who listens to spans gets to read when `work` is done.
    fn heard(work: impl FnOnce()) -> String {
        let written = Written::default();
        let writer = written.clone();
        let listener = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_span_events(FmtSpan::CLOSE)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::with_default(listener, work);
        let bytes = written
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_processed_record_is_told_with_its_place_and_without_its_payload() {
        let source = TopicPartition::new(TopicName::new("orders").unwrap(), PartitionId(3));
        let timestamp = (Timestamp::NONE, TimestampType::NotAvailable);
        let (key, payload) = (Some(b"secret".as_slice()), Some(b"secret".as_slice()));
        let mut batch = RecordBatch::builder();
        assert!(batch.push(
            &source,
            RecordParts {
                offset: Offset(42),
                timestamp,
                key,
                payload
            }
        ));
        let record = batch.build().record(0).unwrap();
        let text = heard(|| {
            let span = process_span(&record, &GroupId::new("shop").unwrap(), 2);
            failed(&span, &"the ledger is closed");
        });
        for part in [
            "messaging.system=\"kafka\"",
            "messaging.destination.name=\"orders\"",
            "messaging.destination.partition.id=3",
            "messaging.kafka.offset=42",
            "messaging.consumer.group.name=\"shop\"",
            "messaging.message.body.size=6",
            "messaging.delivery_attempt=2",
            "error.type=the ledger is closed",
        ] {
            assert!(text.contains(part), "{part} is missing in {text}");
        }
        assert!(!text.contains("secret"), "{text}");
    }

    #[test]
    fn a_sent_record_is_told_with_the_place_it_got() {
        let text = heard(|| {
            let span = send_span(&ProducerRecord::new(TopicName::new("orders").unwrap()));
            sent(&span, PartitionId(1), Offset(7));
        });
        for part in [
            "otel.kind=\"producer\"",
            "messaging.destination.partition.id=1",
            "messaging.kafka.offset=7",
        ] {
            assert!(text.contains(part), "{part} is missing in {text}");
        }
    }
}
