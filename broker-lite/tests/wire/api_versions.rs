//! What a client learns first.

use broker_lite::Broker;
use bytes::{Buf, BufMut, BytesMut};
use kafka_protocol::messages::{ApiKey, ApiVersionsRequest, RequestKind, ResponseKind};
use kafka_protocol::records::Compression;

use crate::client::Client;
use crate::samples::{Known, batch, produce, sample, text};

#[tokio::test]
async fn a_version_from_the_future_is_answered_in_the_oldest_layout_with_our_range() {
    let broker = Broker::builder().start().await.unwrap();
    let mut client = Client::connect(broker.addr());
    // Key 18, version 99, correlation id 7, no client id, and tagged fields that nobody knows yet.
    let body = [0, 18, 0, 99, 0, 0, 0, 7, 0xff, 0xff, 1, 9, 2, 1, 2];
    let mut frame = BytesMut::new();
    frame.put_i32(i32::try_from(body.len()).unwrap());
    frame.put_slice(&body);
    client.send_raw(&frame);

    let mut answer = client.frame().unwrap();
    assert_eq!(answer.get_i32(), 7, "correlation id");
    assert_eq!(answer.get_i16(), 35, "UNSUPPORTED_VERSION");
    assert_eq!(answer.get_i32(), 1, "one row");
    assert_eq!(
        (answer.get_i16(), answer.get_i16(), answer.get_i16()),
        (18, 0, 4)
    );
    assert!(!answer.has_remaining());
    broker.stop().await;
}

#[tokio::test]
async fn an_impossible_software_name_is_an_error_and_not_a_closed_connection() {
    let broker = Broker::builder().start().await.unwrap();
    let mut client = Client::connect(broker.addr());
    let request = RequestKind::ApiVersions(
        ApiVersionsRequest::default()
            .with_client_software_name(text("not a name"))
            .with_client_software_version(text("1")),
    );
    for _ in 0..2 {
        let ResponseKind::ApiVersions(answer) = client.call(ApiKey::ApiVersions, 3, &request)
        else {
            unreachable!()
        };
        assert_eq!(answer.error_code, 42, "INVALID_REQUEST");
    }
    broker.stop().await;
}

#[tokio::test]
async fn produce_is_advertised_from_0_and_its_dead_versions_are_refused_in_their_layout() {
    let broker = Broker::builder().topic("t", 1).start().await.unwrap();
    let mut client = Client::connect(broker.addr());
    let topic = Known::look_up(&mut client, "t");
    let ResponseKind::ApiVersions(answer) = client.call(
        ApiKey::ApiVersions,
        0,
        &sample(ApiKey::ApiVersions, 0, &topic),
    ) else {
        unreachable!()
    };
    let row = answer.api_keys.iter().find(|row| row.api_key == 0).unwrap();
    assert_eq!((row.min_version, row.max_version), (0, 13));

    for version in 0..=2 {
        // Acks, timeout, one topic with one partition with no bytes.
        let mut body = BytesMut::new();
        body.put_slice(&[0, 0, 0, version, 0, 0, 0, 7, 0xff, 0xff]);
        body.put_i16(1);
        body.put_i32(1000);
        body.put_i32(1);
        body.put_slice(&[0, 1, b't']);
        body.put_i32(1);
        body.put_i32(0);
        body.put_i32(0);
        let mut frame = BytesMut::new();
        frame.put_i32(i32::try_from(body.len()).unwrap());
        frame.put_slice(&body);
        client.send_raw(&frame);
        let mut answer = client.frame().unwrap();
        assert_eq!(
            (answer.get_i32(), answer.get_i32()),
            (7, 1),
            "correlation id, one topic"
        );
        assert_eq!(
            (answer.get_i16(), answer.get_u8(), answer.get_i32()),
            (1, b't', 1)
        );
        assert_eq!(
            (answer.get_i32(), answer.get_i16(), answer.get_i64()),
            (0, 35, -1),
            "partition, error, offset"
        );
        if version >= 2 {
            assert_eq!(answer.get_i64(), -1, "append time");
        }
        if version >= 1 {
            assert_eq!(answer.get_i32(), 0, "throttle time");
        }
        assert!(!answer.has_remaining(), "version {version} ends here");
    }

    client.call(
        ApiKey::Produce,
        3,
        &produce(&topic, 3, 0, batch(&["still"], Compression::None)),
    );
    broker.stop().await;
}
