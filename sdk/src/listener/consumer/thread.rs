//! The life of a consumer's thread.

use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use tokio::sync::oneshot;

use super::drain::Drained;
use super::factory::ConsumerFactory;
use super::poll_loop::PollLoop;
use super::rebalance::Rebalancer;
use crate::client::{ClientError, Consumer};
use crate::endpoint::ResolvedEndpoint;
use crate::listener::command::Command;
use crate::listener::commit::CommitPolicy;
use crate::listener::engine::EngineChannel;
use crate::listener::shared::ListenerShared;

/// One consumer of a listener, before its thread runs.
pub(in crate::listener) struct ConsumerThread {
    /// The number of the consumer in its listener, counted from 0.
    pub(in crate::listener) number: usize,
    pub(in crate::listener) shared: Arc<ListenerShared>,
    pub(in crate::listener) endpoint: ResolvedEndpoint,
    pub(in crate::listener) factory: Arc<dyn ConsumerFactory>,
    /// The way to the consumer's engine.
    pub(in crate::listener) channel: Arc<EngineChannel>,
    pub(in crate::listener) commits: CommitPolicy,
    /// Longest wait for running handlers at a rebalance, and at a stop that says nothing else.
    pub(in crate::listener) drain_timeout: Duration,
}

impl ConsumerThread {
    /// Makes the consumer, polls it until [`Command::Stop`] comes, and leaves the group.
    ///
    /// `ready` is told whether the consumer could be made, `ended` how its end went.
    pub(in crate::listener) fn run(
        self,
        commands: Receiver<Command>,
        ready: oneshot::Sender<Result<(), ClientError>>,
        ended: oneshot::Sender<Drained>,
    ) {
        let shared = self.shared.clone();
        let _span = shared.span.clone().entered();
        let rebalancer = Arc::new(Rebalancer::new(
            self.shared.clone(),
            self.channel.clone(),
            self.commits,
            self.drain_timeout,
        ));
        let consumer = match self.consumer(rebalancer.clone()) {
            Ok(consumer) => consumer,
            Err(error) => return drop(ready.send(Err(error))),
        };
        // Nobody waits for the answer once the start was given up.
        if ready.send(Ok(())).is_err() {
            return;
        }
        let drain_timeout = self.drain_timeout;
        let mut poll = PollLoop::new(self.endpoint, consumer, rebalancer, commands);
        poll.run();
        // A listener that stops because it failed has no deadline.
        let deadline = shared.stop_deadline();
        let deadline = deadline.unwrap_or_else(|| shared.clock.after(drain_timeout));
        let drained = poll.finish(deadline);
        // Dropping the client leaves the group and waits for the client's own threads, which is why
        // it happens here and not in async code.
        drop(poll);
        if ended.send(drained).is_err() {
            tracing::debug!("the consumer has ended, and its container is gone");
        }
    }

    fn consumer(&self, rebalancer: Arc<Rebalancer>) -> Result<Box<dyn Consumer>, ClientError> {
        let mut consumer = self.factory.make(self.number, rebalancer)?;
        consumer.subscribe(&self.endpoint.topics)?;
        Ok(consumer)
    }
}
