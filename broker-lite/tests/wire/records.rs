//! What producers and consumers are promised.

use std::time::{Duration, Instant};

use broker_lite::{Broker, BrokerHandle};
use bytes::Bytes;
use kafka_protocol::messages::fetch_response::PartitionData;
use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use kafka_protocol::messages::produce_response::PartitionProduceResponse;
use kafka_protocol::messages::*;
use kafka_protocol::records::{Compression, Record};

use crate::client::Client;
use crate::samples::{Known, batch, batch_of, fetch_request, produce, record, text, values};

const OFFSET_OUT_OF_RANGE: i16 = 1;
const CORRUPT_MESSAGE: i16 = 2;
const UNKNOWN_TOPIC_OR_PARTITION: i16 = 3;
const MESSAGE_TOO_LARGE: i16 = 10;
const INVALID_TOPIC: i16 = 17;
const INVALID_REQUIRED_ACKS: i16 = 21;
const OUT_OF_ORDER_SEQUENCE_NUMBER: i16 = 45;
const INVALID_PRODUCER_EPOCH: i16 = 47;
const UNKNOWN_LEADER_EPOCH: i16 = 75;
const UNSUPPORTED_COMPRESSION_TYPE: i16 = 76;
const INVALID_RECORD: i16 = 87;
/// Far longer than an answer takes, far shorter than the waits that must be cut short.
const AT_ONCE: Duration = Duration::from_secs(5);

async fn start(builder: broker_lite::BrokerBuilder) -> (BrokerHandle, Client, Known) {
    let broker = builder.topic("t", 1).start().await.unwrap();
    let mut client = Client::connect(broker.addr());
    let topic = Known::look_up(&mut client, "t");
    (broker, client, topic)
}

fn send(
    client: &mut Client,
    version: i16,
    topic: &Known,
    records: Bytes,
) -> PartitionProduceResponse {
    match client.call(
        ApiKey::Produce,
        version,
        &produce(topic, version, 0, records),
    ) {
        ResponseKind::Produce(mut produced) => {
            produced.responses.remove(0).partition_responses.remove(0)
        }
        other => panic!("{other:?}"),
    }
}

fn fetch(client: &mut Client, version: i16, request: FetchRequest) -> PartitionData {
    match client.call(ApiKey::Fetch, version, &RequestKind::Fetch(request)) {
        ResponseKind::Fetch(mut fetched) => fetched.responses.remove(0).partitions.remove(0),
        other => panic!("{other:?}"),
    }
}

/// Asks until the connection may wait for a minute: its first fetches of some partitions are
/// answered early.
fn settle(client: &mut Client, request: FetchRequest) {
    let request = RequestKind::Fetch(request.with_max_wait_ms(1));
    for _ in 0..16 {
        client.call(ApiKey::Fetch, 12, &request);
    }
}

#[tokio::test]
async fn every_codec_comes_back_as_it_was_sent() {
    let (broker, mut client, topic) = start(Broker::builder()).await;
    let codecs = [
        Compression::None,
        Compression::Gzip,
        Compression::Snappy,
        Compression::Lz4,
        Compression::Zstd,
    ];
    for codec in codecs {
        let answer = send(&mut client, 9, &topic, batch(&["a", "b"], codec));
        assert_eq!(answer.error_code, 0, "{codec:?}");
        let read = fetch(
            &mut client,
            12,
            fetch_request(&topic, 12, 0, answer.base_offset),
        );
        assert_eq!(values(read.records), ["a", "b"], "{codec:?}");
    }
    broker.stop().await;
}

#[tokio::test]
async fn zstd_is_not_taken_from_clients_that_cannot_know_it() {
    let (broker, mut client, topic) = start(Broker::builder()).await;
    let zstd = || batch(&["a"], Compression::Zstd);
    assert_eq!(
        send(&mut client, 6, &topic, zstd()).error_code,
        UNSUPPORTED_COMPRESSION_TYPE
    );
    assert_eq!(send(&mut client, 7, &topic, zstd()).error_code, 0);
    // Some of them read it all the same.
    assert_eq!(
        values(fetch(&mut client, 9, fetch_request(&topic, 9, 0, 0)).records),
        ["a"]
    );
    broker.stop().await;
}

#[tokio::test]
async fn a_bad_batch_is_refused_with_the_code_that_makes_the_client_do_right() {
    let (broker, mut client, topic) =
        start(Broker::builder().set("message.max.bytes", "2000")).await;
    let good = batch(&["a"], Compression::None);
    let mut flipped = good.to_vec();
    *flipped.last_mut().unwrap() ^= 1;
    let twice = [good.clone(), good.clone()].concat();
    // Right to its checksum, but no consumer could read it, nor anything behind it.
    let mut poison = good.to_vec();
    poison[22] |= 4;
    let crc = crc32c::crc32c(&poison[21..]);
    poison[17..21].copy_from_slice(&crc.to_be_bytes());
    let large = batch(&["x".repeat(3000).as_str()], Compression::None);
    let cases = [
        (flipped, CORRUPT_MESSAGE),
        (twice, INVALID_RECORD),
        (poison, INVALID_RECORD),
        (large.to_vec(), MESSAGE_TOO_LARGE),
        (good.to_vec(), 0),
    ];
    for (records, error) in cases {
        assert_eq!(
            send(&mut client, 9, &topic, records.into()).error_code,
            error
        );
    }
    assert_eq!(
        fetch(&mut client, 12, fetch_request(&topic, 12, 0, 0)).high_watermark,
        1
    );
    broker.stop().await;
}

#[tokio::test]
async fn a_compacted_topic_names_the_records_without_a_key() {
    let (broker, mut client, topic) =
        start(Broker::builder().set("log.cleanup.policy", "compact")).await;
    let records = vec![record(Some("k"), "a"), record(None, "b"), record(None, "c")];
    let answer = send(&mut client, 9, &topic, batch_of(records, Compression::None));
    assert_eq!(answer.error_code, INVALID_RECORD);
    let blamed: Vec<i32> = answer
        .record_errors
        .iter()
        .map(|record| record.batch_index)
        .collect();
    assert_eq!(blamed, [1, 2]);
    assert!(answer.error_message.is_some());
    broker.stop().await;
}

#[tokio::test]
async fn acks_are_0_1_or_all_and_all_replicas_are_enough_for_all() {
    let (broker, mut client, topic) =
        start(Broker::builder().set("min.insync.replicas", "2")).await;
    for (acks, error) in [
        (1, 0),
        (-1, 0),
        (2, INVALID_REQUIRED_ACKS),
        (-2, INVALID_REQUIRED_ACKS),
    ] {
        let RequestKind::Produce(request) = produce(&topic, 9, 0, batch(&["a"], Compression::None))
        else {
            unreachable!()
        };
        let request = RequestKind::Produce(request.with_acks(acks));
        let ResponseKind::Produce(answer) = client.call(ApiKey::Produce, 9, &request) else {
            unreachable!()
        };
        assert_eq!(
            answer.responses[0].partition_responses[0].error_code, error,
            "acks={acks}"
        );
    }
    broker.stop().await;
}

#[tokio::test]
async fn what_has_come_is_written_although_its_client_has_hung_up() {
    let (broker, mut client, topic) =
        start(Broker::builder().set("compression.type", "gzip")).await;
    // Each takes a while to be compressed, and all are on their way when the client leaves.
    let value = "as long as it takes ".repeat(20_000);
    let mut leaving = Client::connect(broker.addr());
    let request = produce(&topic, 9, 0, batch(&[value.as_str()], Compression::None));
    let RequestKind::Produce(mut request) = request else {
        unreachable!()
    };
    let partitions = &mut request.topic_data[0].partition_data;
    *partitions = vec![partitions[0].clone(); 10];
    for _ in 0..2 {
        leaving.send(
            ApiKey::Produce,
            9,
            &RequestKind::Produce(request.clone().with_acks(0)),
        );
    }
    leaving.finish();
    let mut written = |count| {
        let deadline = Instant::now() + AT_ONCE;
        loop {
            let written = fetch(&mut client, 12, fetch_request(&topic, 12, 0, 0)).high_watermark;
            if written >= count {
                break;
            }
            assert!(Instant::now() < deadline, "{written} of {count}");
        }
    };
    written(20);

    // A client that dies leaves answers unread, and its connection is reset.
    let mut dying = Client::connect(broker.addr());
    dying.send(
        ApiKey::ApiVersions,
        3,
        &RequestKind::ApiVersions(ApiVersionsRequest::default()),
    );
    dying.send(
        ApiKey::Produce,
        9,
        &RequestKind::Produce(request.with_acks(-1)),
    );
    // Once the first batch is there, all have come.
    written(21);
    dying.vanish();
    written(30);
    broker.stop().await;
}

#[tokio::test]
async fn a_write_with_acks_0_is_silent_and_hangs_up_when_it_fails() {
    let (broker, mut client, topic) = start(Broker::builder()).await;
    let silent = |records| match produce(&topic, 9, 0, records) {
        RequestKind::Produce(request) => RequestKind::Produce(request.with_acks(0)),
        other => other,
    };
    client.send(
        ApiKey::Produce,
        9,
        &silent(batch(&["unacknowledged"], Compression::None)),
    );
    // The next answer belongs to the next request: the silent one takes no place in the order.
    let read = fetch(&mut client, 12, fetch_request(&topic, 12, 0, 0));
    assert_eq!(values(read.records), ["unacknowledged"]);
    client.send(ApiKey::Produce, 9, &silent(Bytes::from_static(b"nonsense")));
    client.expect_hang_up("a failed write with acks=0");
    broker.stop().await;
}

#[tokio::test]
async fn a_producers_repetition_is_answered_with_the_old_offset() {
    let (broker, mut client, topic) = start(Broker::builder()).await;
    let from = |producer: i64, epoch: i16, sequence: i32| {
        let record = Record {
            producer_id: producer,
            producer_epoch: epoch,
            sequence,
            ..record(Some("k"), "v")
        };
        batch_of(vec![record], Compression::None)
    };
    let mut answer = |records| {
        let answer = send(&mut client, 9, &topic, records);
        (answer.error_code, answer.base_offset)
    };
    assert_eq!(answer(from(5, 0, 0)), (0, 0));
    assert_eq!(answer(from(5, 0, 1)), (0, 1));
    assert_eq!(answer(from(5, 0, 0)), (0, 0), "a repetition");
    assert_eq!(
        answer(from(5, 0, 3)),
        (OUT_OF_ORDER_SEQUENCE_NUMBER, -1),
        "a gap"
    );
    assert_eq!(answer(from(5, 1, 0)), (0, 2), "a new life");
    assert_eq!(
        answer(from(5, 0, 2)),
        (INVALID_PRODUCER_EPOCH, -1),
        "an earlier life"
    );
    broker.stop().await;
}

#[tokio::test]
async fn the_brokers_own_topics_cannot_be_written_by_clients() {
    let broker = Broker::builder()
        .topic("__consumer_offsets", 1)
        .start()
        .await
        .unwrap();
    let mut client = Client::connect(broker.addr());
    let topic = Known::look_up(&mut client, "__consumer_offsets");
    assert_eq!(
        send(&mut client, 9, &topic, batch(&["a"], Compression::None)).error_code,
        INVALID_TOPIC
    );
    broker.stop().await;
}

#[tokio::test]
async fn a_fetch_in_the_middle_of_a_batch_gets_all_of_it_and_one_beyond_the_limits_too() {
    let (broker, mut client, topic) = start(Broker::builder()).await;
    send(
        &mut client,
        9,
        &topic,
        batch(&["a", "b", "c"], Compression::Gzip),
    );
    send(&mut client, 9, &topic, batch(&["d"], Compression::None));
    let mut request = fetch_request(&topic, 12, 0, 1).with_max_bytes(1);
    request.topics[0].partitions[0].partition_max_bytes = 1;
    assert_eq!(
        values(fetch(&mut client, 12, request).records),
        ["a", "b", "c"]
    );
    broker.stop().await;
}

#[tokio::test]
async fn the_ends_of_the_log_are_told_apart_from_offsets_outside_of_it() {
    let (broker, mut client, topic) = start(Broker::builder()).await;
    send(&mut client, 9, &topic, batch(&["a"], Compression::None));
    let end = fetch(&mut client, 12, fetch_request(&topic, 12, 0, 1));
    assert_eq!(
        (
            end.error_code,
            end.high_watermark,
            end.last_stable_offset,
            end.log_start_offset
        ),
        (0, 1, 1, 0)
    );
    assert_eq!(
        end.records.map(|records| records.len()),
        Some(0),
        "empty records are not null"
    );
    for outside in [-1, 2, i64::MAX] {
        let answer = fetch(&mut client, 12, fetch_request(&topic, 12, 0, outside));
        assert_eq!(answer.error_code, OFFSET_OUT_OF_RANGE, "{outside}");
    }
    let nowhere = fetch(&mut client, 12, fetch_request(&topic, 12, 7, 0));
    assert_eq!(nowhere.error_code, UNKNOWN_TOPIC_OR_PARTITION);
    let mut request = fetch_request(&topic, 12, 0, 0);
    request.topics[0].partitions[0].current_leader_epoch = 9;
    assert_eq!(
        fetch(&mut client, 12, request).error_code,
        UNKNOWN_LEADER_EPOCH
    );
    broker.stop().await;
}

#[tokio::test]
async fn a_connections_first_fetches_of_some_partitions_do_not_sit_out_their_wait() {
    let broker = Broker::builder().topic("t", 2).start().await.unwrap();
    let mut client = Client::connect(broker.addr());
    let topic = Known::look_up(&mut client, "t");
    let started = Instant::now();
    for partition in [0, 0, 1, 1, 1, 0] {
        let request = fetch_request(&topic, 12, partition, 0).with_max_wait_ms(60_000);
        assert_eq!(values(fetch(&mut client, 12, request).records), [""; 0]);
    }
    assert!(started.elapsed() < AT_ONCE);
    broker.stop().await;
}

#[tokio::test]
async fn a_first_fetch_that_wants_more_than_a_byte_has_its_whole_wait() {
    let (broker, _client, topic) = start(Broker::builder()).await;
    let mut reader = Client::connect(broker.addr());
    let started = Instant::now();
    fetch(
        &mut reader,
        12,
        fetch_request(&topic, 12, 0, 0)
            .with_min_bytes(2)
            .with_max_wait_ms(50),
    );
    assert!(started.elapsed() >= Duration::from_millis(50));
    broker.stop().await;
}

#[tokio::test]
async fn a_waiting_fetch_wakes_when_data_comes_and_holds_up_nobody_else() {
    let (broker, mut client, topic) = start(Broker::builder()).await;
    let mut reader = Client::connect(broker.addr());
    let started = Instant::now();
    settle(&mut reader, fetch_request(&topic, 12, 0, 0));
    let request = RequestKind::Fetch(fetch_request(&topic, 12, 0, 0).with_max_wait_ms(60_000));
    reader.send(ApiKey::Fetch, 12, &request);
    send(&mut client, 9, &topic, batch(&["news"], Compression::None));
    let ResponseKind::Fetch(fetched) = reader.receive(ApiKey::Fetch, 12) else {
        unreachable!()
    };
    assert_eq!(
        values(fetched.responses[0].partitions[0].records.clone()),
        ["news"]
    );
    assert!(started.elapsed() < AT_ONCE);
    broker.stop().await;
}

#[tokio::test]
async fn a_waiting_fetch_counts_bytes_over_all_partitions_and_gives_up_in_time() {
    let broker = Broker::builder().topic("t", 2).start().await.unwrap();
    let mut client = Client::connect(broker.addr());
    let topic = Known::look_up(&mut client, "t");
    let records = batch(&["x".repeat(100).as_str()], Compression::None);
    let size = i32::try_from(records.len()).unwrap();
    let mut reader = Client::connect(broker.addr());
    let mut request = fetch_request(&topic, 12, 0, 0)
        .with_max_wait_ms(60_000)
        .with_min_bytes(2 * size);
    let second = request.topics[0].partitions[0].clone().with_partition(1);
    request.topics[0].partitions.push(second);
    settle(&mut reader, request.clone());
    reader.send(ApiKey::Fetch, 12, &RequestKind::Fetch(request.clone()));
    for partition in 0..2 {
        client.call(
            ApiKey::Produce,
            9,
            &produce(&topic, 9, partition, records.clone()),
        );
    }
    let ResponseKind::Fetch(fetched) = reader.receive(ApiKey::Fetch, 12) else {
        unreachable!()
    };
    let sizes: Vec<_> = fetched.responses[0]
        .partitions
        .iter()
        .map(|data| data.records.as_ref().map(Bytes::len))
        .collect();
    assert_eq!(sizes, [Some(records.len()), Some(records.len())]);

    let limit = request
        .clone()
        .with_max_bytes(size)
        .with_min_bytes(i32::MAX)
        .with_max_wait_ms(60_000);
    reader.call(ApiKey::Fetch, 12, &RequestKind::Fetch(limit));
    let started = Instant::now();
    let too_much = RequestKind::Fetch(request.with_min_bytes(i32::MAX).with_max_wait_ms(50));
    reader.call(ApiKey::Fetch, 12, &too_much);
    assert!(started.elapsed() >= Duration::from_millis(50));
    broker.stop().await;
}

#[tokio::test]
async fn a_partition_that_is_cut_by_a_limit_counts_as_full() {
    let (broker, mut client, topic) = start(Broker::builder()).await;
    let records = batch(&["x".repeat(100).as_str()], Compression::None);
    for _ in 0..3 {
        send(&mut client, 9, &topic, records.clone());
    }
    let size = i32::try_from(records.len()).unwrap();
    // Two batches fit. Kafka would send half of the third, and call that enough.
    let mut request = fetch_request(&topic, 12, 0, 0)
        .with_max_wait_ms(60_000)
        .with_min_bytes(size * 5 / 2);
    request.topics[0].partitions[0].partition_max_bytes = size * 5 / 2;
    let started = Instant::now();
    let fetched = fetch(&mut client, 12, request);
    assert!(started.elapsed() < AT_ONCE);
    assert_eq!(
        fetched.records.map(|records| records.len()),
        Some(2 * records.len())
    );
    broker.stop().await;
}

#[tokio::test]
async fn what_is_not_known_waits_for_what_is() {
    let (broker, mut client, topic) = start(Broker::builder()).await;
    let wait = Duration::from_millis(100);
    let mut request = fetch_request(&topic, 12, 0, 0)
        .with_max_wait_ms(100)
        .with_min_bytes(2);
    let unknown = request.topics[0].partitions[0].clone().with_partition(7);
    request.topics[0].partitions.push(unknown.clone());
    let started = Instant::now();
    fetch(&mut client, 12, request.clone());
    assert!(started.elapsed() >= wait, "not a busy loop");
    request.topics[0].partitions = vec![unknown];
    let started = Instant::now();
    fetch(&mut client, 12, request.with_max_wait_ms(60_000));
    assert!(started.elapsed() < AT_ONCE, "there is nothing to wait for");
    broker.stop().await;
}

#[tokio::test]
async fn a_waiting_fetch_is_told_when_its_topic_goes() {
    let (broker, mut client, topic) = start(Broker::builder()).await;
    let mut reader = Client::connect(broker.addr());
    settle(&mut reader, fetch_request(&topic, 12, 0, 0));
    reader.send(
        ApiKey::Fetch,
        12,
        &RequestKind::Fetch(fetch_request(&topic, 12, 0, 0).with_max_wait_ms(60_000)),
    );
    let request = DeleteTopicsRequest::default().with_topic_names(vec![TopicName(text("t"))]);
    client.call(ApiKey::DeleteTopics, 5, &RequestKind::DeleteTopics(request));
    let ResponseKind::Fetch(fetched) = reader.receive(ApiKey::Fetch, 12) else {
        unreachable!()
    };
    assert_ne!(fetched.responses[0].partitions[0].error_code, 0);
    broker.stop().await;
}

#[tokio::test]
async fn offsets_are_found_by_time_and_by_place() {
    let (broker, mut client, topic) = start(Broker::builder()).await;
    let at = |timestamp, value: &str| Record {
        timestamp,
        ..record(Some("k"), value)
    };
    let start = 1_700_000_000_000;
    send(
        &mut client,
        9,
        &topic,
        batch_of(
            vec![at(start, "a"), at(start + 20, "b"), at(start + 10, "c")],
            Compression::Lz4,
        ),
    );
    send(
        &mut client,
        9,
        &topic,
        batch_of(vec![at(start + 30, "d")], Compression::None),
    );
    let mut list = |version: i16, timestamp: i64| {
        let partition = ListOffsetsPartition::default()
            .with_partition_index(0)
            .with_timestamp(timestamp);
        let named = ListOffsetsTopic::default()
            .with_name(TopicName(text("t")))
            .with_partitions(vec![partition]);
        let request = ListOffsetsRequest::default()
            .with_replica_id(BrokerId(-1))
            .with_topics(vec![named]);
        match client.call(
            ApiKey::ListOffsets,
            version,
            &RequestKind::ListOffsets(request),
        ) {
            ResponseKind::ListOffsets(mut listed) => {
                let found = listed.topics.remove(0).partitions.remove(0);
                (found.error_code, found.offset, found.timestamp)
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(list(7, -1), (0, 4, -1), "the end");
    assert_eq!(list(7, -2), (0, 0, -1), "the start");
    assert_eq!(list(7, -3), (0, 3, start + 30), "the latest time");
    assert_eq!(
        list(7, start + 5),
        (0, 1, start + 20),
        "the first record as late as that, inside a batch"
    );
    assert_eq!(list(7, start + 31), (0, -1, -1), "none is so late");
    assert_eq!(list(1, -3).0, 35, "an old version does not know -3");
    broker.stop().await;
}
