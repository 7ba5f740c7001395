//! A running listener, from the outside.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Thread;
use std::time::{Duration, Instant};

use tokio::sync::{oneshot, watch};

use super::builder::ContainerBuilder;
use super::error::ListenerError;
use super::report::StopReport;
use crate::client::AfterFatal;
use crate::config::ClientProperties;
use crate::endpoint::ResolvedEndpoint;
use crate::extract::ListenerId;
use crate::listener::consumer::Drained;
use crate::listener::guarantee::Guarantee;
use crate::listener::health::{Board, ListenerHealth, ListenerState};
use crate::runtime::{Clock, ShutdownTrigger, Tasks};

/// A running listener.
///
/// Dropping it without [`stop`](Container::stop) cancels the running handlers and leaves the group
/// in the background.
#[derive(Debug)]
pub struct Container {
    pub(super) id: ListenerId,
    pub(super) board: Arc<Board>,
    pub(super) stop: Arc<ShutdownTrigger>,
    /// When consumers give up waiting for running handlers. Guarded for a read or a write.
    pub(super) deadline: Arc<Mutex<Option<Instant>>>,
    /// The consumers' last words. Held by a stop while it waits, so that another one waits for it.
    pub(super) consumers: tokio::sync::Mutex<Vec<oneshot::Receiver<Drained>>>,
    /// The consumers' threads, to be woken when there is something to hear.
    pub(super) threads: Vec<Thread>,
    pub(super) engines: Tasks,
    pub(super) clock: Clock,
    pub(super) guarantee: Guarantee,
}

impl Container {
    /// A listener for `endpoint`, whose consumers connect with these properties.
    pub fn builder(endpoint: ResolvedEndpoint, client: ClientProperties) -> ContainerBuilder {
        ContainerBuilder::new(endpoint, client)
    }

    /// Waits until every consumer has its first share of the partitions, which may be none.
    ///
    /// This may take for ever, for example while a topic is missing: give it a deadline, and look
    /// at [`health`](Self::health) for the problems.
    ///
    /// # Errors
    /// When the listener has failed or was stopped.
    ///
    /// # Cancel safety
    /// Nothing is lost.
    pub async fn assigned(&self) -> Result<(), ListenerError> {
        let mut health = self.board.watch();
        let state = health
            .wait_for(|health| health.state != ListenerState::Starting)
            .await;
        match state.map(|health| health.state.clone()) {
            Ok(ListenerState::Failed { reason } | ListenerState::Restarting { reason }) => {
                Err(ListenerError::Failed {
                    id: self.id.clone(),
                    reason,
                })
            }
            Ok(ListenerState::Stopping | ListenerState::Stopped) | Err(_) => {
                Err(ListenerError::Stopped {
                    id: self.id.clone(),
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
    /// Dropping the future does not take the order back: the listener stops in the background.
    pub async fn stop(&self, within: Duration) -> StopReport {
        self.give_up_at(self.clock.after(within));
        self.board.enter(ListenerState::Stopping);
        self.tell_to_stop();
        let mut consumers = self.consumers.lock().await;
        let mut report = StopReport::default();
        while let Some(consumer) = consumers.last_mut() {
            // The error means that the thread is gone, which is what we wait for.
            let drained = consumer.await.unwrap_or_default();
            consumers.pop();
            report.cancelled += drained.cancelled;
            report.blocked += usize::from(drained.unanswered);
        }
        self.engines.stop(&self.clock, Duration::from_secs(1)).await;
        if self.board.enter(ListenerState::Stopped) {
            tracing::info!(listener = %self.id, ?report, "the listener has stopped");
        }
        report
    }

    fn tell_to_stop(&self) {
        self.stop.give();
        self.threads.iter().for_each(Thread::unpark);
    }

    fn give_up_at(&self, deadline: Instant) {
        *self.deadline.lock().unwrap_or_else(PoisonError::into_inner) = Some(deadline);
    }

    /// How it is doing now.
    #[must_use]
    pub fn health(&self) -> ListenerHealth {
        self.board.health()
    }

    /// Follows how it is doing. The latest state is always there; older ones may be skipped.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<ListenerHealth> {
        self.board.watch()
    }

    /// What it promises.
    #[must_use]
    pub fn guarantee(&self) -> &Guarantee {
        &self.guarantee
    }

    /// What may be done about it, if its client has failed for good.
    pub(crate) fn after_fatal(&self) -> Option<AfterFatal> {
        self.board.after_fatal()
    }

    /// Fails as if its client had failed for good.
    #[cfg(test)]
    pub(crate) fn fail_its_client(&self, reason: &str, then: AfterFatal) {
        self.board.client_failed(reason.to_owned(), then);
        self.tell_to_stop();
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &ListenerId {
        &self.id
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        self.give_up_at(self.clock.now());
        self.tell_to_stop();
    }
}
