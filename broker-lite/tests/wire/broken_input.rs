//! Strangers at the port: each is turned away, none takes anybody else along.

use broker_lite::Broker;
use bytes::{BufMut, BytesMut};
use kafka_protocol::messages::{ApiKey, ResponseKind};

use crate::client::Client;
use crate::codec::frame;
use crate::process::Process;
use crate::samples::{Known, sample};

fn framed(message: &[u8]) -> Vec<u8> {
    let mut bytes = BytesMut::new();
    bytes.put_i32(i32::try_from(message.len()).unwrap());
    bytes.put_slice(message);
    bytes.to_vec()
}

#[tokio::test]
async fn what_is_not_kafka_is_hung_up_on_and_the_others_go_on() {
    let broker = Broker::builder().topic("t", 1).start().await.unwrap();
    let mut bystander = Client::connect(broker.addr());
    let topic = Known::look_up(&mut bystander, "t");
    let strangers: &[(&str, Vec<u8>)] = &[
        ("a frame of 2 GiB", i32::MAX.to_be_bytes().to_vec()),
        ("a negative length", (-5_i32).to_be_bytes().to_vec()),
        (
            "an HTTP request",
            b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec(),
        ),
        (
            "a TLS hello",
            vec![
                0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03,
            ],
        ),
        ("garbage", (0..=255).rev().cycle().take(4096).collect()),
        ("an empty frame", framed(&[])),
        ("half a header", framed(&[0, 3, 0])),
        (
            "an unknown key",
            framed(&[0x7f, 0xff, 0, 0, 0, 0, 0, 1, 0xff, 0xff]),
        ),
        (
            "a negative key",
            framed(&[0xff, 0xff, 0, 0, 0, 0, 0, 1, 0xff, 0xff]),
        ),
        (
            "an unknown version",
            framed(&[0, 3, 0, 99, 0, 0, 0, 1, 0xff, 0xff]),
        ),
        (
            "a negative version",
            framed(&[0, 3, 0xff, 0xff, 0, 0, 0, 1, 0xff, 0xff]),
        ),
        (
            "a client id that is not text",
            framed(&[0, 3, 0, 0, 0, 0, 0, 1, 0, 2, 0xc3, 0x28]),
        ),
        (
            "a client id beyond the frame",
            framed(&[0, 3, 0, 0, 0, 0, 0, 1, 0x7f, 0xff]),
        ),
    ];
    for (what, bytes) in strangers {
        let mut stranger = Client::connect(broker.addr());
        stranger.send_raw(bytes);
        stranger.expect_hang_up(what);
        bystander.call(ApiKey::Metadata, 9, &sample(ApiKey::Metadata, 9, &topic));
    }
    broker.stop().await;
}

#[test]
fn hostile_lengths_in_any_body_allocate_nothing() {
    let mut broker = Process::start(&["--topic", "t:1"]);
    let ask = |broker: &Process| Known::look_up(&mut Client::connect(broker.address()), "t");
    let topic = ask(&broker);
    let before = broker.peak_memory();
    for (key, version) in advertised(&mut Client::connect(broker.address()), &topic) {
        let honest = frame(key, version, 1, &sample(key, version, &topic), Some(&topic)).to_vec();
        // Length, key, version, correlation id, client id: what follows is the body. The largest
        // length of each kind takes every place in it.
        let body = 4 + 2 + 2 + 4 + 2 + "wire-test".len();
        for at in body..honest.len() {
            for largest in [
                &[0x7f, 0xff, 0xff, 0xff][..],
                &[0xff, 0xff, 0xff, 0xff, 0x07],
                &[0x7f, 0xff],
            ] {
                let mut hostile = honest.clone();
                for (place, byte) in hostile.iter_mut().skip(at).zip(largest) {
                    *place = *byte;
                }
                let mut stranger = Client::connect(broker.address());
                stranger.send_raw(&hostile);
                stranger.finish();
            }
        }
        ask(&broker);
    }
    let grown = broker.peak_memory() - before;
    assert!(grown < 64 * 1024, "the peak grew by {grown} KiB");
    broker.terminate();
}

/// The newest version of each key, and the newest one that is not flexible.
fn advertised(client: &mut Client, topic: &Known) -> Vec<(ApiKey, i16)> {
    let request = sample(ApiKey::ApiVersions, 0, topic);
    let ResponseKind::ApiVersions(answer) = client.call(ApiKey::ApiVersions, 0, &request) else {
        unreachable!()
    };
    let versions = answer.api_keys.iter().flat_map(|row| {
        let key = ApiKey::try_from(row.api_key).unwrap();
        let oldest = if key == ApiKey::Produce {
            3
        } else {
            row.min_version
        };
        let fixed = (oldest..=row.max_version)
            .rev()
            .find(|version| key.request_header_version(*version) < 2);
        fixed
            .into_iter()
            .chain([row.max_version])
            .map(move |version| (key, version))
    });
    versions.collect()
}

#[tokio::test]
async fn a_request_that_comes_byte_by_byte_is_answered() {
    let broker = Broker::builder().topic("t", 1).start().await.unwrap();
    let mut client = Client::connect(broker.addr());
    let topic = Known::look_up(&mut client, "t");
    let request = frame(
        ApiKey::Metadata,
        9,
        77,
        &sample(ApiKey::Metadata, 9, &topic),
        None,
    );
    for byte in &request {
        client.send_raw(&[*byte]);
    }
    assert_eq!(client.frame().unwrap()[..4], 77_i32.to_be_bytes());
    broker.stop().await;
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_their_order() {
    let broker = Broker::builder().topic("t", 1).start().await.unwrap();
    let mut client = Client::connect(broker.addr());
    let topic = Known::look_up(&mut client, "t");
    let mut bytes = Vec::new();
    for id in 100..200 {
        let key = if id % 3 == 0 {
            ApiKey::ApiVersions
        } else {
            ApiKey::Metadata
        };
        bytes.extend_from_slice(&frame(key, 3, id, &sample(key, 3, &topic), None));
    }
    client.send_raw(&bytes);
    for id in 100_i32..200 {
        assert_eq!(client.frame().unwrap()[..4], id.to_be_bytes());
    }
    broker.stop().await;
}
