//! Whether a first assignment without partitions is final.
//!
//! A member that joins a group is first given nothing: the others have to give up partitions, and
//! it gets these with the next assignment. Members stay without any only if there are more members
//! than partitions.

use std::time::{Duration, Instant};

use crate::client::Consumer;
use crate::runtime::Clock;
use crate::types::{GroupId, TopicName};

/// Time until the group is described again; it doubles up to the second.
const PROBE_INTERVAL: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// Longest wait for a description of the group.
const DESCRIBE_TIMEOUT: Duration = Duration::from_millis(500);

/// Longest wait for partitions. Another member gives none back while its handlers run.
const MAX_WAIT: Duration = Duration::from_secs(10);

/// Longest wait where the group cannot be described: this client may not, or the group has another
/// protocol.
const MAX_WAIT_UNDESCRIBED: Duration = Duration::from_secs(2);

/// Waits for the first partitions of one consumer.
#[derive(Debug)]
pub(super) struct FirstAssignment {
    group: GroupId,
    topics: Vec<TopicName>,
    clock: Clock,
    /// Since when it has had an assignment without partitions.
    since: Option<Instant>,
    next: Option<Instant>,
    pause: Duration,
}

impl FirstAssignment {
    pub(super) fn new(group: GroupId, topics: Vec<TopicName>, clock: Clock) -> Self {
        Self {
            group,
            topics,
            clock,
            since: None,
            next: None,
            pause: PROBE_INTERVAL.0,
        }
    }

    /// Returns whether an assignment without partitions is final. Describes the group if that is
    /// due.
    pub(super) fn is_final(&mut self, consumer: &mut dyn Consumer, now: Instant) -> bool {
        let since = *self.since.get_or_insert(now);
        if self.next.is_some_and(|next| now < next) {
            return false;
        }
        let waited = now.saturating_duration_since(since);
        let is_final = match consumer.group_size(&self.group, &self.topics, DESCRIBE_TIMEOUT) {
            Some(size) if size.members > size.partitions => true,
            Some(_) => waited >= MAX_WAIT,
            None => waited >= MAX_WAIT_UNDESCRIBED,
        };
        self.next = Some(self.clock.after(self.pause));
        self.pause = (self.pause * 2).min(PROBE_INTERVAL.1);
        is_final
    }
}
