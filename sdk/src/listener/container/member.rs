//! One consumer of a listener: the life of its thread.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::client::{ClientError, Consumer, InitialOffsets, KafkaConsumer};
use crate::config::ClientProperties;
use crate::endpoint::ResolvedEndpoint;
use crate::listener::backpressure::Budget;
use crate::listener::commit::CommitPolicy;
use crate::listener::doubts::Doubts;
use crate::listener::health::Board;
use crate::listener::lifeline::Lifeline;
use crate::listener::lookout::Lookout;
use crate::listener::mailbox::Mailbox;
use crate::listener::poll::PollLoop;
use crate::listener::rebalance::{Drained, Rebalancer};
use crate::listener::settling::Settling;
use crate::listener::silence::Silence;
use crate::listener::topic_watch::TopicWatch;
use crate::runtime::{Clock, ShutdownTrigger};

/// What a consumer's thread is given.
pub(super) struct Member {
    pub(super) properties: ClientProperties,
    /// Where the consumers of the listener begin without a commit.
    pub(super) initial: Arc<InitialOffsets>,
    pub(super) endpoint: ResolvedEndpoint,
    pub(super) rebalancer: Arc<Rebalancer>,
    pub(super) board: Arc<Board>,
    pub(super) mailbox: Arc<Mailbox>,
    pub(super) commits: CommitPolicy,
    pub(super) clock: Clock,
    pub(super) stop: Arc<ShutdownTrigger>,
    pub(super) life: Lifeline,
    /// Around whatever this thread logs.
    pub(super) span: tracing::Span,
    pub(super) drain_deadline: Duration,
}

impl Member {
    /// The whole life of a consumer's thread.
    pub(super) fn live(
        self,
        ready: oneshot::Sender<Result<(), ClientError>>,
        ended: oneshot::Sender<Drained>,
    ) {
        let _span = self.span.clone().entered();
        let mut consumer =
            match KafkaConsumer::new(&self.properties, self.rebalancer.clone(), self.initial) {
                Ok(consumer) => Box::new(consumer),
                Err(error) => {
                    self.life.end();
                    return drop(ready.send(Err(error)));
                }
            };
        let subscribed = consumer.subscribe(&self.endpoint.topics);
        let failed = subscribed.is_err();
        if ready.send(subscribed).is_err() || failed {
            return self.life.end();
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
        self.life.end();
        if ended.send(drained).is_err() {
            tracing::debug!("nobody waits for the consumer's end");
        }
    }
}
