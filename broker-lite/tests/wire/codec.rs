//! Requests and answers in the second codec.

use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::messages::{ApiKey, RequestHeader, RequestKind, ResponseHeader, ResponseKind};
use kafka_protocol::protocol::{Decodable, Encodable, StrBytes};

use super::samples::Known;

/// The version whose layout the second codec knows and the broker's version shares, but for how a
/// topic is named ([`names_by_id`]).
fn codec_version(key: ApiKey, version: i16) -> i16 {
    match key {
        ApiKey::ListOffsets => version.min(10),
        ApiKey::OffsetCommit | ApiKey::OffsetFetch => version.min(9),
        _ => version,
    }
}

/// Version 10 of these two is version 9 with a topic's id in the place of its name.
fn names_by_id(key: ApiKey, version: i16) -> bool {
    matches!(key, ApiKey::OffsetCommit | ApiKey::OffsetFetch) && version >= 10
}

/// An answer that is an error for all need not name the topic.
fn replace(bytes: &[u8], from: &[u8], to: &[u8]) -> Bytes {
    match bytes.windows(from.len()).position(|window| window == from) {
        Some(at) => [&bytes[..at], to, &bytes[at + from.len()..]]
            .concat()
            .into(),
        None => Bytes::copy_from_slice(bytes),
    }
}

fn compact(name: &StrBytes) -> Vec<u8> {
    [&[u8::try_from(name.len() + 1).unwrap()], name.as_bytes()].concat()
}

/// A whole request as it goes over the wire.
pub(crate) fn frame(
    key: ApiKey,
    version: i16,
    correlation_id: i32,
    request: &RequestKind,
    topic: Option<&Known>,
) -> Bytes {
    let mut message = BytesMut::new();
    let header = RequestHeader::default()
        .with_request_api_key(key as i16)
        .with_request_api_version(version)
        .with_correlation_id(correlation_id)
        .with_client_id(Some(StrBytes::from_static_str("wire-test")));
    header
        .encode(&mut message, key.request_header_version(version))
        .unwrap();
    request
        .encode(&mut message, codec_version(key, version))
        .unwrap_or_else(|error| panic!("{key:?} v{version}: {error:#}"));
    if let Some(topic) = topic.filter(|_| names_by_id(key, version)) {
        message = replace(&message, &compact(&topic.name), topic.id.as_bytes()).into();
    }
    let mut frame = BytesMut::new();
    frame.put_i32(i32::try_from(message.len()).unwrap());
    frame.put_slice(&message);
    frame.freeze()
}

/// The correlation id and the body of a response without its length, read to the last byte.
pub(crate) fn decode(
    key: ApiKey,
    version: i16,
    mut frame: Bytes,
    topic: Option<&Known>,
) -> (i32, ResponseKind) {
    let header = ResponseHeader::decode(&mut frame, key.response_header_version(version)).unwrap();
    if let Some(topic) = topic.filter(|_| names_by_id(key, version)) {
        frame = replace(&frame, topic.id.as_bytes(), &compact(&topic.name));
    }
    let response = ResponseKind::decode(key, &mut frame, codec_version(key, version))
        .unwrap_or_else(|error| panic!("{key:?} v{version}: {error:#}"));
    assert!(
        frame.is_empty(),
        "{key:?} v{version}: {} bytes too many",
        frame.len()
    );
    (header.correlation_id, response)
}
