//! The view of an API file: the modules that its family of requests is about, and the call.

use std::sync::Arc;

use super::records::FetchSessionCache;
use super::session::Session;
use crate::config::{Config, Endpoint};
use crate::controller::{Controller, ProducerIds};
use crate::group::GroupCoordinator;
use crate::metadata::{MetadataCache, NodeIdentity};
use crate::replica::ReplicaManager;
use crate::runtime::Clock;
use crate::wire::KafkaString;

/// The modules of a node that answer requests.
#[derive(Debug)]
pub(crate) struct Modules {
    pub(crate) config: Arc<Config>,
    pub(crate) clock: Clock,
    pub(crate) identity: NodeIdentity,
    pub(crate) metadata: Arc<MetadataCache>,
    pub(crate) replicas: Arc<ReplicaManager>,
    pub(crate) controller: Arc<Controller>,
    pub(crate) groups: GroupCoordinator,
    pub(crate) producer_ids: ProducerIds,
}

/// The node as its APIs see it, by family; one for all connections.
#[derive(Debug)]
pub(crate) struct Context {
    records: RecordsContext,
    topics: TopicsContext,
    groups: GroupsContext,
    transactions: TransactionsContext,
    cluster: ClusterContext,
}

/// The modules for requests about records.
#[derive(Debug)]
pub(crate) struct RecordsContext {
    pub(crate) config: Arc<Config>,
    pub(crate) clock: Clock,
    pub(crate) replicas: Arc<ReplicaManager>,
    pub(crate) fetch_sessions: FetchSessionCache,
}

/// The modules for requests about topics and settings.
#[derive(Debug)]
pub(crate) struct TopicsContext {
    pub(crate) config: Arc<Config>,
    pub(crate) identity: NodeIdentity,
    pub(crate) metadata: Arc<MetadataCache>,
    pub(crate) replicas: Arc<ReplicaManager>,
    pub(crate) controller: Arc<Controller>,
    /// To drop the offsets of deleted topics.
    pub(crate) groups: GroupCoordinator,
}

/// The modules for requests about groups.
#[derive(Debug)]
pub(crate) struct GroupsContext {
    pub(crate) config: Arc<Config>,
    pub(crate) clock: Clock,
    pub(crate) metadata: Arc<MetadataCache>,
    pub(crate) groups: GroupCoordinator,
}

/// The modules for requests of producers with an id.
#[derive(Debug)]
pub(crate) struct TransactionsContext {
    pub(crate) producer_ids: ProducerIds,
}

/// The view of requests about the broker itself: only the table of APIs.
#[derive(Debug)]
pub(crate) struct ClusterContext;

/// The part of the context that a family of APIs uses.
pub(crate) trait Family: Sync + 'static {
    /// The part of `context` that this family uses.
    fn of(context: &Context) -> &Self;
}

impl Context {
    /// Lends each family its modules.
    pub(crate) fn new(modules: Modules) -> Self {
        let Modules {
            config,
            clock,
            identity,
            metadata,
            replicas,
            controller,
            groups,
            producer_ids,
        } = modules;
        Self {
            records: RecordsContext {
                fetch_sessions: FetchSessionCache::new(config.network.fetch_sessions),
                config: Arc::clone(&config),
                clock: clock.clone(),
                replicas: Arc::clone(&replicas),
            },
            topics: TopicsContext {
                config: Arc::clone(&config),
                identity,
                metadata: Arc::clone(&metadata),
                replicas,
                controller,
                groups: groups.clone(),
            },
            groups: GroupsContext {
                config,
                clock,
                metadata,
                groups,
            },
            transactions: TransactionsContext { producer_ids },
            cluster: ClusterContext,
        }
    }
}

impl Family for RecordsContext {
    fn of(context: &Context) -> &Self {
        &context.records
    }
}

impl Family for TopicsContext {
    fn of(context: &Context) -> &Self {
        &context.topics
    }
}

impl Family for GroupsContext {
    fn of(context: &Context) -> &Self {
        &context.groups
    }
}

impl Family for TransactionsContext {
    fn of(context: &Context) -> &Self {
        &context.transactions
    }
}

impl Family for ClusterContext {
    fn of(context: &Context) -> &Self {
        &context.cluster
    }
}

/// Returns the host and port that a client should connect to: those it has connected to, unless
/// `advertised.listeners` says otherwise. So the address is of the family that the client uses.
pub(crate) fn advertised(config: &Config, session: &Session) -> (String, u16) {
    let (host, port) = match &config.advertised {
        Some(Endpoint { host, port }) => (host.clone(), *port),
        None => (None, session.local.port()),
    };
    (host.unwrap_or_else(|| session.local.ip().to_string()), port)
}

/// One request, apart from its body.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    /// The version that the request and its response are written in.
    pub(crate) version: i16,
    /// Comes back in the response.
    pub(crate) correlation_id: i32,
    /// The client's own name for itself.
    pub(crate) client_id: Option<KafkaString>,
    /// The connection that it came over.
    pub(crate) session: &'a mut Session,
}
