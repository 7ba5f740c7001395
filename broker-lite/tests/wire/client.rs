//! A client that says exactly what a test wants it to say.

use crate::samples::Known;
use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::messages::{ApiKey, RequestHeader, RequestKind, ResponseHeader, ResponseKind};
use kafka_protocol::protocol::{Decodable, Encodable, StrBytes};
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

/// Longer than anything here takes; a test that hits it has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// One connection; blocking, as the broker has threads of its own.
pub(crate) struct Client {
    socket: TcpStream,
    correlation_id: i32,
    /// The topic whose id may stand for its name.
    topic: Option<Known>,
}

/// The version whose layout the second codec knows and the broker's version shares, but for how a topic is named
/// ([`names_by_id`]).
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

fn replace(bytes: &[u8], from: &[u8], to: &[u8]) -> Bytes {
    let at = bytes.windows(from.len()).position(|window| window == from).unwrap();
    [&bytes[..at], to, &bytes[at + from.len()..]].concat().into()
}

fn compact(name: &StrBytes) -> Vec<u8> {
    [&[u8::try_from(name.len() + 1).unwrap()], name.as_bytes()].concat()
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        let socket = TcpStream::connect(address).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        socket.set_write_timeout(Some(PATIENCE)).unwrap();
        socket.set_nodelay(true).unwrap();
        Self { socket, correlation_id: 0, topic: None }
    }

    /// Tells the client of a topic that it may name by its id.
    pub(crate) fn know(&mut self, topic: Known) {
        self.topic = Some(topic);
    }

    /// Sends a request and decodes its response, to the last byte.
    pub(crate) fn call(&mut self, key: ApiKey, version: i16, request: &RequestKind) -> ResponseKind {
        self.send(key, version, request);
        self.receive(key, version)
    }

    pub(crate) fn send(&mut self, key: ApiKey, version: i16, request: &RequestKind) {
        self.correlation_id += 1;
        let frame = frame(key, version, self.correlation_id, request, self.topic.as_ref());
        self.socket.write_all(&frame).unwrap();
    }

    /// The response to the last request sent.
    pub(crate) fn receive(&mut self, key: ApiKey, version: i16) -> ResponseKind {
        let mut frame = self.frame().unwrap_or_else(|| panic!("{key:?} v{version}: the broker hung up"));
        let header = ResponseHeader::decode(&mut frame, key.response_header_version(version)).unwrap();
        assert_eq!(header.correlation_id, self.correlation_id, "{key:?} v{version}");
        if let Some(topic) = self.topic.as_ref().filter(|_| names_by_id(key, version)) {
            frame = replace(&frame, topic.id.as_bytes(), &compact(&topic.name));
        }
        let response = ResponseKind::decode(key, &mut frame, codec_version(key, version))
            .unwrap_or_else(|error| panic!("{key:?} v{version}: {error:#}"));
        assert!(frame.is_empty(), "{key:?} v{version}: {} bytes too many", frame.len());
        response
    }

    pub(crate) fn send_raw(&mut self, bytes: &[u8]) {
        self.socket.write_all(bytes).unwrap();
    }

    /// The next frame without its length, or `None` if the broker hung up.
    pub(crate) fn frame(&mut self) -> Option<Bytes> {
        let mut length = [0; 4];
        if !self.fill(&mut length) {
            return None;
        }
        let mut frame = vec![0; usize::try_from(i32::from_be_bytes(length)).unwrap()];
        assert!(self.fill(&mut frame), "the frame ends early");
        Some(frame.into())
    }

    /// Waits for the broker to hang up.
    pub(crate) fn expect_hang_up(&mut self, why: &str) {
        assert!(self.frame().is_none(), "{why}: the broker answered");
    }

    /// Says that nothing more will come, and waits for the broker to have answered or hung up.
    pub(crate) fn finish(&mut self) {
        // The broker may have hung up already.
        drop(self.socket.shutdown(Shutdown::Write));
        drop(self.socket.read_to_end(&mut Vec::new()));
    }

    /// Leaves without having read an answer that has come, which resets the connection.
    pub(crate) fn vanish(self) {
        let mut unread = [0];
        assert_eq!(self.socket.peek(&mut unread).unwrap(), 1, "no answer has come");
    }

    /// Whether the buffer could be filled before the broker hung up.
    fn fill(&mut self, buffer: &mut [u8]) -> bool {
        match self.socket.read_exact(buffer) {
            Ok(()) => true,
            Err(error) if matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset) => {
                false
            }
            Err(error) => panic!("{error}"),
        }
    }
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
    header.encode(&mut message, key.request_header_version(version)).unwrap();
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
