//! What the dashboard is told: the counts, and who reads what.

use std::sync::Arc;

use serde::Serialize;
use tracing::warn;
use wellspring::runtime::Clock;
use wellspring::types::Timestamp;

use crate::behaviour::groups::{self, Group};
use crate::behaviour::store::{Store, StoreError, Summary};

/// Where the values come from.
#[derive(Debug, Clone)]
pub struct Source {
    /// This instance, as its consumers are called.
    pub instance: Arc<str>,
    /// The groups that read the topic.
    pub groups: Arc<[String]>,
    /// How many partitions the topic has.
    pub partitions: u16,
    /// The counts.
    pub store: Store,
    /// What time it is.
    pub clock: Clock,
}

/// The counts, with who tells them.
#[derive(Debug, Serialize)]
pub(super) struct Counts {
    instance: String,
    /// How many dashboards are open here.
    dashboards: usize,
    #[serde(flatten)]
    summary: Summary,
}

/// Who reads what.
#[derive(Debug, Serialize)]
pub(super) struct Groups {
    partitions: u16,
    groups: Vec<Group>,
}

impl Source {
    pub(super) async fn counts(&self, dashboards: usize) -> Result<Counts, StoreError> {
        let summary = self.store.summary(self.now()).await;
        Ok(Counts {
            instance: self.instance.to_string(),
            dashboards,
            summary: summary.inspect_err(|error| warn!(%error, "the counts cannot be read"))?,
        })
    }

    pub(super) async fn groups(&self) -> Result<Groups, StoreError> {
        let groups = groups::describe(&self.store, &self.groups, self.now()).await;
        Ok(Groups {
            partitions: self.partitions,
            groups: groups.inspect_err(|error| warn!(%error, "the groups cannot be read"))?,
        })
    }

    fn now(&self) -> i64 {
        Timestamp::from(self.clock.wall()).0
    }
}
