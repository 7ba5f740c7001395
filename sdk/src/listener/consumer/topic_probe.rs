//! Looking whether a trouble has passed of which nothing else would tell.
//!
//! The client says when brokers or topics go and not when they come back: a listener without
//! records would stay red for ever. So, while it is, somebody asks.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::client::Consumer;
use crate::listener::shared::ListenerShared;
use crate::types::TopicName;

/// Least time from one look to the next.
const PAUSE: Duration = Duration::from_secs(1);

/// A look that took long is not taken again before this many times as long.
const SHARE: u32 = 10;

/// How long a look waits for a broker. Records wait meanwhile.
const PATIENCE: Duration = Duration::from_millis(500);

/// Looks at the topics of a listener that is in trouble.
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

    /// Looks, if there is reason to and it is time.
    pub(super) fn probe(&mut self, consumer: &mut dyn Consumer, now: Instant) {
        if now < self.next {
            return;
        }
        if self.shared.health.wants_a_look()
            && let Some(seen) = consumer.look_at(&self.topics, PATIENCE)
        {
            self.shared.health.seen(&seen);
        }
        let after = self.shared.clock.now();
        self.next = after + PAUSE.max((after - now) * SHARE);
    }
}
