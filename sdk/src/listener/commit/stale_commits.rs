//! Commits of a generation that is over. Pure.
//!
//! While a group rebalances it refuses commits of the old generation, and the next commit carries
//! the same offsets. That is expected, and ends with the rebalance. If it lasts longer, it is a
//! problem like any other refusal.

use std::time::{Duration, Instant};

/// Longest time a rebalance may take. It waits for all members, each of which may let running
/// handlers end first.
const MAX_REBALANCE: Duration = Duration::from_secs(60);

/// Since when commits have been refused as stale.
#[derive(Debug, Default)]
pub(super) struct StaleCommits {
    since: Option<Instant>,
}

impl StaleCommits {
    /// Notes that a commit was stale. Returns whether that has lasted for longer than a rebalance
    /// takes.
    pub(super) fn refused(&mut self, now: Instant) -> bool {
        let since = *self.since.get_or_insert(now);
        now.saturating_duration_since(since) > MAX_REBALANCE
    }

    /// Notes that commits are of the current generation again.
    pub(super) fn clear(&mut self) {
        self.since = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::ManualClock;

    #[test]
    fn commits_that_stay_too_late_for_more_than_a_rebalance_are_a_problem() {
        let (start, mut stale) = (ManualClock::new().clock().now(), StaleCommits::default());
        let after = |seconds| start + Duration::from_secs(seconds);
        assert!(!stale.refused(start) && !stale.refused(after(60)));
        assert!(stale.refused(after(61)));
        stale.clear();
        assert!(!stale.refused(after(62)));
    }
}
