//! What is small on the wire and large when it is opened.

use broker_lite::{Broker, BrokerBuilder, BrokerHandle};
use kafka_protocol::messages::produce_response::PartitionProduceResponse;
use kafka_protocol::messages::*;
use kafka_protocol::records::{Compression, Record};

use crate::client::Client;
use crate::samples::{Known, batch_of, fetch_request, produce, record, values};

const MESSAGE_TOO_LARGE: i16 = 10;
const CODECS: [Compression; 4] = [
    Compression::Gzip,
    Compression::Snappy,
    Compression::Lz4,
    Compression::Zstd,
];

async fn start(builder: BrokerBuilder) -> (BrokerHandle, Client, Known) {
    let broker = builder.topic("t", 1).start().await.unwrap();
    let mut client = Client::connect(broker.addr());
    let topic = Known::look_up(&mut client, "t");
    (broker, client, topic)
}

fn send(
    client: &mut Client,
    topic: &Known,
    records: Vec<Record>,
    codec: Compression,
) -> PartitionProduceResponse {
    let request = produce(topic, 9, 0, batch_of(records, codec));
    match client.call(ApiKey::Produce, 9, &request) {
        ResponseKind::Produce(mut produced) => {
            produced.responses.remove(0).partition_responses.remove(0)
        }
        other => panic!("{other:?}"),
    }
}

fn of_size(bytes: usize) -> Record {
    record(None, &"0".repeat(bytes))
}

#[tokio::test]
async fn a_batch_is_measured_compressed_whatever_its_codec() {
    // Snappy makes a twentieth of it at best.
    let (broker, mut client, topic) =
        start(Broker::builder().set("message.max.bytes", "4000000")).await;
    for codec in CODECS {
        let many = vec![of_size(1024); 40_960];
        let answer = send(&mut client, &topic, many, codec);
        assert_eq!(
            (answer.error_code, answer.error_message),
            (0, None),
            "{codec:?}"
        );
        let large = send(&mut client, &topic, vec![of_size(33 << 20)], codec);
        assert_eq!(
            (large.error_code, large.error_message),
            (0, None),
            "{codec:?}"
        );
        let request = fetch_request(&topic, 12, 0, large.base_offset).with_max_bytes(1 << 26);
        let ResponseKind::Fetch(fetched) =
            client.call(ApiKey::Fetch, 12, &RequestKind::Fetch(request))
        else {
            unreachable!()
        };
        let read = values(fetched.responses[0].partitions[0].records.clone());
        assert_eq!(
            read.iter().map(String::len).collect::<Vec<_>>(),
            [33 << 20],
            "{codec:?}"
        );
    }
    broker.stop().await;
}

#[tokio::test]
async fn what_is_too_large_decompressed_is_too_large_and_not_invalid() {
    let (broker, mut client, topic) =
        start(Broker::builder().set("message.max.decompressed.bytes", "1000000")).await;
    for codec in CODECS {
        let answer = send(&mut client, &topic, vec![of_size(1_000_000)], codec);
        assert_eq!(answer.error_code, MESSAGE_TOO_LARGE, "{codec:?}");
        let reason = answer.error_message.unwrap();
        assert!(
            reason.contains("message.max.decompressed.bytes"),
            "{codec:?}: {reason}"
        );
        assert_eq!(
            send(&mut client, &topic, vec![of_size(900_000)], codec).error_code,
            0,
            "{codec:?}"
        );
    }
    // It is a limit for what is compressed; the others have max.message.bytes.
    let plain = send(
        &mut client,
        &topic,
        vec![of_size(1_000_000)],
        Compression::None,
    );
    assert_eq!(plain.error_code, 0);
    broker.stop().await;
}

#[tokio::test]
async fn a_topic_that_compresses_for_itself_takes_large_batches_too() {
    let builder = Broker::builder()
        .set("message.max.bytes", "4000000")
        .set("compression.type", "zstd");
    let (broker, mut client, topic) = start(builder).await;
    for codec in CODECS {
        let answer = send(&mut client, &topic, vec![of_size(1024); 40_960], codec);
        assert_eq!(
            (answer.error_code, answer.error_message),
            (0, None),
            "{codec:?}"
        );
    }
    broker.stop().await;
}
