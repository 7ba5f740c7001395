//! Whether an empty share of the partitions is the last word.
//!
//! Who joins a group that has members is first given nothing: the others have to let go of
//! partitions, and it gets them with the next assignment. Only where there are more members than
//! partitions some stay without any.

use std::time::{Duration, Instant};

use crate::client::Consumer;
use crate::runtime::Clock;
use crate::types::{GroupId, TopicName};

/// The first look, and the longest time from one to the next.
const LOOKS: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// How long a look waits for its answers.
const ANSWER_WITHIN: Duration = Duration::from_millis(500);

/// Longest wait for a share. Another member may give nothing back for as long as its handlers run.
const LONGEST: Duration = Duration::from_secs(10);

/// Longest wait where the group cannot be described: this client may not, or it is a group of
/// another protocol.
const UNSEEN: Duration = Duration::from_secs(2);

/// Waits for the share of one consumer at its start.
#[derive(Debug)]
pub(super) struct Settling {
    group: GroupId,
    topics: Vec<TopicName>,
    clock: Clock,
    /// Since when it has had an empty share.
    since: Option<Instant>,
    next: Option<Instant>,
    pause: Duration,
}

impl Settling {
    pub(super) fn new(group: GroupId, topics: Vec<TopicName>, clock: Clock) -> Self {
        Self {
            group,
            topics,
            clock,
            since: None,
            next: None,
            pause: LOOKS.0,
        }
    }

    /// Answers whether a share that is empty stays so; looks at the group if it is time to.
    pub(super) fn is_over(&mut self, consumer: &mut dyn Consumer, now: Instant) -> bool {
        let since = *self.since.get_or_insert(now);
        if self.next.is_some_and(|next| now < next) {
            return false;
        }
        let waited = now.saturating_duration_since(since);
        let is_over = match consumer.group_size(&self.group, &self.topics, ANSWER_WITHIN) {
            Some(size) if size.members > size.partitions => true,
            Some(_) => waited >= LONGEST,
            None => waited >= UNSEEN,
        };
        self.next = Some(self.clock.after(self.pause));
        self.pause = (self.pause * 2).min(LOOKS.1);
        is_over
    }
}
