//! What an API file may reach: the rooms below it, and the facts of the call.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use super::records::FetchSessions;
use crate::config::{Config, Endpoint};
use crate::controller::{Controller, ProducerIds};
use crate::group::GroupCoordinator;
use crate::metadata::{MetadataCache, NodeIdentity};
use crate::replica::ReplicaManager;
use crate::runtime::Clock;
use crate::wire::KafkaString;

/// The broker as its APIs see it; one for all connections.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) config: Arc<Config>,
    pub(crate) clock: Clock,
    pub(crate) identity: NodeIdentity,
    pub(crate) metadata: Arc<MetadataCache>,
    pub(crate) replicas: Arc<ReplicaManager>,
    pub(crate) controller: Arc<Controller>,
    pub(crate) groups: GroupCoordinator,
    pub(crate) producer_ids: ProducerIds,
    pub(crate) fetch_sessions: FetchSessions,
}

impl Context {
    /// Host and port that a client is told to use: what it has reached, unless
    /// `advertised.listeners` says otherwise. So it is told an address of the family that it
    /// came by.
    pub(crate) fn endpoint(&self, ends: Ends) -> (String, u16) {
        let (host, port) = match &self.config.advertised {
            Some(Endpoint { host, port }) => (host.clone(), *port),
            None => (None, ends.local.port()),
        };
        (host.unwrap_or_else(|| ends.local.ip().to_string()), port)
    }
}

/// One request, apart from its body.
#[derive(Debug)]
pub(crate) struct Call {
    /// The version that the request and its response are written in.
    pub(crate) version: i16,
    /// Comes back in the response.
    pub(crate) correlation_id: i32,
    /// What the client calls itself.
    pub(crate) client_id: Option<KafkaString>,
    /// Where it came in.
    pub(crate) ends: Ends,
    /// What its connection has asked before.
    pub(crate) habits: Arc<Habits>,
}

/// What a connection has asked so far, as far as an answer depends on it.
#[derive(Debug, Default)]
pub(crate) struct Habits {
    /// Stands for the partitions of its last fetch. A connection's requests come one by one, so no
    /// order is needed between the two.
    last_fetch: AtomicU64,
    /// How many fetches before it were for the same partitions.
    repeated: AtomicU32,
}

impl Habits {
    /// Notes the partitions that a fetch is about, and tells how many fetches in a row before it
    /// were about the same ones.
    pub(crate) fn fetches(&self, partitions: u64) -> u32 {
        let is_same = self.last_fetch.swap(partitions, Ordering::Relaxed) == partitions;
        let repeated = if is_same {
            self.repeated.load(Ordering::Relaxed).saturating_add(1)
        } else {
            0
        };
        self.repeated.store(repeated, Ordering::Relaxed);
        repeated
    }
}

/// The two ends of a connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ends {
    /// Where the client is.
    pub(crate) peer: SocketAddr,
    /// The address of ours that the client has reached.
    pub(crate) local: SocketAddr,
}
