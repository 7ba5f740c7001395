//! One consumer of a listener: the life of its thread.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;

use super::budget::Budget;
use super::doubts::Doubts;
use super::poll_loop::PollLoop;
use super::rebalance::{Drained, Rebalancer};
use super::settling::Settling;
use super::silence::Silence;
use super::topic_probe::Lookout;
use super::topic_watch::TopicWatch;
use crate::client::{ClientError, Consumer, InitialOffsets, KafkaConsumer};
use crate::config::ClientProperties;
use crate::endpoint::ResolvedEndpoint;
use crate::listener::commit::CommitPolicy;
use crate::listener::engine::Mailbox;
use crate::listener::health::Board;
use crate::runtime::{Clock, ShutdownTrigger};

/// What a consumer's thread is given.
pub(in crate::listener) struct Member {
    pub(in crate::listener) properties: ClientProperties,
    /// Where the consumers of the listener begin without a commit.
    pub(in crate::listener) initial: Arc<InitialOffsets>,
    pub(in crate::listener) endpoint: ResolvedEndpoint,
    pub(in crate::listener) rebalancer: Arc<Rebalancer>,
    pub(in crate::listener) board: Arc<Board>,
    pub(in crate::listener) mailbox: Arc<Mailbox>,
    pub(in crate::listener) commits: CommitPolicy,
    pub(in crate::listener) clock: Clock,
    pub(in crate::listener) stop: Arc<ShutdownTrigger>,
    /// Around whatever this thread logs.
    pub(in crate::listener) span: tracing::Span,
    pub(in crate::listener) drain_deadline: Duration,
}

impl Member {
    /// The whole life of a consumer's thread.
    pub(in crate::listener) fn live(
        self,
        ready: oneshot::Sender<Result<(), ClientError>>,
        ended: oneshot::Sender<Drained>,
    ) {
        let _span = self.span.clone().entered();
        let mut consumer =
            match KafkaConsumer::new(&self.properties, self.rebalancer.clone(), self.initial) {
                Ok(consumer) => Box::new(consumer),
                Err(error) => return drop(ready.send(Err(error))),
            };
        let subscribed = consumer.subscribe(&self.endpoint.topics);
        let failed = subscribed.is_err();
        if ready.send(subscribed).is_err() || failed {
            return;
        }
        let clock = self.clock.clone();
        let mut poll = PollLoop {
            consumer,
            rebalancer: self.rebalancer,
            mailbox: self.mailbox,
            ordering: self.endpoint.ordering,
            budget: Budget::for_workers(self.endpoint.workers.get()),
            commits: PollLoop::commit_timer(self.commits, &self.clock),
            clock: self.clock,
            shutdown: self.stop.listen(),
            settling: Settling::new(
                self.endpoint.group,
                self.endpoint.topics.clone(),
                clock.clone(),
            ),
            topics: TopicWatch::new(clock.now()),
            lookout: Lookout::new(self.board, self.endpoint.topics, clock.clone()),
            doubts: Doubts::new(clock.now()),
            silence: Silence::new(clock.now()),
            expected_bytes: 0,
        };
        poll.run();
        // Nobody tells a listener that stops by itself.
        let told = poll.rebalancer.stop_by();
        let deadline = told.unwrap_or_else(|| clock.after(self.drain_deadline));
        let drained = poll.finish(deadline);
        // Leaves the group, here and not in async code: it waits for the client's threads.
        drop(poll);
        if ended.send(drained).is_err() {
            tracing::debug!("nobody waits for the consumer's end");
        }
    }
}
