//! The listeners of a running application, each in its container while it runs.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::future::join_all;
use tokio::runtime::Handle;
use tokio::sync::watch;

use super::producer::{LazyDeadLetters, LazyProducer};
use super::resolve::Planned;
use crate::actuator::{Health, HealthSource, Phase};
use crate::extract::{ListenerId, StateMap};
use crate::listener::{Container, ListenerHealth, ListenerState, Problem, StopReport};
use crate::runtime::Clock;

/// All listeners of an application, and the phase of its life.
pub(super) struct Listeners {
    all: Vec<Arc<Listener>>,
    phase: watch::Sender<Phase>,
}

/// One listener, running or not.
#[derive(Debug)]
pub(super) struct Listener {
    planned: Planned,
    shop: Shop,
    /// The container while it runs, and after it ended by itself. The lock guards the change of it, and is
    /// never held over a wait.
    container: Mutex<Option<Arc<Container>>>,
    /// The application is gone: nobody may start it again.
    is_abandoned: AtomicBool,
    /// Whoever starts it has its turn: two starts at once would be two members.
    starts: tokio::sync::Mutex<()>,
}

/// What every listener is started with.
#[derive(Debug, Clone)]
pub(super) struct Shop {
    pub(super) state: StateMap,
    pub(super) producer: LazyProducer,
    pub(super) clock: Clock,
    /// How long a rebalance lets running handlers go on.
    pub(super) drain: Duration,
}

impl Listeners {
    pub(super) fn new(planned: Vec<Planned>, shop: Shop) -> Self {
        let all = planned.into_iter().map(|planned| {
            Arc::new(Listener {
                planned,
                shop: shop.clone(),
                container: Mutex::new(None),
                is_abandoned: AtomicBool::new(false),
                starts: tokio::sync::Mutex::new(()),
            })
        });
        Self { all: all.collect(), phase: watch::Sender::new(Phase::Starting) }
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

    pub(super) fn health(&self) -> Health {
        Health::new(*self.phase.borrow(), self.all.iter().map(|listener| listener.health()).collect())
    }

    pub(super) fn health_source(self: &Arc<Self>) -> HealthSource {
        let listeners = Arc::clone(self);
        HealthSource::new(move || listeners.health())
    }

    /// Stops all of them at once; answers with what became of their records.
    pub(super) async fn stop_all(&self, within: Duration) -> Vec<(ListenerId, StopReport)> {
        self.all.iter().for_each(|listener| listener.is_abandoned.store(true, Ordering::Release));
        let stopped = join_all(self.all.iter().map(|listener| listener.stop(within))).await;
        self.all
            .iter()
            .zip(stopped)
            .filter_map(|(listener, report)| Some((listener.id().clone(), report?)))
            .collect()
    }

    /// Lets go of all of them: they end without waiting for running handlers.
    pub(super) fn abandon(&self) {
        self.enter(Phase::Stopped);
        for listener in &self.all {
            listener.is_abandoned.store(true, Ordering::Release);
            drop(listener.container().take());
        }
    }

    /// Resolves once every listener that runs now has ended, with the reasons of those that failed. Never if none has:
    /// those that were stopped on purpose may be started again.
    pub(super) async fn ended(&self) -> Vec<String> {
        let running: Vec<_> = self.all.iter().filter_map(|listener| listener.running()).collect();
        let ended = join_all(running.iter().map(|container| ended(container))).await;
        let failed: Vec<String> = ended.into_iter().flatten().collect();
        if failed.is_empty() {
            return std::future::pending().await;
        }
        failed
    }
}

impl Listener {
    pub(super) const fn id(&self) -> &ListenerId {
        &self.planned.endpoint.id
    }

    pub(super) const fn starts_with_app(&self) -> bool {
        self.planned.endpoint.auto_startup
    }

    /// Starts it unless it runs.
    pub(super) async fn start(&self) -> Result<(), String> {
        let _turn = self.starts.lock().await;
        if self.is_abandoned.load(Ordering::Acquire) {
            return Err("its application has stopped".to_owned());
        }
        if self.running().is_some_and(|container| !has_ended(&container.health())) {
            return Ok(());
        }
        let Planned { endpoint, properties } = self.planned.clone();
        let Shop { state, producer, clock, drain } = self.shop.clone();
        let dead_letters = LazyDeadLetters { producer, handler: endpoint.handler.clone() };
        let builder = Container::builder(endpoint, properties)
            .state(state)
            .dead_letters(Arc::new(dead_letters))
            .clock(clock)
            .drain_deadline(drain);
        let started = builder.start(&Handle::current()).await.map_err(|error| error.to_string())?;
        *self.container() = Some(Arc::new(started));
        Ok(())
    }

    /// Waits until it has been given its share of the partitions; at once when it was not started.
    ///
    /// A listener whose topic is missing is not waited for: it goes on looking for it, health is red until
    /// it is there, and the other listeners can do their work.
    pub(super) async fn assigned(&self) -> Result<(), String> {
        let Some(container) = self.running() else { return Ok(()) };
        let mut health = container.watch();
        tokio::select! {
            assigned = container.assigned() => assigned.map_err(|error| error.to_string()),
            Ok(health) = health.wait_for(|health| missing_topic(health).is_some()) => {
                let reason = missing_topic(&health).unwrap_or_default();
                tracing::warn!(listener = %self.id(), reason, "not started yet: create the topic, or declare it with .topic(name, partitions)");
                Ok(())
            }
        }
    }

    /// Stops it; `None` when it does not run.
    pub(super) async fn stop(&self, within: Duration) -> Option<StopReport> {
        let container = self.running().filter(|container| !has_ended(&container.health()))?;
        Some(container.stop(within).await)
    }

    pub(super) fn health(&self) -> ListenerHealth {
        self.running().map_or_else(|| not_started(self.id().clone()), |container| container.health())
    }

    /// Why it is still waited for at the start; `None` when it is not.
    pub(super) fn waits(&self) -> Option<String> {
        let health = self.running()?.health();
        if health.state != ListenerState::Starting {
            return None;
        }
        let problems: Vec<String> = health.problems.iter().map(ToString::to_string).collect();
        let why =
            if problems.is_empty() { "its group has no answer".to_owned() } else { problems.join("; ") };
        Some(format!("{} ({why})", health.id))
    }

    fn running(&self) -> Option<Arc<Container>> {
        self.container().clone()
    }

    fn container(&self) -> MutexGuard<'_, Option<Arc<Container>>> {
        self.container.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Resolves once it has ended, with the reason unless it was stopped on purpose.
async fn ended(container: &Container) -> Option<String> {
    let mut health = container.watch();
    let ended = health.wait_for(|health| health.state == ListenerState::Stopped || failure(health).is_some());
    let ended = ended.await.ok()?;
    failure(&ended).map(|reason| format!("{}: {reason}", ended.id))
}

fn missing_topic(health: &ListenerHealth) -> Option<&str> {
    health.problems.iter().find_map(|problem| {
        if let Problem::MissingTopic { reason } = problem { Some(reason.as_str()) } else { None }
    })
}

fn failure(health: &ListenerHealth) -> Option<&str> {
    if let ListenerState::Failed { reason } = &health.state { Some(reason) } else { None }
}

const fn has_ended(health: &ListenerHealth) -> bool {
    matches!(health.state, ListenerState::Stopped | ListenerState::Failed { .. })
}

const fn not_started(id: ListenerId) -> ListenerHealth {
    ListenerHealth {
        id,
        state: ListenerState::Stopped,
        partitions: Vec::new(),
        halted: Vec::new(),
        problems: Vec::new(),
    }
}

impl fmt::Debug for Listeners {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.all.iter().map(|listener| listener.id())).finish()
    }
}
