//! A client that says exactly what a test wants it to say.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use bytes::Bytes;
use kafka_protocol::messages::{ApiKey, RequestKind, ResponseKind};

use crate::codec::{decode, frame};
use crate::samples::{Known, name_and_id};

/// Longer than anything here takes; a test that hits it has failed.
const TIMEOUT: Duration = Duration::from_secs(20);

/// One connection; blocking, as the broker has threads of its own.
pub(crate) struct Client {
    socket: TcpStream,
    correlation_id: i32,
    /// The topic whose id may stand for its name.
    topic: Option<Known>,
}

impl Known {
    /// Asks the broker for the topic's id.
    pub(crate) fn look_up(client: &mut Client, name: &str) -> Self {
        let (version, request) = name_and_id(name);
        let known = Self::found(&client.call(ApiKey::Metadata, version, &request));
        client.know(known.clone());
        known
    }
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        let socket = TcpStream::connect(address).unwrap();
        socket.set_read_timeout(Some(TIMEOUT)).unwrap();
        socket.set_write_timeout(Some(TIMEOUT)).unwrap();
        socket.set_nodelay(true).unwrap();
        Self {
            socket,
            correlation_id: 0,
            topic: None,
        }
    }

    /// Tells the client of a topic that it may name by its id.
    pub(crate) fn know(&mut self, topic: Known) {
        self.topic = Some(topic);
    }

    /// Sends a request and decodes its response, to the last byte.
    pub(crate) fn call(
        &mut self,
        key: ApiKey,
        version: i16,
        request: &RequestKind,
    ) -> ResponseKind {
        self.send(key, version, request);
        self.receive(key, version)
    }

    pub(crate) fn send(&mut self, key: ApiKey, version: i16, request: &RequestKind) {
        self.correlation_id += 1;
        let frame = frame(
            key,
            version,
            self.correlation_id,
            request,
            self.topic.as_ref(),
        );
        self.socket.write_all(&frame).unwrap();
    }

    /// The response to the last request sent.
    pub(crate) fn receive(&mut self, key: ApiKey, version: i16) -> ResponseKind {
        let frame = self
            .frame()
            .unwrap_or_else(|| panic!("{key:?} v{version}: the broker hung up"));
        let (correlation_id, response) = decode(key, version, frame, self.topic.as_ref());
        assert_eq!(correlation_id, self.correlation_id, "{key:?} v{version}");
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
        assert_eq!(
            self.socket.peek(&mut unread).unwrap(),
            1,
            "no answer has come"
        );
    }

    /// Whether the buffer could be filled before the broker hung up.
    fn fill(&mut self, buffer: &mut [u8]) -> bool {
        match self.socket.read_exact(buffer) {
            Ok(()) => true,
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset
                ) =>
            {
                false
            }
            Err(error) => panic!("{error}"),
        }
    }
}
