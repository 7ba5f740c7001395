//! Dead-letter topics of source topics that were not there at the start.
//!
//! The number of partitions that a dead-letter topic needs is known once its source topic exists. A
//! listener looks for its topics all the time; when it has found them, the cluster is asked.

use std::sync::Arc;
use std::time::Duration;

use super::backoff::next_attempt;
use super::listeners::Listeners;
use super::topics::{DeadLetterTopics, make_dead_letter_topics};
use crate::admin::TopicsError;
use crate::client::Admin;
use crate::config::ClientProperties;
use crate::runtime::{Clock, Shutdown};

/// Time from one look at the listeners to the next.
const LOOK_INTERVAL: Duration = Duration::from_millis(250);

/// Longest wait for the cluster to make the topics.
const MAKE_TIMEOUT: Duration = Duration::from_secs(30);

/// Makes these dead-letter topics once their source topics are there, until told to end.
pub(super) async fn make_later(
    missing: DeadLetterTopics,
    admin: ClientProperties,
    listeners: Arc<Listeners>,
    clock: Clock,
    shutdown: Shutdown,
) {
    tokio::select! {
        () = shutdown.triggered() => {}
        () = make_all(missing, &admin, &listeners, &clock) => {}
    }
}

async fn make_all(
    mut missing: DeadLetterTopics,
    admin: &ClientProperties,
    listeners: &Listeners,
    clock: &Clock,
) {
    let backoff = next_attempt();
    let mut asked = 0_u32;
    while !missing.is_empty() {
        clock.sleep(LOOK_INTERVAL).await;
        let is_found = listeners
            .iter()
            .any(|listener| listener.has_its_topics() && missing.are_of(listener.topics()));
        if !is_found {
            continue;
        }
        match make(&missing, admin, clock).await {
            Ok(still_missing) => missing = still_missing,
            Err(error) => tracing::debug!(%error, "the topics of dead letters are looked at later"),
        }
        // A client that has not looked yet does not tell that a topic is missing.
        asked = asked.saturating_add(1);
        clock.sleep(backoff.wait(asked)).await;
    }
}

async fn make(
    missing: &DeadLetterTopics,
    admin: &ClientProperties,
    clock: &Clock,
) -> Result<DeadLetterTopics, TopicsError> {
    let admin = Admin::new(admin)?;
    make_dead_letter_topics(missing, &admin, clock, MAKE_TIMEOUT).await
}
