//! Fetch sessions (KIP-227): what is told again and what is not.

use broker_lite::{Broker, BrokerHandle};
use kafka_protocol::messages::fetch_request::ForgottenTopic;
use kafka_protocol::messages::*;
use kafka_protocol::records::Compression;

use crate::client::Client;
use crate::samples::{Known, batch, fetch_request, produce, values};

const FETCH_SESSION_ID_NOT_FOUND: i16 = 70;
const INVALID_FETCH_SESSION_EPOCH: i16 = 71;
const FETCH_SESSION_TOPIC_ID_ERROR: i16 = 106;
const VERSION: i16 = 12;

async fn start(builder: broker_lite::BrokerBuilder) -> (BrokerHandle, Client, Known) {
    let broker = builder.topic("t", 2).start().await.unwrap();
    let mut client = Client::connect(broker.addr());
    let topic = Known::look_up(&mut client, "t");
    (broker, client, topic)
}

fn fetch(client: &mut Client, version: i16, request: FetchRequest) -> FetchResponse {
    match client.call(ApiKey::Fetch, version, &RequestKind::Fetch(request)) {
        ResponseKind::Fetch(fetched) => fetched,
        other => panic!("{other:?}"),
    }
}

/// A request over both partitions from offset 0.
fn both(topic: &Known, version: i16) -> FetchRequest {
    let mut request = fetch_request(topic, version, 0, 0);
    let second = request.topics[0].partitions[0].clone().with_partition(1);
    request.topics[0].partitions.push(second);
    request
}

fn next(id: i32, epoch: i32) -> FetchRequest {
    FetchRequest::default()
        .with_replica_id(BrokerId(-1))
        .with_max_bytes(1 << 20)
        .with_session_id(id)
        .with_session_epoch(epoch)
}

fn told(response: &FetchResponse) -> Vec<i32> {
    let partitions = response
        .responses
        .iter()
        .flat_map(|topic| &topic.partitions);
    partitions
        .map(|partition| partition.partition_index)
        .collect()
}

#[tokio::test]
async fn a_session_tells_only_news_and_reads_where_the_client_said() {
    let (broker, mut client, topic) = start(Broker::builder()).await;
    let first = fetch(
        &mut client,
        VERSION,
        both(&topic, VERSION).with_session_epoch(0),
    );
    assert_ne!(first.session_id, 0);
    assert_eq!(told(&first), [0, 1], "a new session tells everything");
    let id = first.session_id;
    assert_eq!(
        told(&fetch(&mut client, VERSION, next(id, 1))),
        [0; 0],
        "nothing has changed"
    );

    client.call(
        ApiKey::Produce,
        9,
        &produce(&topic, 9, 1, batch(&["a"], Compression::None)),
    );
    for epoch in 2..4 {
        let news = fetch(&mut client, VERSION, next(id, epoch));
        assert_eq!(told(&news), [1]);
        let records = news.responses[0].partitions[0].records.clone();
        assert_eq!(
            values(records),
            ["a"],
            "the client has not moved on, so it is read again"
        );
    }
    let mut moved = fetch_request(&topic, VERSION, 1, 1)
        .with_session_id(id)
        .with_session_epoch(4);
    moved.min_bytes = 0;
    assert_eq!(told(&fetch(&mut client, VERSION, moved)), [0; 0]);
    broker.stop().await;
}

#[tokio::test]
async fn forgotten_partitions_leave_the_session_and_errors_are_told_each_time() {
    let (broker, mut client, topic) = start(Broker::builder()).await;
    let mut request = both(&topic, VERSION).with_session_epoch(0);
    request.topics[0].partitions[1].partition = 9;
    let id = fetch(&mut client, VERSION, request).session_id;
    for epoch in 1..3 {
        assert_eq!(
            told(&fetch(&mut client, VERSION, next(id, epoch))),
            [9],
            "an unknown partition"
        );
    }
    let forgotten = ForgottenTopic::default()
        .with_topic(TopicName(topic.name.clone()))
        .with_partitions(vec![9]);
    // Named again in the same request: what is forgotten is forgotten.
    let again = fetch_request(&topic, VERSION, 9, 0).topics;
    let request = next(id, 3)
        .with_topics(again)
        .with_forgotten_topics_data(vec![forgotten]);
    assert_eq!(told(&fetch(&mut client, VERSION, request)), [0; 0]);
    broker.stop().await;
}

#[tokio::test]
async fn a_session_that_does_not_fit_is_refused_as_a_whole() {
    let (broker, mut client, topic) = start(Broker::builder()).await;
    let id = fetch(
        &mut client,
        VERSION,
        both(&topic, VERSION).with_session_epoch(0),
    )
    .session_id;
    let mut error = |version, request| {
        let refused = fetch(&mut client, version, request);
        assert!(refused.responses.is_empty());
        refused.error_code
    };
    assert_eq!(error(VERSION, next(id, 2)), INVALID_FETCH_SESSION_EPOCH);
    assert_eq!(
        error(VERSION, next(id.wrapping_add(1), 1)),
        FETCH_SESSION_ID_NOT_FOUND
    );
    assert_eq!(error(13, next(id, 1)), FETCH_SESSION_TOPIC_ID_ERROR);
    assert_eq!(error(VERSION, next(id, 1)), 0, "a refusal does not count");
    assert_eq!(error(VERSION, next(id, -1)), 0, "closed");
    assert_eq!(error(VERSION, next(id, 2)), FETCH_SESSION_ID_NOT_FOUND);
    broker.stop().await;
}

#[tokio::test]
async fn without_room_a_client_is_served_without_a_session() {
    let settings = Broker::builder().set("max.incremental.fetch.session.cache.slots", "1");
    let (broker, mut client, topic) = start(settings).await;
    let request = || both(&topic, VERSION).with_session_epoch(0);
    assert_ne!(fetch(&mut client, VERSION, request()).session_id, 0);
    let second = fetch(&mut client, VERSION, request());
    assert_eq!((second.session_id, told(&second)), (0, vec![0, 1]));
    broker.stop().await;
}

#[tokio::test]
async fn a_busy_partition_does_not_starve_the_others() {
    let (broker, mut client, topic) = start(Broker::builder()).await;
    for partition in 0..2 {
        client.call(
            ApiKey::Produce,
            9,
            &produce(&topic, 9, partition, batch(&["x"], Compression::None)),
        );
    }
    let mut request = both(&topic, VERSION)
        .with_session_epoch(0)
        .with_max_bytes(1);
    request.topics[0].partitions[1].partition_max_bytes = 1;
    let first = fetch(&mut client, VERSION, request);
    let full = |response: &FetchResponse| {
        let partitions = response
            .responses
            .iter()
            .flat_map(|topic| topic.partitions.clone());
        let full = partitions.filter(|data| {
            data.records
                .as_ref()
                .is_some_and(|records| !records.is_empty())
        });
        full.map(|data| data.partition_index).collect::<Vec<_>>()
    };
    assert_eq!(full(&first), [0], "there is room for one batch only");
    let request = |epoch| next(first.session_id, epoch).with_max_bytes(1);
    assert_eq!(
        full(&fetch(&mut client, VERSION, request(1))),
        [1],
        "who had nothing comes first"
    );
    assert_eq!(full(&fetch(&mut client, VERSION, request(2))), [0]);
    broker.stop().await;
}

#[tokio::test]
async fn a_session_follows_five_thousand_partitions_and_no_more() {
    let (broker, mut client, topic) = start(Broker::builder()).await;
    let many = |indexes: std::ops::Range<i32>| {
        let mut request = fetch_request(&topic, VERSION, 0, 0).with_session_epoch(0);
        let first = request.topics[0].partitions[0].clone();
        request.topics[0].partitions = indexes
            .map(|index| first.clone().with_partition(index))
            .collect();
        request
    };
    assert_eq!(fetch(&mut client, VERSION, many(0..5001)).session_id, 0);
    let id = fetch(&mut client, VERSION, many(0..5000)).session_id;
    assert_ne!(id, 0);
    let more = many(5000..5001).with_session_id(id).with_session_epoch(1);
    assert_eq!(
        fetch(&mut client, VERSION, more).error_code,
        FETCH_SESSION_ID_NOT_FOUND
    );
    broker.stop().await;
}
