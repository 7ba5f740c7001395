//! The template against a broker: what it writes, what it answers, and what it says when it cannot.

use std::sync::Arc;
use std::time::{Duration, Instant};

use broker_lite::{Broker, BrokerHandle};
use bytes::Bytes;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{Headers as _, OwnedMessage};
use rdkafka::{Message as _, Offset as Start, TopicPartitionList};
use serde::{Deserialize, Serialize};
use wellspring::client::{RecordBatch, RecordParts};
use wellspring::codec::{EncodeError, Event};
use wellspring::dead_letter::{DeadLetter, DeadLetterPublisher, Failure, FailureKind};
use wellspring::extract::ListenerId;
use wellspring::producer::{KafkaTemplate, SendError};
use wellspring::types::{
    GroupId, Offset, PartitionId, Timestamp, TimestampType, TopicName, TopicPartition,
};

const TIMEOUT: Duration = Duration::from_secs(20);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct TopUp {
    card: String,
    cents: u64,
}

impl Event for TopUp {
    const TOPIC: &'static str = "card.topups";

    fn key(&self) -> Result<Option<Bytes>, EncodeError> {
        wellspring::codec::key(&self.card)
    }
}

async fn broker() -> BrokerHandle {
    let broker = Broker::builder()
        .topic("card.topups", 4)
        .topic("one", 1)
        .topic("one-dlt", 1);
    broker
        .set("auto.create.topics.enable", "false")
        .start()
        .await
        .expect("the broker starts")
}

fn template(broker: &BrokerHandle) -> KafkaTemplate {
    KafkaTemplate::builder(broker.bootstrap())
        .build()
        .expect("the properties are good")
}

/// The first `count` records of a partition.
fn read(broker: &BrokerHandle, topic: &str, partition: i32, count: usize) -> Vec<OwnedMessage> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", broker.bootstrap())
        .set("group.id", "reader")
        .set("fetch.wait.max.ms", "5")
        .create()
        .expect("the properties are good");
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(topic, partition, Start::Beginning)
        .expect("a partition");
    consumer.assign(&list).expect("it assigns");
    let (mut records, end) = (Vec::new(), now() + TIMEOUT);
    while records.len() < count {
        assert!(now() < end, "{} of {count} records came", records.len());
        if let Some(message) = consumer.poll(Duration::from_millis(50)) {
            records.push(message.expect("a record").detach());
        }
    }
    records
}

fn now() -> Instant {
    wellspring::runtime::Clock::system().now()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_arrives_as_it_was_sent() {
    let broker = broker().await;
    let template = template(&broker);
    let topup = TopUp {
        card: "2026001".to_owned(),
        cents: 500,
    };
    let receipt = template.send(&topup).await.expect("it is written");
    assert_eq!(
        (receipt.topic.as_str(), receipt.offset),
        ("card.topups", Offset(0))
    );
    let record = read(&broker, "card.topups", receipt.partition.0, 1).remove(0);
    assert_eq!(record.key(), Some(b"2026001".as_slice()));
    assert_eq!(
        serde_json::from_slice::<TopUp>(record.payload().expect("a payload")).expect("json"),
        topup
    );
    assert_eq!(record.timestamp().to_millis(), Some(receipt.timestamp.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_part_of_a_record_arrives() {
    let broker = broker().await;
    let template = template(&broker);
    let full = template
        .record("one")
        .key("k")
        .timestamp(Timestamp(1_700_000_000_000))
        .bytes(Bytes::new());
    let full = full
        .header("a", "1")
        .header("b", &None::<i32>)
        .header("a", &2_i32);
    full.send().await.expect("it is written");
    template
        .record("one")
        .tombstone()
        .send()
        .await
        .expect("it is written");
    let records = read(&broker, "one", 0, 2);
    let [full, bare] = records.as_slice() else {
        panic!("two records")
    };
    assert_eq!(
        (full.key(), full.payload()),
        (Some(b"k".as_slice()), Some(b"".as_slice()))
    );
    assert_eq!(full.timestamp().to_millis(), Some(1_700_000_000_000));
    let headers: Vec<_> = full
        .headers()
        .expect("headers")
        .iter()
        .map(|h| (h.key.to_owned(), h.value.map(<[u8]>::to_vec)))
        .collect();
    let expected = [
        ("a", Some(b"1".to_vec())),
        ("b", None),
        ("a", Some(vec![0, 0, 0, 2])),
    ];
    assert_eq!(
        headers,
        expected.map(|(name, value)| (name.to_owned(), value))
    );
    assert_eq!((bare.key(), bare.payload()), (None, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_sends_under_way_keep_their_order() {
    let broker = broker().await;
    // Room for some forty records, so that most sends wait in line.
    let template = KafkaTemplate::builder(broker.bootstrap())
        .buffer_memory(12_000)
        .build()
        .expect("good");
    let sends: Vec<_> = (0..2000)
        .map(|n: u32| template.record("one").text(n.to_string()).send())
        .collect();
    let receipts = futures::future::join_all(sends).await;
    for (n, receipt) in receipts.into_iter().enumerate() {
        assert_eq!(receipt.expect("it is written").offset.0, n as i64);
    }
    let records = read(&broker, "one", 0, 2000);
    let in_order = records
        .iter()
        .enumerate()
        .all(|(n, record)| record.payload() == Some(n.to_string().as_bytes()));
    assert!(in_order);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_goes_where_a_java_producer_puts_it() {
    let broker = broker().await;
    let template = template(&broker);
    // Partitions of `Utils.toPositive(Utils.murmur2(key)) % 4` of the Java client.
    for (key, partition) in [
        ("2026001", 0),
        ("2026002", 1),
        ("2026007", 2),
        ("2026003", 3),
    ] {
        let receipt = template
            .record("card.topups")
            .key(key)
            .text("x")
            .send()
            .await
            .expect("it is written");
        assert_eq!(receipt.partition, PartitionId(partition), "{key}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_broker_refuses_is_told_apart() {
    let broker = broker().await;
    let template = KafkaTemplate::builder(broker.bootstrap())
        .property("topic.metadata.propagation.max.ms", "100")
        .build()
        .expect("good");
    let missing = template
        .record("nowhere")
        .text("x")
        .send()
        .await
        .expect_err("there is no such topic");
    assert!(
        matches!(&missing, SendError::UnknownTopic { topic } if topic.as_str() == "nowhere"),
        "{missing:?}"
    );
    let partition = template
        .record("one")
        .partition(PartitionId(7))
        .text("x")
        .send()
        .await
        .expect_err("it has one");
    assert_eq!(partition.to_string(), "topic one has no partition 7");
    let large = template
        .record("one")
        .bytes(vec![7; 2 << 20])
        .send()
        .await
        .expect_err("it is too large");
    assert!(
        matches!(
            large,
            SendError::TooLarge {
                bytes: 2_097_152,
                ..
            }
        ),
        "{large:?}"
    );
    template
        .record("one")
        .text("still works")
        .send()
        .await
        .expect("it is written");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_broker_is_named_within_the_deadline() {
    let template = KafkaTemplate::builder("127.0.0.1:1")
        .property("delivery.timeout.ms", "700")
        .build()
        .expect("good");
    let error = template
        .record("one")
        .text("x")
        .send()
        .await
        .expect_err("nobody is there");
    let text = error.to_string();
    assert!(
        text.starts_with("no acknowledgement for one within 700ms: ")
            && text.contains("127.0.0.1:1"),
        "{text}"
    );
    assert!(error.is_retriable());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_template_has_written_everything() {
    let broker = broker().await;
    let template = template(&broker);
    for n in 0..500 {
        drop(template.record("one").text(n.to_string()).send());
    }
    template.close(TIMEOUT).await.expect("all is written");
    assert_eq!(template.in_flight(), 0);
    assert_eq!(read(&broker, "one", 0, 500).len(), 500);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_dropped_template_had_taken_is_still_written() {
    let broker = broker().await;
    let template = template(&broker);
    drop(template.record("one").text("last words").send());
    drop(template);
    assert_eq!(read(&broker, "one", 0, 1).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_finds_a_place_in_a_topic_with_fewer_partitions() {
    let broker = broker().await;
    let publisher = DeadLetterPublisher::new(template(&broker));
    let source = TopicPartition::new(TopicName::new("one").expect("a name"), PartitionId(5));
    let mut batch = RecordBatch::builder();
    let timestamp = (Timestamp(1_700_000_000_000), TimestampType::CreateTime);
    let parts = RecordParts {
        offset: Offset(3),
        timestamp,
        key: Some(b"k"),
        payload: Some(b"{odd"),
    };
    assert!(batch.push(&source, parts) && batch.header(b"own", None));
    let letter = DeadLetter {
        record: batch.build().record(0).expect("it was pushed"),
        listener: ListenerId::new("l"),
        group: GroupId::new("g").expect("an id"),
        topic: None,
        failure: Failure {
            kind: FailureKind::Failed,
            error: Arc::new(std::io::Error::other("no")),
            attempts: 1,
        },
        offer: 1,
    };
    let receipt = publisher.write(letter).await.expect("it is written");
    assert_eq!(receipt.to_string(), "one-dlt-0@0");
    let record = read(&broker, "one-dlt", 0, 1).remove(0);
    assert_eq!(
        (record.key(), record.payload()),
        (Some(b"k".as_slice()), Some(b"{odd".as_slice()))
    );
    let written_at = record.timestamp().to_millis();
    assert!(
        written_at > Some(1_700_000_000_000),
        "its time is that of its writing: {written_at:?}"
    );
    let headers = record.headers().expect("headers");
    let own = headers.get(0);
    assert_eq!((own.key, own.value), ("own", None));
    assert_eq!(
        (headers.get(2).key, headers.get(2).value),
        (
            "kafka_dlt-original-partition",
            Some([0, 0, 0, 5].as_slice())
        )
    );
}
