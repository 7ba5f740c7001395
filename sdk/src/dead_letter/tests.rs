//! What a dead letter looks like on the wire.

use std::sync::Arc;

use futures::FutureExt;

use super::{DeadLetter, DeadLetterError, DeadLetterPublisher, Failure, FailureKind};
use crate::client::scripted::{ScriptedProducer, Step};
use crate::client::{HeaderValue, Headers, ProduceError, ProducerRecord, Record, RecordBatch, RecordParts};
use crate::codec::DecodeError;
use crate::config::ClientProperties;
use crate::extract::{ListenerId, Rejection};
use crate::handler::BoxHandler;
use crate::producer::KafkaTemplateBuilder;
use crate::types::{GroupId, Offset, PartitionId, Timestamp, TimestampType, TopicName, TopicPartition};

#[derive(Debug, thiserror::Error)]
#[error("the ledger is closed")]
struct LedgerError;

async fn credit() -> Result<(), LedgerError> {
    Err(LedgerError)
}

fn record(key: Option<&[u8]>, payload: Option<&[u8]>, headers: &Headers) -> Record {
    let source = TopicPartition::new(TopicName::new("orders").unwrap(), PartitionId(3));
    let timestamp = (Timestamp(1_700_000_000_000), TimestampType::CreateTime);
    let mut batch = RecordBatch::builder();
    assert!(batch.push(&source, RecordParts { offset: Offset(258), timestamp, key, payload }));
    for (name, value) in headers.iter() {
        assert!(batch.header(name.as_bytes(), value));
    }
    batch.build().record(0).unwrap()
}

fn letter(record: Record, failure: Failure) -> DeadLetter {
    DeadLetter {
        record,
        listener: ListenerId::new("credit"),
        group: GroupId::new("campus-card").unwrap(),
        topic: None,
        failure,
    }
}

fn failed() -> Failure {
    Failure { kind: FailureKind::Failed, error: Arc::new(LedgerError), attempts: 4 }
}

fn publish(client: &ScriptedProducer, letter: DeadLetter) -> Result<(), DeadLetterError> {
    let template = KafkaTemplateBuilder::of(ClientProperties::new()).client(client.clone());
    let publisher = DeadLetterPublisher::new(template).for_handler(&BoxHandler::new(credit));
    publisher.write(letter).now_or_never().expect("it is answered at once").map(drop)
}

fn written(letter: DeadLetter) -> ProducerRecord {
    let client = ScriptedProducer::default();
    publish(&client, letter).unwrap();
    client.taken().pop().unwrap()
}

fn shown(record: &ProducerRecord) -> Vec<(&str, &[u8])> {
    record.headers.iter().map(|(name, value)| (name, value.unwrap_or(b"<null>"))).collect()
}

#[test]
fn a_letter_has_the_original_bytes_and_springs_headers() {
    let own = Headers::new().with("source", "web").with("empty", HeaderValue::NONE);
    let record = written(letter(record(Some(b"\x00k"), Some(b"{not json"), &own), failed()));
    assert_eq!((record.topic.as_str(), record.partition), ("orders-dlt", Some(PartitionId(3))));
    assert_eq!(record.timestamp, Some(Timestamp(1_700_000_000_000)));
    assert_eq!(record.key.as_deref(), Some(b"\x00k".as_slice()));
    assert_eq!(record.payload.as_deref(), Some(b"{not json".as_slice()));
    let expected: [(&str, &[u8]); 11] = [
        ("source", b"web"),
        ("empty", b"<null>"),
        ("kafka_dlt-original-topic", b"orders"),
        ("kafka_dlt-original-partition", &[0, 0, 0, 3]),
        ("kafka_dlt-original-offset", &[0, 0, 0, 0, 0, 0, 1, 2]),
        ("kafka_dlt-original-timestamp", &[0x00, 0x00, 0x01, 0x8b, 0xcf, 0xe5, 0x68, 0x00]),
        ("kafka_dlt-original-timestamp-type", b"CreateTime"),
        ("kafka_dlt-original-consumer-group", b"campus-card"),
        ("kafka_dlt-exception-fqcn", b"wellspring::dead_letter::tests::LedgerError"),
        ("kafka_dlt-exception-message", b"the ledger is closed"),
        ("kafka_dlt-exception-stacktrace", b"the ledger is closed"),
    ];
    assert_eq!(shown(&record), expected);
}

#[test]
fn null_and_empty_stay_apart_in_a_letter() {
    let nothing = written(letter(record(None, None, &Headers::new()), failed()));
    assert_eq!((nothing.key, nothing.payload), (None, None));
    let empty = written(letter(record(Some(b""), Some(b""), &Headers::new()), failed()));
    assert_eq!(
        (empty.key.as_deref(), empty.payload.as_deref()),
        (Some(b"".as_slice()), Some(b"".as_slice()))
    );
}

#[test]
fn a_letter_of_a_letter_has_both_places_and_the_newest_failure() {
    let first = written(letter(record(None, Some(b"x"), &Headers::new()), failed()));
    let panicked =
        Failure { kind: FailureKind::Panicked, error: Arc::from(crate::BoxError::from("ouch")), attempts: 1 };
    let second = written(letter(record(None, Some(b"x"), &first.headers), panicked));
    let count = |name| second.headers.iter().filter(|(known, _)| *known == name).count();
    assert_eq!(count("kafka_dlt-original-offset"), 2);
    assert_eq!(count("kafka_dlt-original-topic"), 2);
    assert_eq!(count("kafka_dlt-exception-fqcn"), 1);
    assert_eq!(second.headers.last("kafka_dlt-exception-fqcn"), Some(Some(b"panic".as_slice())));
    assert_eq!(second.headers.last("kafka_dlt-exception-message"), Some(Some(b"ouch".as_slice())));
}

#[test]
fn a_key_that_cannot_be_read_has_headers_of_its_own() {
    let rejection = Rejection::undecodable::<i32>("key", DecodeError::new("plain value", "too long"));
    let failure = Failure { kind: FailureKind::Rejected, error: Arc::new(rejection), attempts: 1 };
    let record = written(letter(record(Some(b"123456789"), None, &Headers::new()), failure));
    assert_eq!(
        record.headers.last("kafka_dlt-key-exception-message"),
        Some(Some(b"the record's key is not a valid i32".as_slice()))
    );
    assert_eq!(
        record.headers.last("kafka_dlt-key-exception-stacktrace"),
        Some(Some(
            b"the record's key is not a valid i32\ncaused by: not valid plain value\ncaused by: too long"
                .as_slice()
        ))
    );
    assert_eq!(record.headers.last("kafka_dlt-exception-message"), None);
    assert_eq!(record.headers.last("kafka_dlt-exception-cause-fqcn"), Some(Some(b"DecodeError".as_slice())));
}

#[test]
fn a_topic_with_fewer_partitions_lets_the_partitioner_choose() {
    let client = ScriptedProducer::with([Step::Refuse(ProduceError::UnknownPartition)]);
    publish(&client, letter(record(Some(b"k"), Some(b"v"), &Headers::new()), failed())).unwrap();
    let [record] = client.taken().try_into().unwrap();
    assert_eq!((record.partition, record.key.as_deref()), (None, Some(b"k".as_slice())));
}

#[test]
fn what_is_not_written_is_told_with_its_place() {
    let client = ScriptedProducer::with([Step::Fail(ProduceError::UnknownTopic)]);
    let error = publish(&client, letter(record(None, None, &Headers::new()), failed())).unwrap_err();
    assert_eq!(error.to_string(), "the dead letter of orders-3@258 was not written");
    assert!(matches!(error, DeadLetterError::Send { .. }));
}

#[test]
fn a_topic_does_not_keep_its_own_dead_letters() {
    let client = ScriptedProducer::default();
    let topic = Some(TopicName::new("orders").unwrap());
    let letter = DeadLetter { topic, ..letter(record(None, None, &Headers::new()), failed()) };
    assert!(matches!(publish(&client, letter), Err(DeadLetterError::SameTopic { .. })));
    assert!(client.taken().is_empty());
}
