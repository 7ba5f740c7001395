//! The commits of one consumer: when the next one is due, whether one is under way, and what its
//! answer means. Pure.

use std::time::{Duration, Instant};

use super::pacing::{CommitPolicy, CommitTimer};
use super::stale_commits::StaleCommits;

/// The result of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::listener) enum CommitAnswer {
    /// The broker has stored the offsets.
    Stored,
    /// The broker refused the offsets, or the client did not send them.
    Refused,
    /// A rebalance was faster: the commit belonged to a generation that is over.
    StaleGeneration,
}

/// Commits for one consumer. At most one commit is under way, so that none overtakes another.
///
/// [`PartitionOffsets`](super::PartitionOffsets) decides which offset of a partition is committed.
#[derive(Debug)]
pub(in crate::listener) struct Committer {
    timer: CommitTimer,
    stale: StaleCommits,
}

impl Committer {
    pub(in crate::listener) fn new(policy: CommitPolicy, now: Instant) -> Self {
        Self {
            timer: CommitTimer::new(policy, now),
            stale: StaleCommits::default(),
        }
    }

    /// Whether to look for something to commit, when `released` records have left the engine so
    /// far.
    pub(in crate::listener) fn is_due(&self, now: Instant, released: u64) -> bool {
        self.timer.is_due(now, released)
    }

    /// Returns the time until the next commit is due, unless records finish or the one under way
    /// is answered before.
    pub(in crate::listener) fn rest(&self, now: Instant) -> Duration {
        self.timer.rest(now)
    }

    /// Notes that what was due has been done: a commit was sent, or there was nothing to commit.
    pub(in crate::listener) fn attempted(&mut self, now: Instant, released: u64, sent: bool) {
        self.timer.attempted(now, released, sent);
    }

    /// Takes the answer to the commit under way. Returns whether refusals have become a problem
    /// that will not pass with the next rebalance.
    pub(in crate::listener) fn answered(&mut self, answer: CommitAnswer, now: Instant) -> bool {
        self.timer.answered();
        match answer {
            CommitAnswer::Stored => {
                self.stale.clear();
                false
            }
            CommitAnswer::Refused => true,
            CommitAnswer::StaleGeneration => self.stale.refused(now),
        }
    }

    /// Notes that a rebalance has ended: commits are of the current generation again.
    pub(in crate::listener) fn rebalanced(&mut self) {
        self.stale.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::ManualClock;

    #[test]
    fn an_answer_of_any_kind_lets_the_next_commit_go() {
        let start = ManualClock::new().clock().now();
        let later = start + Duration::from_secs(1);
        for answer in [
            CommitAnswer::Stored,
            CommitAnswer::Refused,
            CommitAnswer::StaleGeneration,
        ] {
            let mut committer = Committer::new(CommitPolicy::default(), start);
            committer.attempted(start, 1, true);
            assert!(!committer.is_due(later, 2), "one is under way");
            let is_problem = committer.answered(answer, later);
            assert_eq!(is_problem, answer == CommitAnswer::Refused);
            assert!(committer.is_due(later, 2));
        }
    }
}
