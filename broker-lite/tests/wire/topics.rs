//! Topics as a client sees them.

use broker_lite::Broker;
use bytes::Bytes;
use kafka_protocol::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};
use kafka_protocol::messages::delete_topics_request::DeleteTopicState;
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::metadata_response::MetadataResponseTopic;
use kafka_protocol::messages::*;
use kafka_protocol::records::Compression;

use crate::client::Client;
use crate::samples::{Known, batch, fetch_request, produce, text};

const UNKNOWN_TOPIC_OR_PARTITION: i16 = 3;
const INVALID_TOPIC: i16 = 17;
const TOPIC_ALREADY_EXISTS: i16 = 36;
const INVALID_PARTITIONS: i16 = 37;
const INVALID_REPLICATION_FACTOR: i16 = 38;
const INVALID_CONFIG: i16 = 40;
const INVALID_REQUEST: i16 = 42;
const UNKNOWN_TOPIC_ID: i16 = 100;

fn metadata(
    client: &mut Client,
    version: i16,
    names: Option<&[&str]>,
    create: bool,
) -> Vec<MetadataResponseTopic> {
    let topic =
        |name: &&str| MetadataRequestTopic::default().with_name(Some(TopicName(text(name))));
    let request = MetadataRequest::default()
        .with_topics(names.map(|names| names.iter().map(topic).collect()))
        .with_allow_auto_topic_creation(create || version < 4);
    match client.call(ApiKey::Metadata, version, &RequestKind::Metadata(request)) {
        ResponseKind::Metadata(metadata) => metadata.topics,
        other => panic!("{other:?}"),
    }
}

fn create(
    client: &mut Client,
    validate_only: bool,
    topics: Vec<CreatableTopic>,
) -> Vec<(String, i16)> {
    let request = CreateTopicsRequest::default()
        .with_topics(topics)
        .with_validate_only(validate_only);
    match client.call(ApiKey::CreateTopics, 7, &RequestKind::CreateTopics(request)) {
        ResponseKind::CreateTopics(created) => created
            .topics
            .iter()
            .map(|topic| (topic.name.to_string(), topic.error_code))
            .collect(),
        other => panic!("{other:?}"),
    }
}

fn wanted(name: &str, partitions: i32, replicas: i16) -> CreatableTopic {
    CreatableTopic::default()
        .with_name(TopicName(text(name)))
        .with_num_partitions(partitions)
        .with_replication_factor(replicas)
}

#[tokio::test]
async fn null_topics_are_all_and_no_topics_are_none_but_in_version_0() {
    let broker = Broker::builder()
        .topic("a", 1)
        .topic("b", 1)
        .start()
        .await
        .unwrap();
    let mut client = Client::connect(broker.addr());
    assert_eq!(metadata(&mut client, 1, None, false).len(), 2);
    assert_eq!(metadata(&mut client, 1, Some(&[]), false).len(), 0);
    assert_eq!(metadata(&mut client, 0, Some(&[]), false).len(), 2);
    broker.stop().await;
}

#[tokio::test]
async fn asking_for_a_topic_creates_it_and_the_same_answer_has_it() {
    let broker = Broker::builder()
        .set("num.partitions", "3")
        .start()
        .await
        .unwrap();
    let mut client = Client::connect(broker.addr());
    for (version, name) in [(1, "by-an-old-client"), (12, "by-a-new-client")] {
        let created = metadata(&mut client, version, Some(&[name]), true).remove(0);
        assert_eq!(
            (created.error_code, created.partitions.len()),
            (0, 3),
            "{name}"
        );
        let again = metadata(&mut client, version, Some(&[name]), true).remove(0);
        assert_eq!(again.topic_id, created.topic_id, "{name}");
    }
    broker.stop().await;
}

#[tokio::test]
async fn a_topic_is_not_created_unless_broker_and_client_both_want_it() {
    let willing = Broker::builder().start().await.unwrap();
    let unwilling = Broker::builder()
        .set("auto.create.topics.enable", "false")
        .start()
        .await
        .unwrap();
    for (broker, create) in [(&willing, false), (&unwilling, true)] {
        let mut client = Client::connect(broker.addr());
        for _ in 0..2 {
            let topic = &metadata(&mut client, 9, Some(&["t"]), create)[0];
            assert_eq!(topic.error_code, UNKNOWN_TOPIC_OR_PARTITION);
        }
    }
    willing.stop().await;
    unwilling.stop().await;
}

#[tokio::test]
async fn an_impossible_name_is_the_topics_own_error() {
    let broker = Broker::builder().topic("good", 1).start().await.unwrap();
    let mut client = Client::connect(broker.addr());
    let too_long = "x".repeat(250);
    let topics = metadata(
        &mut client,
        9,
        Some(&["topic$#!", "", "..", &too_long, "good"]),
        true,
    );
    let errors: Vec<i16> = topics.iter().map(|topic| topic.error_code).collect();
    assert_eq!(
        errors,
        [
            INVALID_TOPIC,
            INVALID_TOPIC,
            INVALID_TOPIC,
            INVALID_TOPIC,
            0
        ]
    );
    broker.stop().await;
}

#[tokio::test]
async fn topics_are_created_one_by_one_and_each_refusal_has_its_code() {
    let broker = Broker::builder()
        .topic("there", 1)
        .topic("a.b", 1)
        .start()
        .await
        .unwrap();
    let mut client = Client::connect(broker.addr());
    let config = |topic: CreatableTopic, key: &str, value: &str| {
        let config = CreatableTopicConfig::default()
            .with_name(text(key))
            .with_value(Some(text(value)));
        topic.with_configs(vec![config])
    };
    let cases = [
        (wanted("fine", 2, 1), 0),
        (wanted("defaults", -1, -1), 0),
        (config(wanted("set", 1, 1), "retention.ms", "1000"), 0),
        (wanted("there", 1, 1), TOPIC_ALREADY_EXISTS),
        (wanted("a_b", 1, 1), INVALID_TOPIC),
        (wanted("no/name", 1, 1), INVALID_TOPIC),
        (wanted("none", 0, 1), INVALID_PARTITIONS),
        (wanted("three", 1, 3), INVALID_REPLICATION_FACTOR),
        (wanted("zero", 1, 0), INVALID_REPLICATION_FACTOR),
        (
            config(wanted("odd", 1, 1), "retention.minutes", "1"),
            INVALID_CONFIG,
        ),
        (
            config(wanted("worse", 1, 1), "retention.ms", "soon"),
            INVALID_CONFIG,
        ),
        (
            config(
                wanted("two-lines", 1, 1),
                "cleanup.policy",
                "compact,\ndelete",
            ),
            INVALID_CONFIG,
        ),
        (
            config(
                wanted("without-effect", 1, 1),
                "min.cleanable.dirty.ratio",
                "0.01",
            ),
            0,
        ),
        (
            config(wanted("from-a-script", 1, 1), "preallocate", "True"),
            0,
        ),
        (
            config(wanted("with-spaces", 1, 1), "retention.ms", " 1000\n"),
            0,
        ),
        (
            config(wanted("tiny-segments", 1, 1), "segment.bytes", "1048575"),
            INVALID_CONFIG,
        ),
        (wanted("twice", 1, 1), INVALID_REQUEST),
    ];
    let mut topics: Vec<_> = cases.iter().map(|(topic, _)| topic.clone()).collect();
    topics.push(wanted("twice", 1, 1));
    let answers = create(&mut client, false, topics);
    let expected: Vec<_> = cases
        .iter()
        .map(|(topic, error)| (topic.name.to_string(), *error))
        .collect();
    assert_eq!(answers, expected);

    let names: Vec<_> = metadata(&mut client, 1, None, false)
        .iter()
        .map(|topic| topic.name.as_ref().unwrap().to_string())
        .collect();
    assert_eq!(
        names,
        [
            "a.b",
            "defaults",
            "fine",
            "from-a-script",
            "set",
            "there",
            "with-spaces",
            "without-effect",
        ]
    );
    broker.stop().await;
}

#[tokio::test]
async fn validating_creates_nothing() {
    let broker = Broker::builder().start().await.unwrap();
    let mut client = Client::connect(broker.addr());
    assert_eq!(
        create(&mut client, true, vec![wanted("t", 1, 1)]),
        [("t".to_owned(), 0)]
    );
    assert_eq!(metadata(&mut client, 1, None, false).len(), 0);
    broker.stop().await;
}

#[tokio::test]
async fn a_stale_topic_id_never_reaches_the_new_topic() {
    let broker = Broker::builder().topic("t", 1).start().await.unwrap();
    let mut client = Client::connect(broker.addr());
    let old = Known::look_up(&mut client, "t");
    let by_id = DeleteTopicState::default()
        .with_name(None)
        .with_topic_id(old.id);
    let request =
        RequestKind::DeleteTopics(DeleteTopicsRequest::default().with_topics(vec![by_id]));
    let ResponseKind::DeleteTopics(deleted) = client.call(ApiKey::DeleteTopics, 6, &request) else {
        unreachable!()
    };
    assert_eq!(deleted.responses[0].error_code, 0);
    create(&mut client, false, vec![wanted("t", 1, 1)]);
    let new = Known::look_up(&mut client, "t");
    assert_ne!(new.id, old.id);

    let records = batch(&["for the old topic"], Compression::None);
    let ResponseKind::Produce(produced) =
        client.call(ApiKey::Produce, 13, &produce(&old, 13, 0, records))
    else {
        unreachable!()
    };
    assert_eq!(
        produced.responses[0].partition_responses[0].error_code,
        UNKNOWN_TOPIC_ID
    );
    let request = RequestKind::Fetch(fetch_request(&old, 13, 0, 0).with_max_wait_ms(10_000));
    let ResponseKind::Fetch(fetched) = client.call(ApiKey::Fetch, 13, &request) else {
        unreachable!()
    };
    assert_eq!(
        fetched.responses[0].partitions[0].error_code,
        UNKNOWN_TOPIC_ID
    );
    let ResponseKind::DeleteTopics(again) =
        client.call(
            ApiKey::DeleteTopics,
            6,
            &RequestKind::DeleteTopics(DeleteTopicsRequest::default().with_topics(
                vec![DeleteTopicState::default().with_name(None).with_topic_id(old.id)],
            )),
        )
    else {
        unreachable!()
    };
    assert_eq!(again.responses[0].error_code, UNKNOWN_TOPIC_ID);
    broker.stop().await;
}

#[tokio::test]
async fn a_deletion_that_is_not_clear_deletes_nothing() {
    let broker = Broker::builder()
        .topic("t", 1)
        .topic("other", 1)
        .start()
        .await
        .unwrap();
    let mut client = Client::connect(broker.addr());
    let t = Known::look_up(&mut client, "t");
    let by_name = |name: &str| DeleteTopicState::default().with_name(Some(TopicName(text(name))));
    let by_id = DeleteTopicState::default()
        .with_name(None)
        .with_topic_id(t.id);
    let no_id = DeleteTopicState::default().with_name(None);
    for (what, topics) in [
        ("a name twice", vec![by_name("t"), by_name("t")]),
        ("a name and its id", vec![by_name("t"), by_id.clone()]),
        ("both in one", vec![by_name("t").with_topic_id(t.id)]),
        ("neither", vec![no_id]),
    ] {
        let request = RequestKind::DeleteTopics(DeleteTopicsRequest::default().with_topics(topics));
        let ResponseKind::DeleteTopics(deleted) = client.call(ApiKey::DeleteTopics, 6, &request)
        else {
            unreachable!()
        };
        let codes: Vec<i16> = deleted.responses.iter().map(|row| row.error_code).collect();
        assert_eq!(codes, [INVALID_REQUEST], "{what}");
    }
    assert_eq!(metadata(&mut client, 1, None, false).len(), 2);
    broker.stop().await;
}

#[tokio::test]
async fn half_a_producer_is_none() {
    let broker = Broker::builder().start().await.unwrap();
    let mut client = Client::connect(broker.addr());
    for (id, epoch, error) in [
        (-1, -1, 0),
        (7, 0, 0),
        (7, -1, INVALID_REQUEST),
        (-1, 0, INVALID_REQUEST),
    ] {
        let request = InitProducerIdRequest::default()
            .with_transactional_id(None)
            .with_producer_id(ProducerId(id))
            .with_producer_epoch(epoch);
        let answer = client.call(
            ApiKey::InitProducerId,
            4,
            &RequestKind::InitProducerId(request),
        );
        let ResponseKind::InitProducerId(given) = answer else {
            panic!("{answer:?}")
        };
        assert_eq!(given.error_code, error, "{id} {epoch}");
    }
    broker.stop().await;
}

#[tokio::test]
async fn what_a_client_is_told_to_connect_to_can_be_set() {
    let broker = Broker::builder()
        .set("advertised.listeners", "PLAINTEXT://kafka.test:1234")
        .start()
        .await
        .unwrap();
    let mut client = Client::connect(broker.addr());
    let request = RequestKind::Metadata(MetadataRequest::default().with_topics(None));
    let ResponseKind::Metadata(told) = client.call(ApiKey::Metadata, 12, &request) else {
        unreachable!()
    };
    assert_eq!(
        (told.brokers[0].host.as_str(), told.brokers[0].port),
        ("kafka.test", 1234)
    );
    assert_eq!(told.cluster_id.unwrap().len(), 22);
    broker.stop().await;
}

#[tokio::test]
async fn a_null_batch_is_an_error_of_its_partition() {
    let broker = Broker::builder().topic("t", 1).start().await.unwrap();
    let mut client = Client::connect(broker.addr());
    let topic = Known::look_up(&mut client, "t");
    for records in [Bytes::new(), Bytes::from_static(b"not a batch")] {
        let ResponseKind::Produce(produced) =
            client.call(ApiKey::Produce, 9, &produce(&topic, 9, 0, records))
        else {
            unreachable!()
        };
        assert_ne!(produced.responses[0].partition_responses[0].error_code, 0);
    }
    broker.stop().await;
}
