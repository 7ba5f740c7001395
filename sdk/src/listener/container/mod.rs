//! The life of a listener: N consumers, each with its poll thread and its engine.
//!
//! Starting → running (the partitions are assigned) → stopping → stopped, or failed from any of them.

use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::{oneshot, watch};

use super::backpressure::Budget;
use super::commit::CommitPolicy;
use super::engine::Engine;
use super::error::ListenerError;
use super::guarantee::Guarantee;
use super::health::{Board, ListenerHealth, ListenerState};
use super::mailbox::Mailbox;
use super::poll::PollLoop;
use super::properties::consumer_properties;
use super::rebalance::{Drained, Rebalancer, Surroundings};
use super::worker::{RecordWorker, Workshop};
use crate::client::{Consumer, KafkaConsumer};
use crate::config::ClientProperties;
use crate::dead_letter::DeadLetterSink;
use crate::endpoint::ResolvedEndpoint;
use crate::extract::{ListenerId, StateMap};
use crate::runtime::{Clock, ShutdownTrigger, Tasks};

/// A running listener.
///
/// Dropping it without [`stop`](Container::stop) cancels the running handlers and leaves the group in the
/// background.
#[derive(Debug)]
pub struct Container {
    id: ListenerId,
    board: Arc<Board>,
    stop: Arc<ShutdownTrigger>,
    /// When consumers give up waiting for running handlers. Guarded for a read or a write.
    deadline: Arc<Mutex<Instant>>,
    /// The consumers' last words; taken by the first stop.
    consumers: Mutex<Vec<oneshot::Receiver<Drained>>>,
    engines: Tasks,
    clock: Clock,
    guarantee: Guarantee,
}

/// How a listener ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StopReport {
    /// Running records that were cancelled at the deadline. They are not committed and come again.
    pub cancelled: usize,
    /// Consumers whose handlers did not even react to being cancelled: they block their thread.
    pub blocked: usize,
}

/// What a listener is started with.
#[derive(Clone)]
#[must_use]
pub struct ContainerBuilder {
    endpoint: ResolvedEndpoint,
    client: ClientProperties,
    state: StateMap,
    dead_letters: Option<Arc<dyn DeadLetterSink>>,
    commits: CommitPolicy,
    drain_deadline: Duration,
    clock: Clock,
}

impl Container {
    /// A listener for `endpoint`, whose consumers connect with these properties.
    pub fn builder(endpoint: ResolvedEndpoint, client: ClientProperties) -> ContainerBuilder {
        ContainerBuilder {
            endpoint,
            client,
            state: StateMap::new(),
            dead_letters: None,
            commits: CommitPolicy::default(),
            drain_deadline: Duration::from_secs(25),
            clock: Clock::system(),
        }
    }

    /// Waits until every consumer has its first share of the partitions, which may be none.
    ///
    /// This may take for ever, for example while a topic is missing: give it a deadline, and look at
    /// [`health`](Self::health) for the problems.
    ///
    /// # Errors
    /// When the listener has failed or was stopped.
    ///
    /// # Cancel safety
    /// Nothing is lost.
    pub async fn assigned(&self) -> Result<(), ListenerError> {
        let mut health = self.board.watch();
        let state = health.wait_for(|health| health.state != ListenerState::Starting).await;
        match state.map(|health| health.state.clone()) {
            Ok(ListenerState::Failed { reason }) => {
                Err(ListenerError::Failed { id: self.id.clone(), reason })
            }
            Ok(ListenerState::Stopping | ListenerState::Stopped) | Err(_) => {
                Err(ListenerError::Stopped { id: self.id.clone() })
            }
            Ok(ListenerState::Starting | ListenerState::Running) => Ok(()),
        }
    }

    /// Stops it: takes nothing new, waits at most `within` for running handlers, cancels those that are
    /// left, commits what is finished, and leaves the group.
    ///
    /// A second call finds nothing left to do.
    ///
    /// # Cancel safety
    /// Dropping the future does not take the order back: the listener stops in the background.
    pub async fn stop(&self, within: Duration) -> StopReport {
        *self.deadline.lock().unwrap_or_else(PoisonError::into_inner) = self.clock.now() + within;
        self.board.enter(ListenerState::Stopping);
        self.stop.give();
        let consumers = std::mem::take(&mut *self.consumers.lock().unwrap_or_else(PoisonError::into_inner));
        let mut report = StopReport::default();
        for consumer in consumers {
            // The error means that the thread is gone, which is what we wait for.
            let drained = consumer.await.unwrap_or_default();
            report.cancelled += drained.cancelled;
            report.blocked += usize::from(drained.unanswered);
        }
        self.engines.stop(&self.clock, Duration::from_secs(1)).await;
        self.board.enter(ListenerState::Stopped);
        tracing::info!(listener = %self.id, ?report, "the listener has stopped");
        report
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

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &ListenerId {
        &self.id
    }
}

impl ContainerBuilder {
    /// What `State` extractors find. Default: nothing.
    pub fn state(mut self, state: StateMap) -> Self {
        self.state = state;
        self
    }

    /// Where dead letters go. Default: nowhere, and a record that should go there halts its partition.
    pub fn dead_letters(mut self, sink: Arc<dyn DeadLetterSink>) -> Self {
        self.dead_letters = Some(sink);
        self
    }

    /// How often to commit. Default: every 100 ms.
    pub fn commits(mut self, policy: CommitPolicy) -> Self {
        self.commits = policy;
        self
    }

    /// How long a rebalance lets the running handlers of revoked partitions go on. Default: 25 s.
    pub fn drain_deadline(mut self, within: Duration) -> Self {
        self.drain_deadline = within;
        self
    }

    /// The clock for back-offs and deadlines. Default: the system's.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Starts the listener; its handlers run on `runtime`.
    ///
    /// # Errors
    /// When the Kafka client does not take a property, or the system gives no thread. An unreachable
    /// broker or a missing topic is no error: the client goes on trying, and health shows it.
    ///
    /// # Cancel safety
    /// Dropping the future stops whatever was started.
    pub async fn start(self, runtime: &Handle) -> Result<Container, ListenerError> {
        let id = self.endpoint.id.clone();
        let guarantee = Guarantee::of(&self.endpoint, self.commits);
        tracing::info!(listener = %id, topics = ?self.endpoint.topics, group = %self.endpoint.group, %guarantee, "the listener starts");
        let board = Arc::new(Board::new(id.clone()));
        let stop = Arc::new(ShutdownTrigger::new());
        let container = Container {
            id,
            board,
            stop,
            deadline: Arc::new(Mutex::new(self.clock.now())),
            consumers: Mutex::default(),
            engines: Tasks::on(runtime.clone()),
            clock: self.clock.clone(),
            guarantee,
        };
        let unassigned = Arc::new(AtomicUsize::new(self.endpoint.concurrency.get()));
        for member in 0..self.endpoint.concurrency.get() {
            let started = self.start_consumer(&container, member, unassigned.clone()).await;
            if let Err(error) = started {
                container.stop(Duration::ZERO).await;
                return Err(error);
            }
        }
        Ok(container)
    }

    /// Starts one consumer: its engine on the runtime, and its client on a thread of its own.
    async fn start_consumer(
        &self,
        container: &Container,
        member: usize,
        unassigned: Arc<AtomicUsize>,
    ) -> Result<(), ListenerError> {
        let slots = self.endpoint.workers.get();
        let mailbox = Mailbox::new(slots);
        let (board, stop) = (container.board.clone(), container.stop.clone());
        let shop = Workshop::new(
            &self.endpoint,
            self.state.clone(),
            self.dead_letters.clone(),
            board.clone(),
            stop.clone(),
        );
        let worker = RecordWorker::new(shop, &mailbox, slots);
        let engine = Engine::new(mailbox.clone(), worker, slots, self.clock.clone());
        container.engines.spawn("a listener's engine", engine.run());

        let rebalancer = Arc::new(Rebalancer::new(Surroundings {
            mailbox: mailbox.clone(),
            board,
            clock: self.clock.clone(),
            within: self.drain_deadline,
            unassigned,
            stop: stop.clone(),
            seed: random_seed(),
        }));
        let life = ConsumerLife {
            properties: consumer_properties(&self.endpoint, self.client.clone(), member),
            endpoint: self.endpoint.clone(),
            rebalancer,
            mailbox,
            commits: self.commits,
            clock: self.clock.clone(),
            stop,
            deadline: container.deadline.clone(),
        };
        let (ready, is_ready) = oneshot::channel();
        let (ended, has_ended) = oneshot::channel();
        let id = container.id.clone();
        std::thread::Builder::new()
            .name(format!("{id}-{member}"))
            .spawn(move || life.live(ready, ended))
            .map_err(|error| ListenerError::NoThread { id: id.clone(), reason: error.to_string() })?;
        container.consumers.lock().unwrap_or_else(PoisonError::into_inner).push(has_ended);
        let stopped = ListenerError::Stopped { id: id.clone() };
        is_ready.await.map_err(|_| stopped)?.map_err(|source| ListenerError::Client { id, source })
    }
}

/// What a consumer's thread is given.
struct ConsumerLife {
    properties: ClientProperties,
    endpoint: ResolvedEndpoint,
    rebalancer: Arc<Rebalancer>,
    mailbox: Arc<Mailbox>,
    commits: CommitPolicy,
    clock: Clock,
    stop: Arc<ShutdownTrigger>,
    deadline: Arc<Mutex<Instant>>,
}

impl ConsumerLife {
    /// The whole life of a consumer's thread.
    fn live(
        self,
        ready: oneshot::Sender<Result<(), crate::client::ClientError>>,
        ended: oneshot::Sender<Drained>,
    ) {
        let mut consumer = match KafkaConsumer::new(&self.properties, self.rebalancer.clone()) {
            Ok(consumer) => Box::new(consumer),
            Err(error) => return drop(ready.send(Err(error))),
        };
        let subscribed = consumer.subscribe(&self.endpoint.topics);
        let failed = subscribed.is_err();
        if ready.send(subscribed).is_err() || failed {
            return;
        }
        let mut poll = PollLoop {
            consumer,
            rebalancer: self.rebalancer,
            mailbox: self.mailbox,
            ordering: self.endpoint.ordering,
            budget: Budget::for_workers(self.endpoint.workers.get()),
            commits: PollLoop::commit_timer(self.commits, &self.clock),
            clock: self.clock,
            shutdown: self.stop.listen(),
            expected_bytes: 0,
        };
        poll.run();
        let deadline = *self.deadline.lock().unwrap_or_else(PoisonError::into_inner);
        let drained = poll.finish(deadline);
        // Leaves the group, here and not in async code: it waits for the client's threads.
        drop(poll);
        if ended.send(drained).is_err() {
            tracing::debug!("nobody waits for the consumer's end");
        }
    }
}

/// Differs from process to process, so that nobody can choose keys that wait for each other.
fn random_seed() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one("wellspring")
}

impl Drop for Container {
    fn drop(&mut self) {
        self.stop.give();
    }
}

impl std::fmt::Debug for ContainerBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ContainerBuilder")
            .field("endpoint", &self.endpoint)
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
