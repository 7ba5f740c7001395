//! What a dead letter looks like on the wire.

use std::sync::Arc;

use futures::FutureExt;

use super::{
    DeadLetter, DeadLetterError, DeadLetterFile, DeadLetterPublisher, DeadLetterSink, Failure,
    FailureKind, Refusal,
};
use crate::client::scripted::{ScriptedProducer, Step};
use crate::client::{
    HeaderValue, Headers, ProduceError, ProducerRecord, Record, RecordBatch, RecordParts,
};
use crate::codec::DecodeError;
use crate::config::ClientProperties;
use crate::extract::{ListenerId, Rejection};
use crate::handler::BoxHandler;
use crate::producer::KafkaTemplateBuilder;
use crate::types::{
    GroupId, Offset, PartitionId, Timestamp, TimestampType, TopicName, TopicPartition,
};

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
    assert!(batch.push(
        &source,
        RecordParts {
            offset: Offset(258),
            timestamp,
            key,
            payload
        }
    ));
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
        offer: 1,
    }
}

fn failed() -> Failure {
    Failure {
        kind: FailureKind::Failed,
        error: Arc::new(LedgerError),
        attempts: 4,
    }
}

fn publish(client: &ScriptedProducer, letter: DeadLetter) -> Result<(), DeadLetterError> {
    let template = KafkaTemplateBuilder::of(ClientProperties::new()).client(client.clone());
    let publisher = DeadLetterPublisher::new(template).for_handler(&BoxHandler::new(credit));
    publisher
        .write(letter)
        .now_or_never()
        .expect("it is answered at once")
        .map(drop)
}

fn written(letter: DeadLetter) -> ProducerRecord {
    let client = ScriptedProducer::default();
    publish(&client, letter).unwrap();
    client.taken().pop().unwrap()
}

fn shown(record: &ProducerRecord) -> Vec<(&str, &[u8])> {
    record
        .headers
        .iter()
        .map(|(name, value)| (name, value.unwrap_or(b"<null>")))
        .collect()
}

#[test]
fn a_letter_has_the_original_bytes_and_springs_headers() {
    let own = Headers::new()
        .with("source", "web")
        .with("empty", HeaderValue::NONE);
    let record = written(letter(
        record(Some(b"\x00k"), Some(b"{not json"), &own),
        failed(),
    ));
    assert_eq!(
        (record.topic.as_str(), record.partition),
        ("orders-dlt", Some(PartitionId(3)))
    );
    assert_eq!(
        record.timestamp, None,
        "a letter's time is that of its writing"
    );
    assert_eq!(record.key.as_deref(), Some(b"\x00k".as_slice()));
    assert_eq!(record.payload.as_deref(), Some(b"{not json".as_slice()));
    let expected: [(&str, &[u8]); 11] = [
        ("source", b"web"),
        ("empty", b"<null>"),
        ("kafka_dlt-original-topic", b"orders"),
        ("kafka_dlt-original-partition", &[0, 0, 0, 3]),
        ("kafka_dlt-original-offset", &[0, 0, 0, 0, 0, 0, 1, 2]),
        (
            "kafka_dlt-original-timestamp",
            &[0x00, 0x00, 0x01, 0x8b, 0xcf, 0xe5, 0x68, 0x00],
        ),
        ("kafka_dlt-original-timestamp-type", b"CreateTime"),
        ("kafka_dlt-original-consumer-group", b"campus-card"),
        (
            "kafka_dlt-exception-fqcn",
            b"wellspring::dead_letter::tests::LedgerError",
        ),
        ("kafka_dlt-exception-message", b"the ledger is closed"),
        ("kafka_dlt-exception-stacktrace", b"the ledger is closed"),
    ];
    assert_eq!(shown(&record), expected);
}

#[test]
fn null_and_empty_stay_apart_in_a_letter() {
    let nothing = written(letter(record(None, None, &Headers::new()), failed()));
    assert_eq!((nothing.key, nothing.payload), (None, None));
    let empty = written(letter(
        record(Some(b""), Some(b""), &Headers::new()),
        failed(),
    ));
    assert_eq!(
        (empty.key.as_deref(), empty.payload.as_deref()),
        (Some(b"".as_slice()), Some(b"".as_slice()))
    );
}

#[test]
fn a_letter_of_a_letter_has_both_places_and_the_newest_failure() {
    let first = written(letter(record(None, Some(b"x"), &Headers::new()), failed()));
    let panicked = Failure {
        kind: FailureKind::Panicked,
        error: Arc::from(crate::BoxError::from("ouch")),
        attempts: 1,
    };
    let second = written(letter(record(None, Some(b"x"), &first.headers), panicked));
    let count = |name| {
        second
            .headers
            .iter()
            .filter(|(known, _)| *known == name)
            .count()
    };
    assert_eq!(count("kafka_dlt-original-offset"), 2);
    assert_eq!(count("kafka_dlt-original-topic"), 2);
    assert_eq!(count("kafka_dlt-exception-fqcn"), 1);
    assert_eq!(
        second.headers.last("kafka_dlt-exception-fqcn"),
        Some(Some(b"panic".as_slice()))
    );
    assert_eq!(
        second.headers.last("kafka_dlt-exception-message"),
        Some(Some(b"ouch".as_slice()))
    );
}

#[test]
fn a_key_that_cannot_be_read_has_headers_of_its_own() {
    let rejection =
        Rejection::undecodable::<i32>("key", DecodeError::new("plain value", "too long"));
    let failure = Failure {
        kind: FailureKind::Rejected,
        error: Arc::new(rejection),
        attempts: 1,
    };
    let record = written(letter(
        record(Some(b"123456789"), None, &Headers::new()),
        failure,
    ));
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
    assert_eq!(
        record.headers.last("kafka_dlt-exception-cause-fqcn"),
        Some(Some(b"DecodeError".as_slice()))
    );
}

#[test]
fn a_topic_with_fewer_partitions_lets_the_partitioner_choose() {
    let client = ScriptedProducer::with([Step::Refuse(ProduceError::UnknownPartition)]);
    publish(
        &client,
        letter(record(Some(b"k"), Some(b"v"), &Headers::new()), failed()),
    )
    .unwrap();
    let [record] = client.taken().try_into().unwrap();
    assert_eq!(
        (record.partition, record.key.as_deref()),
        (None, Some(b"k".as_slice()))
    );
}

#[test]
fn what_is_not_written_is_told_with_its_place() {
    let client = ScriptedProducer::with([Step::Fail(ProduceError::UnknownTopic)]);
    let error = publish(
        &client,
        letter(record(None, None, &Headers::new()), failed()),
    )
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the dead letter of orders-3@258 was not written"
    );
    assert!(matches!(error, DeadLetterError::Send { .. }));
}

#[test]
fn a_topic_does_not_keep_its_own_dead_letters() {
    let client = ScriptedProducer::default();
    let topic = Some(TopicName::new("orders").unwrap());
    let letter = DeadLetter {
        topic,
        ..letter(record(None, None, &Headers::new()), failed())
    };
    assert!(matches!(
        publish(&client, letter),
        Err(DeadLetterError::SameTopic { .. })
    ));
    assert!(client.taken().is_empty());
}

#[test]
fn a_letter_that_is_too_large_goes_with_short_headers() {
    let client = ScriptedProducer::with([Step::Fail(ProduceError::TooLarge { by_client: false })]);
    let huge = Failure {
        error: Arc::from(crate::BoxError::from("no".repeat(100_000))),
        ..failed()
    };
    publish(
        &client,
        letter(record(Some(b"k"), Some(b"v"), &Headers::new()), huge),
    )
    .unwrap();
    let [usual, least] = client.taken().try_into().unwrap();
    let trace = |record: &ProducerRecord| {
        record
            .headers
            .last("kafka_dlt-exception-stacktrace")
            .flatten()
            .map(<[u8]>::len)
    };
    assert!(trace(&usual).unwrap() > 4096 && trace(&usual).unwrap() <= 8192);
    assert!(trace(&least).unwrap() <= 128);
    assert_eq!(usual.payload, least.payload);
}

#[test]
fn a_letter_that_goes_round_and_round_remembers_its_ten_newest_places() {
    let mut headers = Headers::new().with("own", "first");
    for _ in 0..15 {
        headers = written(letter(record(None, Some(b"x"), &headers), failed())).headers;
    }
    let count = |name| headers.iter().filter(|(known, _)| *known == name).count();
    assert_eq!(count("kafka_dlt-original-topic"), 10);
    assert_eq!(count("kafka_dlt-original-offset"), 10);
    assert_eq!(
        headers.iter().next(),
        Some(("own", Some(b"first".as_slice())))
    );
}

#[test]
fn every_reason_says_whether_another_offer_may_help() {
    let refused = |retriable| ProduceError::Refused {
        reason: "odd".to_owned(),
        retriable,
    };
    let fatal = |is_replaced| ProduceError::Fatal {
        reason: "x".to_owned(),
        may_be_written: true,
        is_replaced,
    };
    let cases = [
        (
            ProduceError::TooLarge { by_client: false },
            Refusal::ForGood,
        ),
        (refused(false), Refusal::ForGood),
        (refused(true), Refusal::ForNow),
        (ProduceError::TimedOut { trouble: None }, Refusal::ForNow),
        (fatal(true), Refusal::ForNow),
        (fatal(false), Refusal::UntilRepaired),
        (ProduceError::NotPermitted, Refusal::UntilRepaired),
        (ProduceError::UnknownTopic, Refusal::UntilRepaired),
    ];
    for (reason, expected) in cases {
        let step = || Step::Fail(reason.clone());
        let client = ScriptedProducer::with([step(), step()]);
        let error = publish(
            &client,
            letter(record(None, None, &Headers::new()), failed()),
        )
        .unwrap_err();
        assert_eq!(error.refusal(), expected, "{reason:?}");
    }
}

#[tokio::test]
async fn a_file_has_one_line_for_each_letter_also_of_bytes_that_are_no_text() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letters.jsonl");
    let file = DeadLetterFile::new(&path);
    let own = Headers::new().with("source", "web");
    for _ in 0..2 {
        let record = record(None, Some(b"\xff{\n"), &own);
        file.publish(letter(record, failed())).await.unwrap();
    }
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    let [first, ..] = lines.as_slice() else {
        panic!("{text}")
    };
    assert_eq!(
        (&first["payload"], &first["key"]),
        (&"ff7b0a".into(), &serde_json::Value::Null)
    );
    assert_eq!(
        (&first["topic"], &first["offset"]),
        (&"orders".into(), &258.into())
    );
    assert_eq!(first["headers"], serde_json::json!([["source", "776562"]]));
    assert_eq!(first["error"], "the ledger is closed");
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_asked_again() {
    let file = DeadLetterFile::new("/nowhere/letters.jsonl");
    let error = file
        .publish(letter(record(None, None, &Headers::new()), failed()))
        .await
        .unwrap_err();
    let error: &DeadLetterError = error.downcast_ref().unwrap();
    assert_eq!(error.refusal(), Refusal::ForNow);
}
