//! The parts that a listener is started with, and its start.

use std::sync::{Arc, mpsc};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::Container;
use super::error::ListenerError;
use super::exit_guard::ExitGuard;
use crate::client::ClientError;
use crate::config::ClientProperties;
use crate::dead_letter::DeadLetterSink;
use crate::endpoint::ResolvedEndpoint;
use crate::extract::StateMap;
use crate::listener::command::CommandSender;
use crate::listener::commit::CommitPolicy;
use crate::listener::consumer::{ConsumerFactory, ConsumerThread, KafkaConsumerFactory};
use crate::listener::engine::{Engine, EngineChannel};
use crate::listener::guarantee::Guarantee;
use crate::listener::shared::ListenerShared;
use crate::listener::work::{ListenerWork, RecordWorker};
use crate::runtime::{Clock, Tasks};

/// The parts that a listener is started with.
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
    /// `None` stands for clients of a Kafka cluster.
    consumers: Option<Arc<dyn ConsumerFactory>>,
}

impl Container {
    /// Returns the builder of a listener for `endpoint`, whose consumers connect with these
    /// properties.
    pub fn builder(endpoint: ResolvedEndpoint, client: ClientProperties) -> ContainerBuilder {
        ContainerBuilder::new(endpoint, client)
    }
}

impl ContainerBuilder {
    fn new(endpoint: ResolvedEndpoint, client: ClientProperties) -> Self {
        Self {
            endpoint,
            client,
            state: StateMap::new(),
            dead_letters: None,
            commits: CommitPolicy::default(),
            drain_deadline: Duration::from_secs(25),
            clock: Clock::system(),
            consumers: None,
        }
    }

    /// Sets the source of the consumers.
    #[cfg(test)]
    pub(super) fn consumers(mut self, factory: Arc<dyn ConsumerFactory>) -> Self {
        self.consumers = Some(factory);
        self
    }

    /// Sets the state for `State` extractors. Default: none.
    pub fn state(mut self, state: StateMap) -> Self {
        self.state = state;
        self
    }

    /// Sets the sink for dead letters. Default: none, and a record that should go there halts its
    /// partition.
    pub fn dead_letters(mut self, sink: Arc<dyn DeadLetterSink>) -> Self {
        self.dead_letters = Some(sink);
        self
    }

    /// Sets the pace of commits. Default: every 100 ms.
    pub fn commits(mut self, policy: CommitPolicy) -> Self {
        self.commits = policy;
        self
    }

    /// Sets the time that a rebalance gives the running handlers of revoked partitions. Default: 25
    /// s.
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
        let shared = ListenerShared::new(
            id,
            &self.endpoint.group,
            self.endpoint.consuming.concurrency.get(),
            self.clock.clone(),
        );
        let mut container = Container {
            shared,
            consumers: tokio::sync::Mutex::default(),
            engines: Tasks::on(runtime.clone()),
            guarantee,
        };
        if let Err(error) = self.start_consumers(&mut container).await {
            container.stop(Duration::ZERO).await;
            return Err(error);
        }
        Ok(container)
    }

    /// Starts all consumers at once, so that the group has them in one generation.
    ///
    /// A broker that waits for nobody (`group.initial.rebalance.delay.ms=0`) closes the first
    /// generation within a millisecond, and librdkafka joins again after a second. So everything
    /// that can be prepared is, before the first thread starts.
    async fn start_consumers(&self, container: &mut Container) -> Result<(), ListenerError> {
        let factory = self.consumer_factory();
        let numbers = 0..self.endpoint.consuming.concurrency.get();
        let prepared: Vec<PreparedConsumer> = numbers
            .map(|number| self.prepare(container, number, factory.clone()))
            .collect();
        let mut starting = Vec::new();
        for consumer in prepared {
            starting.push(consumer.start(container)?);
        }
        let id = container.id();
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

    fn consumer_factory(&self) -> Arc<dyn ConsumerFactory> {
        if let Some(factory) = &self.consumers {
            return factory.clone();
        }
        Arc::new(KafkaConsumerFactory::new(&self.endpoint, &self.client))
    }

    /// Starts the engine of one consumer on the runtime, and prepares its thread.
    fn prepare(
        &self,
        container: &Container,
        number: usize,
        factory: Arc<dyn ConsumerFactory>,
    ) -> PreparedConsumer {
        let shared = container.shared.clone();
        PreparedConsumer {
            guard: ExitGuard::of("a consumer's thread", shared.clone()),
            thread: ConsumerThread {
                number,
                shared,
                endpoint: self.endpoint.clone(),
                factory,
                channel: self.start_engine(container),
                commits: self.commits,
                drain_timeout: self.drain_deadline,
            },
        }
    }

    /// Starts the engine of one consumer, and returns the way to it.
    fn start_engine(&self, container: &Container) -> Arc<EngineChannel> {
        let shared = &container.shared;
        let slots = self.endpoint.processing.workers.get();
        let channel = EngineChannel::new(slots);
        let work = ListenerWork::new(
            &self.endpoint,
            self.state.clone(),
            self.dead_letters.clone(),
            shared.clone(),
        );
        let worker = RecordWorker::new(work, channel.wakers(slots));
        let engine = Engine::new(channel.clone(), worker, slots, self.clock.clone());
        let guard = ExitGuard::of("an engine", shared.clone());
        container.engines.spawn("a listener's engine", async move {
            engine.run().await;
            guard.end();
        });
        channel
    }
}

/// A consumer whose thread can be started.
struct PreparedConsumer {
    thread: ConsumerThread,
    guard: ExitGuard,
}

impl PreparedConsumer {
    /// Starts the thread. Returns what resolves once its client is made.
    fn start(
        self,
        container: &mut Container,
    ) -> Result<oneshot::Receiver<Result<(), ClientError>>, ListenerError> {
        let Self { thread, guard } = self;
        let shared = container.shared.clone();
        let (sender, commands) = mpsc::channel();
        let (ready, is_ready) = oneshot::channel();
        let (ended, has_ended) = oneshot::channel();
        let handle = std::thread::Builder::new()
            .name(format!("{}-{}", shared.id, thread.number))
            .spawn(move || {
                thread.run(commands, ready, ended);
                guard.end();
            })
            .map_err(|error| ListenerError::NoThread {
                id: shared.id.clone(),
                reason: error.to_string(),
            })?;
        shared.add_consumer(CommandSender::new(sender, handle.thread().clone()));
        container.consumers.get_mut().push(has_ended);
        Ok(is_ready)
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
