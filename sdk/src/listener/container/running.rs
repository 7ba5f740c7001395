//! A running listener, from the outside.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{oneshot, watch};

use super::error::ListenerError;
use super::report::StopReport;
use crate::client::AfterFatal;
use crate::extract::ListenerId;
use crate::listener::consumer::Drained;
use crate::listener::guarantee::Guarantee;
use crate::listener::health::{ListenerHealth, ListenerState};
use crate::listener::shared::ListenerShared;
use crate::runtime::Tasks;

/// A running listener.
///
/// Dropping it without [`stop`](Container::stop) cancels the running handlers and leaves the group
/// in the background.
#[derive(Debug)]
pub struct Container {
    pub(super) shared: Arc<ListenerShared>,
    /// The ends of the consumers. Held by a stop while it waits, so that another one waits for it.
    pub(super) consumers: tokio::sync::Mutex<Vec<oneshot::Receiver<Drained>>>,
    pub(super) engines: Tasks,
    pub(super) guarantee: Guarantee,
}

impl Container {
    /// Waits until every consumer has its first share of the partitions, which may be none.
    ///
    /// This never ends while, for example, a topic is missing: give it a deadline, and look at
    /// [`health`](Self::health) for the problems.
    ///
    /// # Errors
    /// When the listener has failed or was stopped.
    ///
    /// # Cancel safety
    /// Nothing is lost.
    pub async fn assigned(&self) -> Result<(), ListenerError> {
        let mut health = self.shared.health.watch();
        let state = health
            .wait_for(|health| health.state != ListenerState::Starting)
            .await;
        match state.map(|health| health.state.clone()) {
            Ok(ListenerState::Failed { reason } | ListenerState::Restarting { reason }) => {
                Err(ListenerError::Failed {
                    id: self.shared.id.clone(),
                    reason,
                })
            }
            Ok(ListenerState::Stopping | ListenerState::Stopped) | Err(_) => {
                Err(ListenerError::Stopped {
                    id: self.shared.id.clone(),
                })
            }
            Ok(ListenerState::Starting | ListenerState::Running) => Ok(()),
        }
    }

    /// Stops it: takes nothing new, waits at most `within` for running handlers, cancels those that
    /// are left, commits what is finished, and leaves the group.
    ///
    /// A second call waits for the first one, or goes on where that was given up.
    ///
    /// # Cancel safety
    /// Dropping the future does not cancel the stop: it goes on in the background.
    pub async fn stop(&self, within: Duration) -> StopReport {
        self.shared
            .set_stop_deadline(self.shared.clock.after(within));
        self.shared.health.enter(ListenerState::Stopping);
        self.shared.stop();
        let mut consumers = self.consumers.lock().await;
        let mut report = StopReport::default();
        while let Some(consumer) = consumers.last_mut() {
            // An error means that the thread has ended, which is what this waits for.
            let drained = consumer.await.unwrap_or_default();
            consumers.pop();
            report.cancelled += drained.cancelled;
            report.blocked += usize::from(drained.unanswered);
        }
        self.engines
            .stop(&self.shared.clock, Duration::from_secs(1))
            .await;
        if self.shared.health.enter(ListenerState::Stopped) {
            tracing::info!(listener = %self.shared.id, ?report, "the listener has stopped");
        }
        report
    }

    /// Returns how it is doing now.
    #[must_use]
    pub fn health(&self) -> ListenerHealth {
        self.shared.health.health()
    }

    /// Follows how it is doing. The latest state is always there; older ones may be skipped.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<ListenerHealth> {
        self.shared.health.watch()
    }

    /// Returns what it promises.
    #[must_use]
    pub fn guarantee(&self) -> &Guarantee {
        &self.guarantee
    }

    /// Returns what can be done about it, if its client has failed for good.
    pub(crate) fn after_fatal(&self) -> Option<AfterFatal> {
        self.shared.health.after_fatal()
    }

    /// Fails as if its client had failed for good.
    #[cfg(test)]
    pub(crate) fn fail_its_client(&self, reason: &str, then: AfterFatal) {
        self.shared.health.client_failed(reason.to_owned(), then);
        self.shared.stop();
    }

    /// Returns its id.
    #[must_use]
    pub fn id(&self) -> &ListenerId {
        &self.shared.id
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        self.shared.set_stop_deadline(self.shared.clock.now());
        self.shared.stop();
    }
}
