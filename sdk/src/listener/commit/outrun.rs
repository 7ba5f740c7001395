//! Commits that a rebalance was faster than. Pure.
//!
//! While a group is rebalancing it refuses the commits of the old generation, and the next one
//! carries the same offsets. That is nobody's fault and passes within the rebalance; what lasts
//! longer is a problem like any other refusal.

use std::time::{Duration, Instant};

/// A rebalance waits for its members, each of which may let running handlers end first.
const LONGEST: Duration = Duration::from_secs(60);

/// Since when commits have been too late for their generation.
#[derive(Debug, Default)]
pub(super) struct Outrun {
    since: Option<Instant>,
}

impl Outrun {
    /// A commit came too late. Answers whether that has lasted for longer than a rebalance takes.
    pub(super) fn again(&mut self, now: Instant) -> bool {
        let since = *self.since.get_or_insert(now);
        now.saturating_duration_since(since) > LONGEST
    }

    /// A commit was stored, or partitions were given anew.
    pub(super) fn over(&mut self) {
        self.since = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::ManualClock;

    #[test]
    fn commits_that_stay_too_late_for_more_than_a_rebalance_are_a_problem() {
        let (start, mut outrun) = (ManualClock::new().clock().now(), Outrun::default());
        let after = |seconds| start + Duration::from_secs(seconds);
        assert!(!outrun.again(start) && !outrun.again(after(60)));
        assert!(outrun.again(after(61)));
        outrun.over();
        assert!(!outrun.again(after(62)));
    }
}
