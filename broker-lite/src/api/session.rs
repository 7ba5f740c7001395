//! The state of one connection, apart from its socket.

use std::net::SocketAddr;
use std::time::Instant;

/// One client's connection, as its requests see it.
///
/// The connection's task owns it and lends it to one request at a time, so it needs no lock.
#[derive(Debug)]
pub(crate) struct Session {
    /// The address of the client.
    pub(crate) peer: SocketAddr,
    /// The address of this broker that the client has connected to.
    pub(crate) local: SocketAddr,
    /// When it connected.
    pub(crate) since: Instant,
    /// The fetches it has sent.
    pub(crate) fetches: FetchHistory,
}

impl Session {
    /// The session of a connection that was accepted at `since`.
    pub(crate) fn new(peer: SocketAddr, local: SocketAddr, since: Instant) -> Self {
        Self {
            peer,
            local,
            since,
            fetches: FetchHistory::default(),
        }
    }
}

/// The fetches of one connection, as far as an answer depends on them.
#[derive(Debug, Default)]
pub(crate) struct FetchHistory {
    /// Fingerprint of the partitions of the last fetch.
    last: u64,
    /// The number of fetches before the last that were for the same partitions.
    repeated: u32,
}

impl FetchHistory {
    /// Records a fetch for the partitions with this fingerprint, and returns how many fetches in a
    /// row before it were for the same ones.
    pub(crate) fn record(&mut self, partitions: u64) -> u32 {
        self.repeated = if self.last == partitions {
            self.repeated.saturating_add(1)
        } else {
            0
        };
        self.last = partitions;
        self.repeated
    }
}
