//! When to commit. Pure.

use std::time::{Duration, Instant};

use crate::runtime::later;

/// The pace of commits.
///
/// A commit is one small request for all partitions of a consumer. Records that finished since the
/// last one are delivered again after a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommitPolicy {
    /// Longest wait between two commits while records are finished. Default: 100 ms.
    pub interval: Duration,
    /// Commit as soon as about this many records have finished; `None` is no limit, the default.
    pub records: Option<u64>,
}

impl Default for CommitPolicy {
    fn default() -> Self {
        Self {
            interval: Duration::from_millis(100),
            records: None,
        }
    }
}

/// Says when the next commit is due. One is under way at a time, so that none overtakes another.
#[derive(Debug)]
pub(super) struct CommitTimer {
    policy: CommitPolicy,
    last: Instant,
    released_at_last: u64,
    in_flight_since: Option<Instant>,
}

/// A commit without an answer for this long is taken for lost.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);

impl CommitTimer {
    pub(super) fn new(policy: CommitPolicy, now: Instant) -> Self {
        Self {
            policy,
            last: now,
            released_at_last: 0,
            in_flight_since: None,
        }
    }

    /// Whether to look for something to commit, when `released` records have left the engine so
    /// far.
    pub(super) fn is_due(&self, now: Instant, released: u64) -> bool {
        if self
            .in_flight_since
            .is_some_and(|since| now < since + ANSWER_TIMEOUT)
        {
            return false;
        }
        let finished = released - self.released_at_last;
        now >= later(self.last, self.policy.interval)
            || self.policy.records.is_some_and(|most| finished >= most)
    }

    /// Returns the time until a commit is due, unless records finish or the one under way is
    /// answered before.
    pub(super) fn rest(&self, now: Instant) -> Duration {
        let due = match self.in_flight_since {
            Some(since) => since + ANSWER_TIMEOUT,
            None => later(self.last, self.policy.interval),
        };
        due.saturating_duration_since(now)
    }

    /// Notes that a commit was sent, or that there was nothing to commit.
    pub(super) fn attempted(&mut self, now: Instant, released: u64, sent: bool) {
        self.last = now;
        self.released_at_last = released;
        self.in_flight_since = sent.then_some(now);
    }

    /// Notes that the commit under way was answered.
    pub(super) fn answered(&mut self) {
        self.in_flight_since = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::ManualClock;

    #[test]
    fn it_is_due_after_the_interval_or_the_records_and_not_while_one_is_under_way() {
        let (start, ms) = (ManualClock::new().clock().now(), Duration::from_millis);
        let policy = CommitPolicy {
            interval: ms(100),
            records: Some(10),
        };
        let mut timer = CommitTimer::new(policy, start);
        assert!(!timer.is_due(start + ms(99), 9));
        assert!(timer.is_due(start + ms(100), 9));
        assert!(timer.is_due(start, 10));
        assert_eq!(timer.rest(start + ms(30)), ms(70));
        timer.attempted(start, 10, true);
        assert!(!timer.is_due(start + ms(500), 90));
        assert!(
            timer.rest(start + ms(500)) > ms(1000),
            "its answer is what to wait for"
        );
        timer.answered();
        assert!(timer.is_due(start + ms(500), 90));
        timer.attempted(start + ms(500), 90, false);
        assert!(!timer.is_due(start + ms(599), 99));
    }

    #[test]
    fn a_commit_without_an_answer_does_not_stop_all_others() {
        let start = ManualClock::new().clock().now();
        let mut timer = CommitTimer::new(CommitPolicy::default(), start);
        timer.attempted(start, 1, true);
        assert!(!timer.is_due(start + Duration::from_secs(59), 1));
        assert!(timer.is_due(start + Duration::from_secs(60), 1));
    }
}
