//! The listeners of a running application, and the phase of its life.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures::future::join_all;
use tokio::sync::watch;

use super::listener::{Listener, ListenerDeps};
use super::producer::LazyProducer;
use super::resolve::Planned;
use crate::actuator::{Health, HealthSource, Phase};
use crate::admin::Drift;
use crate::extract::ListenerId;
use crate::listener::StopReport;

/// All listeners of an application, and the phase of its life.
pub(super) struct Listeners {
    all: Vec<Arc<Listener>>,
    producers: [LazyProducer; 2],
    phase: watch::Sender<Phase>,
    /// Topics that differ from their declaration, once they were compared.
    drift: OnceLock<Vec<Drift>>,
    /// Counts the starts of all of them.
    starts: watch::Sender<u64>,
}

impl Listeners {
    pub(super) fn new(planned: Vec<Planned>, deps: ListenerDeps) -> Self {
        let starts = watch::Sender::new(0);
        let producers = [deps.producer.clone(), deps.letters.clone()];
        let all = planned
            .into_iter()
            .map(|planned| Arc::new(Listener::new(planned, deps.clone(), starts.clone())));
        let (phase, drift) = (watch::Sender::new(Phase::Starting), OnceLock::new());
        Self {
            all: all.collect(),
            producers,
            phase,
            drift,
            starts,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<Listener>> {
        self.all.iter()
    }

    pub(super) fn enter(&self, phase: Phase) {
        self.phase.send_replace(phase);
    }

    /// Records which topics differ from their declaration.
    pub(super) fn differ(&self, drift: Vec<Drift>) {
        // The topics are compared once, at the start.
        self.drift.get_or_init(|| drift);
    }

    pub(super) fn health(&self) -> Health {
        let listeners = self.all.iter().map(|listener| listener.health()).collect();
        let producers = self
            .producers
            .iter()
            .filter_map(LazyProducer::health)
            .collect();
        Health::new(*self.phase.borrow(), listeners)
            .with_producers(producers)
            .with_drift(self.drift.get().cloned().unwrap_or_default())
    }

    pub(super) fn health_source(self: &Arc<Self>) -> HealthSource {
        let listeners = Arc::clone(self);
        HealthSource::new(move || listeners.health())
    }

    /// Stops all of them together and returns their reports.
    pub(super) async fn stop_all(&self, within: Duration) -> Vec<(ListenerId, StopReport)> {
        self.all.iter().for_each(|listener| listener.abandon());
        let stopped = join_all(self.all.iter().map(|listener| listener.stop(within))).await;
        self.all
            .iter()
            .zip(stopped)
            .filter_map(|(listener, report)| Some((listener.id().clone(), report?)))
            .collect()
    }

    /// Drops all of them: they end without waiting for running handlers.
    pub(super) fn abandon(&self) {
        self.enter(Phase::Stopped);
        for listener in &self.all {
            listener.end();
        }
    }

    /// Waits until no listener runs and one has failed, and returns the reasons of those that did.
    /// While none has, those that were stopped on purpose may be started again.
    pub(super) async fn ended(&self) -> Vec<String> {
        let mut starts = self.starts.subscribe();
        loop {
            // A start from here on is noticed below.
            starts.mark_unchanged();
            let all = self
                .all
                .iter()
                .filter_map(|listener| Some((listener, listener.latest()?)));
            let ended = join_all(all.map(|(listener, container)| listener.ended(container)));
            let ended = tokio::select! {
                ended = ended => ended,
                // A listener that had ended was started again.
                Ok(()) = starts.changed() => continue,
            };
            let failed: Vec<String> = ended.into_iter().flatten().collect();
            let started_meanwhile = starts.has_changed().unwrap_or(false);
            if !started_meanwhile && !failed.is_empty() {
                return failed;
            }
            if !started_meanwhile && starts.changed().await.is_err() {
                return std::future::pending().await;
            }
        }
    }
}

impl fmt::Debug for Listeners {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.all.iter().map(|listener| listener.id()))
            .finish()
    }
}
