//! Looking whether a trouble has passed of which nothing else would tell.
//!
//! The client says when brokers or topics go and not when they come back: a listener without
//! records would stay red for ever. So, while it is, somebody asks.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::client::Consumer;
use crate::listener::health::Board;
use crate::runtime::Clock;
use crate::types::TopicName;

/// Least time from one look to the next.
const PAUSE: Duration = Duration::from_secs(1);

/// A look that took long is not taken again before this many times as long.
const SHARE: u32 = 10;

/// How long a look waits for a broker. Records wait meanwhile.
const PATIENCE: Duration = Duration::from_millis(500);

/// Looks at the topics of a listener that is in trouble.
#[derive(Debug)]
pub(super) struct Lookout {
    board: Arc<Board>,
    topics: Vec<TopicName>,
    clock: Clock,
    next: Instant,
}

impl Lookout {
    pub(super) fn new(board: Arc<Board>, topics: Vec<TopicName>, clock: Clock) -> Self {
        let next = clock.now();
        Self {
            board,
            topics,
            clock,
            next,
        }
    }

    /// Looks, if there is reason to and it is time.
    pub(super) fn look(&mut self, consumer: &mut dyn Consumer, now: Instant) {
        if now < self.next {
            return;
        }
        if self.board.wants_a_look()
            && let Some(seen) = consumer.look_at(&self.topics, PATIENCE)
        {
            self.board.seen(&seen);
        }
        let after = self.clock.now();
        self.next = after + PAUSE.max((after - now) * SHARE);
    }
}
