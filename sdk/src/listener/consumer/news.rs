//! What the client says beside records, as log lines and as the listener's health.

use super::rebalance::Rebalancer;
use crate::client::Notice;
use crate::listener::commit::CommitAnswer;
use crate::listener::health::{HaltedPartition, Problem, TruncatedLog};
use crate::types::{Offset, TopicPartition};

/// What to do about a batch that can't be read.
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
                health.problem(Problem::CommitFailing { reason });
            }
            Notice::CommitOutrun { reason } => {
                tracing::debug!(
                    reason,
                    "a rebalance was faster than a commit, which will be sent again"
                );
                if self.commit_answered(CommitAnswer::StaleGeneration) {
                    health.problem(Problem::CommitFailing { reason });
                }
            }
            Notice::Trouble(complaint) => health.complain(complaint),
            Notice::MissingTopic { reason } => {
                tracing::warn!(reason, "a topic is missing; waiting for it");
                health.problem(Problem::MissingTopic { reason });
            }
            Notice::ForbiddenTopic { reason } => {
                tracing::error!(reason, "the broker forbids to see a topic");
                health.problem(Problem::ForbiddenTopic { reason });
            }
            Notice::Forbidden { reason } => self.forbidden(reason),
            Notice::Full { reason } => self.group_full(reason),
            Notice::ForbiddenPartition { partition, reason } => {
                tracing::error!(reason, "the broker forbids to read a partition");
                if self.note_error(&partition).is_some() {
                    health.problem(Problem::ForbiddenPartition { partition, reason });
                }
            }
            Notice::FetchFailing {
                partition,
                offset,
                reason,
            } => self.fetch_failing(partition, offset, reason),
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
            Notice::Odd { reason } => tracing::warn!(reason, "the Kafka client complains"),
        }
    }

    fn forbidden(&self, reason: String) {
        let problem = Problem::Forbidden {
            reason: reason.clone(),
        };
        // The client says so at each attempt; one line is enough.
        if self.shared.health.problem(problem) {
            tracing::error!(reason, "the broker forbids what the listener wants");
        }
    }

    fn group_full(&self, reason: String) {
        let problem = Problem::GroupFull {
            reason: reason.clone(),
        };
        if self.shared.health.problem(problem) {
            tracing::warn!(reason, "the group takes no more members; trying again");
        }
    }

    fn fetch_failing(&self, partition: TopicPartition, offset: Offset, reason: String) {
        let Some(known) = self.note_error(&partition) else {
            return;
        };
        if !known {
            tracing::error!(%partition, %offset, reason, "the partition cannot be read; the client tries again");
        }
        self.shared.health.problem(Problem::FetchFailing {
            partition,
            offset,
            reason,
        });
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
