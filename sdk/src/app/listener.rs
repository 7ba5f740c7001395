//! One listener of an application, in its container while it runs.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::watch;

use super::producer::{LazyDeadLetters, LazyProducer, RefusedLetters};
use super::resolve::Planned;
use crate::client::AfterFatal;
use crate::config::OnFatalError;
use crate::extract::{ListenerId, StateMap};
use crate::listener::{Container, ListenerHealth, ListenerState, ProblemKind, StopReport};
use crate::runtime::Clock;
use crate::types::TopicName;

/// The reason why a listener can no longer be started.
const ABANDONED: &str = "its application has stopped";

/// One listener, running or not.
#[derive(Debug)]
pub(super) struct Listener {
    planned: Planned,
    deps: ListenerDeps,
    /// The latest container, from its start until the next one. The lock guards its replacement
    /// and is never held across a wait.
    container: Mutex<Option<Arc<Container>>>,
    /// Whether it was stopped on purpose, so that healing leaves it alone.
    is_stopped: AtomicBool,
    /// Whether the application has stopped, so that it can no longer be started. Read under the
    /// lock of the container.
    is_abandoned: AtomicBool,
    /// Held during a start: two at once would be two members of the group.
    turn: tokio::sync::Mutex<()>,
    /// Counts the starts of all listeners, for those that wait for the end of all.
    starts: watch::Sender<u64>,
}

/// The parts that every listener of an application is started with.
#[derive(Debug, Clone)]
pub(super) struct ListenerDeps {
    pub(super) state: StateMap,
    pub(super) producer: LazyProducer,
    pub(super) letters: LazyProducer,
    /// The sink for dead letters that their topic refuses for good.
    pub(super) refused: Option<RefusedLetters>,
    pub(super) clock: Clock,
    /// Longest wait of a rebalance for running handlers.
    pub(super) drain: Duration,
    /// The reaction to a client that has failed for good.
    pub(super) on_fatal_error: OnFatalError,
}

impl Listener {
    /// Returns a listener that does not run; its starts are counted in `starts`.
    pub(super) fn new(planned: Planned, deps: ListenerDeps, starts: watch::Sender<u64>) -> Self {
        Self {
            planned,
            deps,
            container: Mutex::new(None),
            is_stopped: AtomicBool::new(false),
            is_abandoned: AtomicBool::new(false),
            turn: tokio::sync::Mutex::new(()),
            starts,
        }
    }

    pub(super) const fn id(&self) -> &ListenerId {
        &self.planned.endpoint.id
    }

    /// The topics it reads.
    pub(super) fn topics(&self) -> &[TopicName] {
        &self.planned.endpoint.topics
    }

    /// Whether it runs, and lacks no topic as far as it knows.
    pub(super) fn has_its_topics(&self) -> bool {
        let health = self.health();
        health.state == ListenerState::Running && missing_topic(&health).is_none()
    }

    pub(super) const fn starts_with_app(&self) -> bool {
        self.planned.endpoint.consuming.auto_startup
    }

    /// Starts it unless it runs. One that is about to end is awaited first: its member still holds
    /// its partitions.
    pub(super) async fn start(&self) -> Result<(), String> {
        let _turn = self.turn.lock().await;
        if let Some(container) = self.latest() {
            if is_alive(&container.health()) {
                return Ok(());
            }
            container.stop(self.deps.drain).await;
        }
        if self.is_abandoned.load(Ordering::Acquire) {
            return Err(ABANDONED.to_owned());
        }
        let Planned {
            endpoint,
            properties,
        } = self.planned.clone();
        let ListenerDeps {
            state,
            letters,
            refused,
            clock,
            drain,
            ..
        } = self.deps.clone();
        let dead_letters = LazyDeadLetters {
            producer: letters,
            handler: endpoint.handler.clone(),
            refused,
        };
        let builder = Container::builder(endpoint, properties)
            .state(state)
            .dead_letters(Arc::new(dead_letters))
            .clock(clock)
            .drain_deadline(drain);
        let started = builder
            .start(&Handle::current())
            .await
            .map_err(|error| error.to_string())?;
        let started = Arc::new(started);
        if self.take_over(Arc::clone(&started)) {
            self.is_stopped.store(false, Ordering::Release);
            return Ok(());
        }
        started.stop(Duration::ZERO).await;
        Err(ABANDONED.to_owned())
    }

    /// Publishes a new container; returns `false` if the application has stopped meanwhile.
    fn take_over(&self, started: Arc<Container>) -> bool {
        let mut latest = self.container();
        if self.is_abandoned.load(Ordering::Acquire) {
            return false;
        }
        *latest = Some(started);
        drop(latest);
        self.starts.send_modify(|starts| *starts += 1);
        true
    }

    /// Waits until its share of the partitions is assigned; returns at once when it was not
    /// started.
    ///
    /// A listener whose topic is missing is not awaited: it goes on looking for the topic, health
    /// is red until it exists, and the other listeners can do their work.
    pub(super) async fn assigned(&self) -> Result<(), String> {
        let Some(container) = self.latest() else {
            return Ok(());
        };
        let mut health = container.watch();
        tokio::select! {
            assigned = container.assigned() => assigned.map_err(|error| error.to_string()),
            Ok(health) = health.wait_for(|health| missing_topic(health).is_some()) => {
                let reason = missing_topic(&health).unwrap_or_default();
                tracing::warn!(listener = %self.id(), reason, "the listener waits for its topic: create it, or declare it with .topic(name, partitions)");
                Ok(())
            }
        }
    }

    /// Stops it; returns `None` when it was not started, or was stopped before. One that failed may
    /// still be draining, which is awaited.
    pub(super) async fn stop(&self, within: Duration) -> Option<StopReport> {
        self.is_stopped.store(true, Ordering::Release);
        let container = self
            .latest()
            .filter(|container| container.health().state != ListenerState::Stopped)?;
        Some(container.stop(within).await)
    }

    pub(super) fn health(&self) -> ListenerHealth {
        let Some(container) = self.latest() else {
            return not_started(self.id().clone());
        };
        let health = container.health();
        match self.heals() {
            Some(reason) => ListenerHealth {
                state: ListenerState::Restarting { reason },
                ..health
            },
            None => health,
        }
    }

    /// Waits until this container has ended and none replaces it; returns the reason unless it was
    /// stopped on purpose.
    pub(super) async fn ended(&self, container: Arc<Container>) -> Option<String> {
        let mut health = container.watch();
        let ended = health
            .wait_for(|health| health.state == ListenerState::Stopped || failure(health).is_some());
        let ended = ended.await.ok()?.clone();
        if self.heals().is_some() {
            return std::future::pending().await;
        }
        failure(&ended).map(|reason| format!("{}: {reason}", ended.id))
    }

    /// Notes that its application has stopped: it is not started again.
    pub(super) fn abandon(&self) {
        self.is_abandoned.store(true, Ordering::Release);
    }

    /// Drops its container: it ends without waiting for running handlers.
    pub(super) fn end(&self) {
        self.abandon();
        drop(self.container().take());
    }

    /// Whether its application has stopped.
    pub(super) fn is_abandoned(&self) -> bool {
        self.is_abandoned.load(Ordering::Acquire)
    }

    /// Returns why its client has failed for good, if it has.
    pub(super) fn client_failure(&self) -> Option<String> {
        let container = self.latest()?;
        container.after_fatal()?;
        failure(&container.health()).map(str::to_owned)
    }

    /// Returns why its client has failed for good, if a new one is to replace it.
    pub(super) fn heals(&self) -> Option<String> {
        let may_heal = self.deps.on_fatal_error == OnFatalError::Heal
            && !self.is_stopped.load(Ordering::Acquire)
            && !self.is_abandoned()
            && self.latest()?.after_fatal() == Some(AfterFatal::StartAgain);
        if may_heal {
            self.client_failure()
        } else {
            None
        }
    }

    /// Returns why the start still waits for it; `None` when it does not.
    pub(super) fn waits(&self) -> Option<String> {
        let health = self.latest()?.health();
        if health.state != ListenerState::Starting {
            return None;
        }
        let problems: Vec<String> = health.problems.iter().map(ToString::to_string).collect();
        let why = if problems.is_empty() {
            self.no_answer()
        } else {
            problems.join("; ")
        };
        Some(format!("{} ({why})", health.id))
    }

    /// Returns why the group may not answer.
    fn no_answer(&self) -> String {
        let properties = &self.planned.properties;
        let protocol = properties.property("group.protocol");
        match protocol.filter(|protocol| protocol.value().eq_ignore_ascii_case("consumer")) {
            // The client does not report that a broker does not know the protocol.
            Some(protocol) => {
                let place = protocol
                    .written()
                    .map(|(key, origin)| format!(" ({key}, {origin})"));
                let place = place.unwrap_or_default();
                format!(
                    "its group has no answer; group.protocol = \"consumer\"{place} needs Kafka 4.0"
                )
            }
            None => "its group has no answer".to_owned(),
        }
    }

    pub(super) fn latest(&self) -> Option<Arc<Container>> {
        self.container().clone()
    }

    fn container(&self) -> MutexGuard<'_, Option<Arc<Container>>> {
        self.container
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn missing_topic(health: &ListenerHealth) -> Option<&str> {
    health.problems.iter().find_map(|problem| {
        (problem.kind == ProblemKind::MissingTopic).then_some(problem.reason.as_str())
    })
}

fn failure(health: &ListenerHealth) -> Option<&str> {
    if let ListenerState::Failed { reason } = &health.state {
        Some(reason)
    } else {
        None
    }
}

const fn is_alive(health: &ListenerHealth) -> bool {
    matches!(
        health.state,
        ListenerState::Starting | ListenerState::Running
    )
}

const fn not_started(id: ListenerId) -> ListenerHealth {
    ListenerHealth {
        id,
        state: ListenerState::Stopped,
        partitions: Vec::new(),
        halted: Vec::new(),
        truncated: Vec::new(),
        problems: Vec::new(),
        last_failure: None,
    }
}
