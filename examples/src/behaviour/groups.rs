//! Who reads what: each group with its members and their partitions.
//!
//! Every instance says twice a second what its listeners have been assigned, in the database that
//! all share. One that was killed says nothing any more.

use std::time::Duration;

use serde::Serialize;
use tracing::warn;
use wellspring::app::RunningListener;
use wellspring::runtime::{Clock, Shutdown};
use wellspring::types::Timestamp;

use super::store::{Reader, Store, StoreError};

/// How often an instance says what it reads.
const INTERVAL: Duration = Duration::from_millis(500);

/// A consumer group, as the dashboard shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    /// Its id.
    pub group: String,
    /// Its members, by name.
    pub members: Vec<Member>,
}

/// A member of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Member {
    /// What its consumer is called.
    pub client: String,
    /// Where it is.
    pub host: String,
    /// The partitions that it reads, in order.
    pub partitions: Vec<i32>,
}

/// What this instance reads.
#[derive(Debug)]
pub struct Presence {
    /// The instance, as its consumers are called.
    pub client: String,
    /// Where its pages are.
    pub host: String,
    /// Its listeners, each with its group.
    pub listeners: Vec<(String, RunningListener)>,
}

impl Presence {
    /// Says what the listeners read until `ends`, and then that they read nothing.
    pub async fn announce(self, store: Store, clock: Clock, ends: Shutdown) {
        loop {
            let is_end = ends.is_triggered();
            let readers = if is_end { Vec::new() } else { self.readers() };
            let now = Timestamp::from(clock.wall()).0;
            if let Err(error) = store.announce(self.client.clone(), readers, now).await {
                warn!(%error, "what this instance reads cannot be told");
            }
            if is_end {
                return;
            }
            tokio::select! {
                () = ends.triggered() => {}
                () = clock.sleep(INTERVAL) => {}
            }
        }
    }

    fn readers(&self) -> Vec<Reader> {
        let read = |(group, listener): &(String, RunningListener)| {
            let partitions = listener.partitions();
            Reader {
                group: group.clone(),
                client: self.client.clone(),
                host: self.host.clone(),
                partitions: partitions.iter().map(|one| one.partition.0).collect(),
            }
        };
        self.listeners.iter().map(read).collect()
    }
}

/// Returns `groups` with the members that they have `now`, in milliseconds since 1970.
///
/// # Errors
/// When the database fails.
///
/// # Cancel safety
/// Nothing is changed.
pub async fn describe(
    store: &Store,
    groups: &[String],
    now: i64,
) -> Result<Vec<Group>, StoreError> {
    let readers = store.readers(now).await?;
    let describe = |group: &String| {
        let members = readers.iter().filter(|reader| reader.group == *group);
        let member = |reader: &Reader| Member {
            client: reader.client.clone(),
            host: reader.host.clone(),
            partitions: reader.partitions.clone(),
        };
        Group {
            group: group.clone(),
            members: members.map(member).collect(),
        }
    };
    Ok(groups.iter().map(describe).collect())
}
