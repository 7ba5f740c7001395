//! What `#[kafka_producer]` makes of a trait: a type that sends, and a seam for tests.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use broker_lite::{Broker, BrokerHandle};
use rdkafka::Message as _;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{Headers as _, OwnedMessage};
use wellspring::prelude::*;
use wellspring::runtime::Clock;
use wellspring::testing::receipt;
use wellspring::types::{PartitionId, Timestamp, TopicName};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(topic = "card.topups", key = "card")]
struct TopUp {
    card: String,
    cents: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct Note {
    text: String,
}

#[kafka_producer]
trait TopUps {
    /// Goes to the event's own topic.
    async fn requested(&self, #[header("source")] source: &str, topup: &TopUp) -> SendResult;

    #[send(topic = "${audit.topic:card.audit}")]
    async fn audited(
        &self,
        #[key] card: &str,
        #[partition] partition: PartitionId,
        #[timestamp] at: Timestamp,
        #[header("attempt")] attempt: i32,
        note: Json<Note>,
    ) -> SendResult;

    async fn again(&self, topup: TopUp) -> SendResult {
        self.requested("again", &topup).await
    }

    fn name(&self) -> &'static str {
        "top-ups"
    }
}

fn topup() -> TopUp {
    TopUp {
        card: "2026001".to_owned(),
        cents: 500,
    }
}

fn note() -> Json<Note> {
    Json(Note {
        text: "seen".to_owned(),
    })
}

/// A broker, and the generated type over a template whose placeholders all resolve to "card.audit".
async fn kafka() -> (BrokerHandle, KafkaTopUps) {
    let broker = Broker::builder()
        .topic("card.topups", 1)
        .topic("card.audit", 3);
    let broker = broker.start().await.expect("the broker starts");
    let template = KafkaTemplate::builder(broker.bootstrap());
    let template = template
        .placeholders(|_| Ok("card.audit".to_owned()))
        .build();
    (
        broker,
        KafkaTopUps::new(template.expect("the properties are good")),
    )
}

/// The first record of a topic.
fn read(broker: &BrokerHandle, topic: &str) -> OwnedMessage {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", broker.bootstrap())
        .set("group.id", "reader");
    let consumer: BaseConsumer = config
        .set("auto.offset.reset", "earliest")
        .create()
        .expect("the properties are good");
    consumer.subscribe(&[topic]).expect("it subscribes");
    let end = now() + Duration::from_secs(20);
    loop {
        assert!(now() < end, "no record came");
        if let Some(message) = consumer.poll(Duration::from_millis(50)) {
            return message.expect("a record").detach();
        }
    }
}

fn now() -> Instant {
    Clock::system().now()
}

fn header<'a>(record: &'a OwnedMessage, name: &str) -> Option<&'a [u8]> {
    record
        .headers()?
        .iter()
        .find(|header| header.key == name)?
        .value
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_goes_to_its_topic_with_its_key() {
    let (broker, topups) = kafka().await;
    let receipt = topups
        .requested("web", &topup())
        .await
        .expect("it is written");
    assert_eq!(receipt.topic.as_str(), "card.topups");
    let record = read(&broker, "card.topups");
    assert_eq!(record.key(), Some(b"2026001".as_slice()));
    assert_eq!(header(&record, "source"), Some(b"web".as_slice()));
    assert_eq!(
        record.payload(),
        Some(br#"{"card":"2026001","cents":500}"#.as_slice())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn each_argument_is_the_part_that_its_attribute_says() {
    let (broker, topups) = kafka().await;
    let at = Timestamp(1_700_000_000_000);
    let receipt = topups
        .audited("2026001", PartitionId(2), at, 7, note())
        .await
        .expect("it is written");
    assert_eq!(
        (receipt.topic.as_str(), receipt.partition),
        ("card.audit", PartitionId(2))
    );
    let record = read(&broker, "card.audit");
    assert_eq!(
        (record.key(), record.partition()),
        (Some(b"2026001".as_slice()), 2)
    );
    assert_eq!(record.timestamp().to_millis(), Some(at.0));
    assert_eq!(
        header(&record, "attempt"),
        Some(7_i32.to_be_bytes().as_slice())
    );
    assert_eq!(record.payload(), Some(br#"{"text":"seen"}"#.as_slice()));
}

/// What a user's test writes instead of a Kafka.
#[derive(Default)]
struct Recorded(Mutex<Vec<String>>);

impl Recorded {
    fn note(&self, line: String) -> SendResult {
        self.0.lock().expect("no writer panics").push(line);
        Err(SendError::Closed {
            topic: TopicName::new("card.topups").expect("it is one"),
        })
    }
}

impl TopUps for Recorded {
    async fn requested(&self, source: &str, topup: &TopUp) -> SendResult {
        self.note(format!("{source}: {}", topup.card))
    }

    async fn audited(
        &self,
        card: &str,
        PartitionId(partition): PartitionId,
        Timestamp(at): Timestamp,
        attempt: i32,
        note: Json<Note>,
    ) -> SendResult {
        self.note(format!("{card} {partition} {at} {attempt} {}", note.0.text))
    }
}

fn is_send<T: Send>(value: T) -> T {
    value
}

#[tokio::test]
async fn a_trait_can_be_implemented_by_hand_and_keeps_its_own_methods() {
    let recorded = Recorded::default();
    assert!(is_send(recorded.again(topup())).await.is_err());
    assert!(
        is_send(recorded.audited("7", PartitionId(1), Timestamp(2), 3, note()))
            .await
            .is_err()
    );
    assert_eq!(
        *recorded.0.lock().expect("no writer panics"),
        ["again: 2026001", "7 1 2 3 seen"]
    );
    assert_eq!(recorded.name(), "top-ups");
}

#[wellspring::test(topics = "card.audit")]
async fn a_placeholder_takes_its_default_in_a_test(kafka: TestKafka) {
    let topups = KafkaTopUps::new(kafka.template());
    let receipt = topups
        .audited("2026001", PartitionId(0), Timestamp(1), 7, note())
        .await
        .expect("it is written");
    assert_eq!(receipt.topic.as_str(), "card.audit");
}

/// A service that is generic over its producer; the trait's object is a producer, too.
struct Shop<P> {
    topups: P,
}

impl<P: TopUps> Shop<P> {
    async fn sell(&self) -> SendResult {
        self.topups.requested("shop", &topup()).await
    }
}

#[tokio::test]
async fn a_producer_can_be_swapped_as_an_object() {
    let recorded = Arc::new(Recorded::default());
    let topups: Arc<dyn TopUps> = recorded.clone();
    assert!(is_send(topups.requested("web", &topup())).await.is_err());
    assert!(is_send(topups.again(topup())).await.is_err());
    assert_eq!(topups.name(), "top-ups");
    let boxed: Box<dyn TopUps> = Box::new(topups.clone());
    assert!(
        boxed
            .audited("7", PartitionId(1), Timestamp(2), 3, note())
            .await
            .is_err()
    );
    let shop = Shop { topups };
    assert!(is_send(shop.sell()).await.is_err());
    assert!(
        Shop {
            topups: recorded.clone()
        }
        .sell()
        .await
        .is_err(),
        "shared as it is, too"
    );
    assert_eq!(
        *recorded.0.lock().expect("no writer panics"),
        [
            "web: 2026001",
            "again: 2026001",
            "7 1 2 3 seen",
            "shop: 2026001",
            "shop: 2026001"
        ]
    );
}

/// Its own word for what others do by default.
struct Renamed;

impl TopUps for Renamed {
    async fn requested(&self, _source: &str, _topup: &TopUp) -> SendResult {
        Ok(receipt("card.topups"))
    }

    async fn audited(
        &self,
        _card: &str,
        partition: PartitionId,
        timestamp: Timestamp,
        _attempt: i32,
        _note: Json<Note>,
    ) -> SendResult {
        let mut written = receipt("card.audit");
        (written.partition, written.timestamp) = (partition, timestamp);
        Ok(written)
    }

    async fn again(&self, _topup: TopUp) -> SendResult {
        Err(SendError::Closed {
            topic: TopicName::new("renamed").expect("it is one"),
        })
    }

    fn name(&self) -> &'static str {
        "renamed"
    }
}

#[tokio::test]
async fn a_fake_can_answer_that_a_record_was_written() {
    let topups: Arc<dyn TopUps> = Arc::new(Renamed);
    assert_eq!(
        topups
            .requested("web", &topup())
            .await
            .expect("it says so")
            .to_string(),
        "card.topups-0@0"
    );
    let written = topups
        .audited("7", PartitionId(2), Timestamp(5), 1, note())
        .await
        .expect("it says so");
    assert_eq!(
        (written.partition, written.timestamp),
        (PartitionId(2), Timestamp(5))
    );
}

#[tokio::test]
async fn what_an_implementor_writes_itself_is_called_through_the_object_too() {
    let topups: Arc<dyn TopUps> = Arc::new(Renamed);
    let error = topups.again(topup()).await.expect_err("it has its own");
    assert!(error.to_string().contains("renamed"), "{error}");
    assert_eq!(topups.name(), "renamed");
}

mod shapes {
    //! Methods of other shapes beside those that send.
    use super::*;

    #[kafka_producer]
    pub(crate) trait Shapes: std::fmt::Debug {
        #[send(topic = "shapes")]
        async fn sent(
            &self,
            #[key] key: Option<&str>,
            #[header("a")] a: &'static str,
            text: &str,
        ) -> SendResult;

        async fn all<I: IntoIterator<Item = String> + Send>(&self, texts: I) -> usize
        where
            I::IntoIter: Send,
        {
            let mut sent = 0;
            for text in texts {
                sent += usize::from(self.sent(None, "a", &text).await.is_ok());
            }
            sent
        }

        async fn longer<'a>(&self, one: &'a str, other: &'a str) -> &'a str {
            if one.len() > other.len() { one } else { other }
        }

        fn topic() -> &'static str {
            "shapes"
        }
    }

    #[derive(Debug)]
    struct Counted;

    impl Shapes for Counted {
        async fn sent(&self, _key: Option<&str>, _a: &'static str, _text: &str) -> SendResult {
            Ok(receipt("shapes"))
        }
    }

    #[tokio::test]
    async fn methods_that_no_object_can_have_are_still_there_for_arc() {
        let shapes: Arc<dyn Shapes> = Arc::new(Counted);
        assert_eq!(shapes.all(["a".to_owned(), "b".to_owned()]).await, 2);
        assert_eq!(shapes.longer("one", "three").await, "three");
        assert_eq!(format!("{shapes:?} {}", Counted::topic()), "Counted shapes");
    }
}
