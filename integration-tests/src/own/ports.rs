//! Ports that stay a Kafka's own while it is down.

use std::net::{Ipv4Addr, TcpListener};

use uuid::Uuid;

use super::OwnKafkaError;

/// Below the range that Linux hands out by itself: while the server is down, nobody gets its port
/// by chance, and a client that keeps trying can't connect to itself.
const RANGE: std::ops::Range<u16> = 20_000..32_000;

/// The ports of one Kafka on 127.0.0.1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ports {
    /// For clients.
    pub(super) broker: u16,
    /// For the controller, which only Kafka on the JVM has.
    pub(super) controller: u16,
}

impl Ports {
    /// Two ports that nobody listens on.
    pub(super) fn take() -> Result<Self, OwnKafkaError> {
        let [broker, controller] = free_ports()?;
        Ok(Self { broker, controller })
    }

    /// Returns the addresses for clients.
    pub(super) fn bootstrap(self) -> String {
        format!("127.0.0.1:{}", self.broker)
    }
}

/// So many ports that nobody listens on.
pub(super) fn free_ports<const N: usize>() -> Result<[u16; N], OwnKafkaError> {
    // Other test programs take theirs at the same time: each begins somewhere else.
    let [low, high, ..] = Uuid::new_v4().into_bytes();
    let span = RANGE.end - RANGE.start;
    let first = u16::from_le_bytes([low, high]) % span;
    let free = (0..span)
        .map(|nth| RANGE.start + (first + nth) % span)
        .filter(|port| is_free(*port));
    let ports: Vec<u16> = free.take(N).collect();
    ports.try_into().map_err(|_few| OwnKafkaError::Io {
        doing: "find a free port",
        source: std::io::ErrorKind::AddrInUse.into(),
    })
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}
