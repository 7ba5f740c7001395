//! Kafka's protocol spoken by hand, for what no client library lets a scenario say.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use bytes::{BufMut as _, Bytes, BytesMut};
use kafka_protocol::messages::{RequestHeader, ResponseHeader};
use kafka_protocol::protocol::{
    Decodable as _, Encodable as _, HeaderVersion as _, Request, StrBytes,
};

const TIMEOUT: Duration = Duration::from_secs(30);

/// One connection. Blocking: each call is a request and its answer.
#[derive(Debug)]
pub struct Wire {
    socket: TcpStream,
    correlation_id: i32,
}

/// The reason why there is no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// The broker can't be reached, or hung up.
    #[error("the connection failed")]
    Io(#[from] io::Error),
    /// The request doesn't fit its version, or the answer doesn't.
    #[error("{0}")]
    Layout(String),
}

impl Wire {
    /// Connects.
    ///
    /// # Errors
    ///
    /// When nobody listens.
    pub fn connect(bootstrap: &str) -> Result<Self, WireError> {
        let socket = TcpStream::connect(bootstrap)?;
        socket.set_read_timeout(Some(TIMEOUT))?;
        socket.set_nodelay(true)?;
        Ok(Self {
            socket,
            correlation_id: 0,
        })
    }

    /// Sends a request in this version and reads its answer.
    ///
    /// # Errors
    ///
    /// When the broker hangs up or is silent for half a minute, or the answer is not one.
    pub fn call<Q: Request>(
        &mut self,
        version: i16,
        request: &Q,
    ) -> Result<Q::Response, WireError> {
        self.correlation_id += 1;
        let header = RequestHeader::default()
            .with_request_api_key(Q::KEY)
            .with_request_api_version(version)
            .with_correlation_id(self.correlation_id)
            .with_client_id(Some(StrBytes::from_static_str("scenario")));
        let layout = |error: &dyn std::fmt::Display| {
            WireError::Layout(format!("key {} v{version}: {error}", Q::KEY))
        };
        let mut message = BytesMut::new();
        header
            .encode(&mut message, Q::header_version(version))
            .map_err(|error| layout(&error))?;
        request
            .encode(&mut message, version)
            .map_err(|error| layout(&error))?;
        let mut frame = BytesMut::new();
        frame.put_u32(u32::try_from(message.len()).unwrap_or(u32::MAX));
        frame.put_slice(&message);
        self.socket.write_all(&frame)?;

        let mut length = [0; 4];
        self.socket.read_exact(&mut length)?;
        let mut answer = vec![0; usize::try_from(u32::from_be_bytes(length)).unwrap_or_default()];
        self.socket.read_exact(&mut answer)?;
        let mut answer = Bytes::from(answer);
        ResponseHeader::decode(&mut answer, Q::Response::header_version(version))
            .map_err(|error| layout(&error))?;
        Q::Response::decode(&mut answer, version).map_err(|error| layout(&error))
    }
}
