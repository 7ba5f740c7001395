//! A Kafka as one scenario sees it.
//!
//! Names of topics, groups and transactional ids go through [`Cluster::name`], which puts a prefix
//! of the scenario's own on them, so that scenarios can share a Kafka and run at the same time.

mod topics;
mod producing;
mod consuming;
mod rights;

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

pub use consuming::{Member, NoRecord, Seen, is_balanced, rebalanced};
use rdkafka::ClientConfig;
pub use rights::{AUTHORIZER, Operation, Resource, RightsError};
pub use topics::TopicError;
use uuid::Uuid;

use crate::target::{Kind, Lease};

/// The Kafka of a scenario.
#[derive(Debug, Clone)]
pub struct Cluster {
    lease: Lease,
    prefix: String,
}

impl Cluster {
    /// A part of this Kafka that nobody else uses.
    #[must_use]
    pub fn new(lease: Lease) -> Self {
        static SCENARIOS: AtomicU32 = AtomicU32::new(0);
        static RUN: LazyLock<String> = LazyLock::new(|| {
            let id = Uuid::new_v4().simple().to_string();
            id.chars().take(8).collect()
        });
        let nth = SCENARIOS.fetch_add(1, Ordering::Relaxed);
        // A Kafka that outlives the run keeps its groups, and process ids come again.
        Self {
            lease,
            prefix: format!("it-{}-{nth}", *RUN),
        }
    }

    /// Returns the addresses for clients.
    #[must_use]
    pub fn bootstrap(&self) -> &str {
        self.lease.bootstrap()
    }

    /// Returns the kind of Kafka. For known gaps only: a scenario expects the same everywhere.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.lease.kind()
    }

    /// The scenario's own name for a topic, a group or a transactional id.
    #[must_use]
    pub fn name(&self, name: &str) -> String {
        format!("{}.{name}", self.prefix)
    }

    /// The settings that every client needs.
    #[must_use]
    pub fn client(&self) -> ClientConfig {
        let mut client = ClientConfig::new();
        client.set("bootstrap.servers", self.bootstrap());
        client
    }
}
