//! The client's notices beside records, as log lines and as the listener's health.

use super::rebalance::Rebalancer;
use crate::client::{Notice, Problem, ProblemKind, ProblemSubject};
use crate::listener::commit::CommitAnswer;
use crate::listener::health::{HaltedPartition, TruncatedLog};
use crate::types::{Offset, TopicPartition};

/// The advice about a batch that can't be read.
const REPAIR: &str = "nothing from there on is handled: repair the log and restart, or move the group's offset behind the damage to \
                      give its records up";

impl Rebalancer {
    /// Reports news of the client. News of partitions that are assigned no longer is left out.
    pub(super) fn report(&self, notice: Notice) {
        let health = &self.shared.health;
        match notice {
            Notice::Committed => {
                self.commit_answered(CommitAnswer::Stored);
                health.committed();
            }
            Notice::CommitFailed { reason } => {
                tracing::warn!(reason, "a commit was refused and will be sent again");
                self.commit_answered(CommitAnswer::Refused);
                self.commits_fail(reason);
            }
            Notice::CommitOutrun { reason } => {
                tracing::debug!(
                    reason,
                    "a rebalance was faster than a commit, which will be sent again"
                );
                if self.commit_answered(CommitAnswer::StaleGeneration) {
                    self.commits_fail(reason);
                }
            }
            Notice::Trouble(complaint) => health.complain(complaint),
            Notice::Problem(problem) => self.problem(problem),
            Notice::Damaged {
                partition,
                offset,
                reason,
            } => self.damaged(partition, offset, &reason),
            Notice::Rewound {
                partition,
                expected,
                found,
            } => self.rewound(partition, expected, found),
            Notice::Fatal { reason, then } => {
                tracing::error!(reason, "the consumer cannot go on");
                health.client_failed(reason, then);
                self.shared.stop();
            }
            Notice::Warning { reason } => tracing::warn!(reason, "the Kafka client complains"),
        }
    }

    fn problem(&self, problem: Problem) {
        let is_known = match problem.subject.partition() {
            None => false,
            // An error of a partition that was given back meanwhile is its next owner's.
            Some(partition) => match self.note_error(partition) {
                None => return,
                Some(is_known) => is_known,
            },
        };
        self.shared.health.client_problem(problem, is_known);
    }

    fn commits_fail(&self, reason: String) {
        let (kind, subject) = (ProblemKind::CommitFailing, ProblemSubject::Group);
        let problem = Problem::new(kind, subject, reason);
        self.shared.health.problem(problem);
    }

    fn damaged(&self, at: TopicPartition, offset: Offset, reason: &str) {
        let halted = HaltedPartition {
            partition: at,
            offset,
            reason: format!("{reason}; {REPAIR}"),
        };
        let TopicPartition { topic, partition } = &halted.partition;
        tracing::error!(%topic, %partition, %offset, "{halted}");
        self.shared.health.halted(halted);
    }

    fn rewound(&self, partition: TopicPartition, expected: Offset, found: Offset) {
        tracing::warn!(
            topic = %partition.topic,
            partition = partition.partition.0,
            expected = expected.0,
            found = found.0,
            "the broker has lost records that were read already: going on with what stands in their place"
        );
        self.shared.health.truncated(TruncatedLog {
            partition,
            read_to: expected,
            cut_at: found,
        });
    }
}
