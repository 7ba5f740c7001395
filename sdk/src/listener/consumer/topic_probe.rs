//! Asks whether a problem has passed that nothing else would clear.
//!
//! The client says when brokers or topics go away, but not when they come back: a listener without
//! records would stay unhealthy. So a broker is asked about the topics for as long as it is.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::client::Consumer;
use crate::listener::shared::ListenerShared;
use crate::types::TopicName;

/// Least time between two requests.
const MIN_INTERVAL: Duration = Duration::from_secs(1);

/// A request that took long is not sent again before this many times as long.
const BACKOFF_FACTOR: u32 = 10;

/// Longest wait for the answer. Records wait meanwhile.
const ANSWER_TIMEOUT: Duration = Duration::from_millis(500);

/// Asks about the topics of a listener that has a problem.
#[derive(Debug)]
pub(super) struct TopicProbe {
    shared: Arc<ListenerShared>,
    topics: Vec<TopicName>,
    next: Instant,
}

impl TopicProbe {
    pub(super) fn new(shared: Arc<ListenerShared>, topics: Vec<TopicName>) -> Self {
        let next = shared.clock.now();
        Self {
            shared,
            topics,
            next,
        }
    }

    /// Asks, if there is a reason to and it is time.
    pub(super) fn probe(&mut self, consumer: &mut dyn Consumer, now: Instant) {
        if now < self.next {
            return;
        }
        if self.shared.health.needs_probe()
            && let Some(seen) = consumer.look_at(&self.topics, ANSWER_TIMEOUT)
        {
            self.shared.health.probed(&seen);
        }
        let after = self.shared.clock.now();
        self.next = after + MIN_INTERVAL.max((after - now) * BACKOFF_FACTOR);
    }
}
