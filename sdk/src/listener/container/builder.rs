//! What a listener is started with, and its start.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::Container;
use super::error::ListenerError;
use super::exit_guard::Lifeline;
use crate::client::{ClientError, InitialOffsets};
use crate::config::ClientProperties;
use crate::dead_letter::DeadLetterSink;
use crate::endpoint::ResolvedEndpoint;
use crate::extract::StateMap;
use crate::listener::commit::CommitPolicy;
use crate::listener::consumer::{Member, Rebalancer, Surroundings, consumer_properties};
use crate::listener::engine::{Engine, Mailbox};
use crate::listener::guarantee::Guarantee;
use crate::listener::health::Board;
use crate::listener::work::{RecordWorker, Workshop};
use crate::observe::listener_span;
use crate::runtime::{Clock, ShutdownTrigger, Tasks};

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

impl ContainerBuilder {
    pub(super) fn new(endpoint: ResolvedEndpoint, client: ClientProperties) -> Self {
        Self {
            endpoint,
            client,
            state: StateMap::new(),
            dead_letters: None,
            commits: CommitPolicy::default(),
            drain_deadline: Duration::from_secs(25),
            clock: Clock::system(),
        }
    }

    /// What `State` extractors find. Default: nothing.
    pub fn state(mut self, state: StateMap) -> Self {
        self.state = state;
        self
    }

    /// Where dead letters go. Default: nowhere, and a record that should go there halts its
    /// partition.
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
    /// When the Kafka client does not take a property, or the system gives no thread. An
    /// unreachable broker or a missing topic is no error: the client goes on trying, and health
    /// shows it.
    ///
    /// # Cancel safety
    /// Dropping the future stops whatever was started.
    pub async fn start(self, runtime: &Handle) -> Result<Container, ListenerError> {
        let id = self.endpoint.id.clone();
        let guarantee = Guarantee::of(&self.endpoint, self.commits);
        tracing::info!(listener = %id, topics = ?self.endpoint.topics, group = %self.endpoint.group, %guarantee, "the listener starts");
        let board = Arc::new(Board::of(
            id.clone(),
            &self.endpoint.group,
            self.clock.clone(),
        ));
        let stop = Arc::new(ShutdownTrigger::new());
        let mut container = Container {
            id,
            board,
            stop,
            deadline: Arc::default(),
            consumers: tokio::sync::Mutex::default(),
            threads: Vec::new(),
            engines: Tasks::on(runtime.clone()),
            clock: self.clock.clone(),
            guarantee,
        };
        let unassigned = Arc::new(AtomicUsize::new(self.endpoint.concurrency.get()));
        if let Err(error) = self.start_consumers(&mut container, &unassigned).await {
            container.stop(Duration::ZERO).await;
            return Err(error);
        }
        Ok(container)
    }

    /// Starts all consumers at once, so that the group has them in one generation.
    ///
    /// A broker that waits for nobody (`group.initial.rebalance.delay.ms=0`) closes the first
    /// generation within a millisecond, and librdkafka joins again after a second. So all that can
    /// be done before is done before the first thread is there.
    async fn start_consumers(
        &self,
        container: &mut Container,
        unassigned: &Arc<AtomicUsize>,
    ) -> Result<(), ListenerError> {
        let first = consumer_properties(&self.endpoint, self.client.clone(), 0);
        let initial = Arc::new(InitialOffsets::new(self.endpoint.topics.clone(), &first));
        let members = 0..self.endpoint.concurrency.get();
        let prepared: Vec<Prepared> = members
            .map(|member| self.prepare(container, member, unassigned, &initial))
            .collect();
        let mut starting = Vec::new();
        for consumer in prepared {
            starting.push(consumer.start(container)?);
        }
        let id = &container.id;
        for is_ready in starting {
            let ready = is_ready
                .await
                .map_err(|_| ListenerError::Stopped { id: id.clone() })?;
            ready.map_err(|source| ListenerError::Client {
                id: id.clone(),
                source,
            })?;
        }
        Ok(())
    }

    /// Starts the engine of one consumer on the runtime, and prepares its thread.
    fn prepare(
        &self,
        container: &Container,
        member: usize,
        unassigned: &Arc<AtomicUsize>,
        initial: &Arc<InitialOffsets>,
    ) -> Prepared {
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
        let worker = RecordWorker::new(shop, mailbox.wakers(slots));
        let engine = Engine::new(mailbox.clone(), worker, slots, self.clock.clone());
        let life = Lifeline::of("an engine", board.clone(), stop.clone());
        container.engines.spawn("a listener's engine", async move {
            engine.run().await;
            life.end();
        });

        let life = Lifeline::of("a consumer's thread", board.clone(), stop.clone());
        let rebalancer = Arc::new(Rebalancer::new(Surroundings {
            mailbox: mailbox.clone(),
            board: board.clone(),
            clock: self.clock.clone(),
            within: self.drain_deadline,
            stop_by: container.deadline.clone(),
            unassigned: Arc::clone(unassigned),
            stop: stop.clone(),
            seed: random_seed(),
        }));
        let name = format!("{}-{member}", container.id);
        let member = Member {
            properties: consumer_properties(&self.endpoint, self.client.clone(), member),
            initial: Arc::clone(initial),
            endpoint: self.endpoint.clone(),
            rebalancer,
            board,
            mailbox,
            commits: self.commits,
            clock: self.clock.clone(),
            stop,
            span: listener_span(&self.endpoint.id, &self.endpoint.group),
            drain_deadline: self.drain_deadline,
        };
        Prepared { name, member, life }
    }
}

/// A consumer whose thread can be started.
struct Prepared {
    /// The name of its thread.
    name: String,
    member: Member,
    life: Lifeline,
}

impl Prepared {
    /// Starts the thread. It makes the client and answers once that is made.
    fn start(
        self,
        container: &mut Container,
    ) -> Result<oneshot::Receiver<Result<(), ClientError>>, ListenerError> {
        let Self { name, member, life } = self;
        let (ready, is_ready) = oneshot::channel();
        let (ended, has_ended) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name(name)
            .spawn(move || {
                member.live(ready, ended);
                life.end();
            })
            .map_err(|error| ListenerError::NoThread {
                id: container.id.clone(),
                reason: error.to_string(),
            })?;
        container.threads.push(thread.thread().clone());
        container.consumers.get_mut().push(has_ended);
        Ok(is_ready)
    }
}

/// Differs from process to process, so that nobody can choose keys that wait for each other.
fn random_seed() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one("wellspring")
}

impl std::fmt::Debug for ContainerBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ContainerBuilder")
            .field("endpoint", &self.endpoint)
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}
