//! The step after a failed attempt.

use super::failure::Verdict;
use super::held::{FailedRecord, Held};
use super::listener_work::ListenerWork;
use crate::client::Record;
use crate::listener::dispatch::Step;
use crate::listener::health::{FailedAttempt, HaltedPartition, ListenerState};
use crate::retry::Decision;

/// The advice about a partition that waits at a record.
const REMEDY: &str =
    "repair the cause and restart, or give the listener `dead_letter` or `on_exhausted = \"skip\"`";

/// The step after a failed attempt.
pub(super) enum Next {
    /// The record leaves its slot.
    Step(Step<Held>),
    /// The record is forwarded first.
    Forward(FailedRecord),
}

impl ListenerWork {
    /// Does what the failure policy says about a failed attempt.
    pub(super) fn settle(&self, record: Record, attempt: u32, verdict: Verdict) -> Next {
        let Verdict {
            failure,
            words: error,
            decision,
        } = verdict;
        let (topic, partition, offset) = (record.topic(), record.partition(), record.offset());
        self.shared
            .health
            .failed(FailedAttempt::new(&record, attempt, &error));
        Next::Step(match decision {
            Decision::RetryAfter(wait) => {
                self.log(|| tracing::warn!(%topic, %partition, %offset, attempt, ?wait, error, "the record failed and will be tried again"));
                let attempt = attempt + 1;
                Step::Park {
                    wait,
                    held: Held::Retry { attempt },
                }
            }
            Decision::DeadLetter if self.dead_letters.is_some() => {
                self.log(|| tracing::warn!(%topic, %partition, %offset, attempt, error, "the record failed and goes to the dead letters"));
                return Next::Forward(FailedRecord { record, failure });
            }
            Decision::Skip => {
                self.log(|| tracing::warn!(%topic, %partition, %offset, attempt, error, "the record is skipped"));
                Step::Finished
            }
            Decision::Stop => {
                self.log(|| tracing::error!(%topic, %partition, %offset, attempt, error, "the record stops the listener"));
                self.stop_at(&record, &error)
            }
            Decision::Halt => self.halt_at(&record, attempt, format!("{error}; {REMEDY}")),
            // Nothing is lost for want of a place to write it: the partition waits instead.
            Decision::DeadLetter => {
                let error = format!(
                    "{error} (it should go to the dead letters, and nothing writes them); {REMEDY}"
                );
                self.halt_at(&record, attempt, error)
            }
        })
    }

    /// Halts the partition at a record.
    pub(super) fn halt_at(&self, record: &Record, attempt: u32, reason: String) -> Step<Held> {
        let halted = HaltedPartition {
            partition: record.source().clone(),
            offset: record.offset(),
            reason,
        };
        let (topic, partition, offset) = (record.topic(), record.partition(), record.offset());
        self.log(|| tracing::error!(%topic, %partition, %offset, attempt, "{halted}"));
        self.shared.health.halted(halted);
        Step::Halt
    }

    /// Fails the listener because of a record. The step halts the partition, so that nothing behind
    /// the record is committed while the consumers stop.
    fn stop_at(&self, record: &Record, error: &str) -> Step<Held> {
        let reason = format!(
            "the record {}@{} stopped it: {error}",
            record.source(),
            record.offset()
        );
        self.shared.health.enter(ListenerState::Failed { reason });
        self.shared.stop();
        Step::Halt
    }
}
