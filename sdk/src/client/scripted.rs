//! A producer for tests: it keeps what it is given and answers as it was told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{
    Acknowledgement, ProduceError, Producer, ProducerRecord, ProducerState, ProducerStatus, Report,
};
use crate::types::{Offset, PartitionId, Timestamp};

/// Clones share the script and the log. Without a script every record is acknowledged at once.
#[derive(Debug, Clone, Default)]
pub(crate) struct ScriptedProducer(Arc<Mutex<Script>>);

#[derive(Debug, Default)]
struct Script {
    steps: VecDeque<Step>,
    taken: Vec<ProducerRecord>,
    held: Vec<Report>,
}

/// The outcome of the next record.
#[derive(Debug)]
pub(crate) enum Step {
    /// It is refused.
    Refuse(ProduceError),
    /// It is accepted and fails.
    Fail(ProduceError),
    /// It is accepted, and answered by [`ScriptedProducer::release`].
    Hold,
}

impl ScriptedProducer {
    pub(crate) fn with(steps: impl IntoIterator<Item = Step>) -> Self {
        let producer = Self::default();
        producer.script().steps.extend(steps);
        producer
    }

    /// Returns the accepted records, in order.
    pub(crate) fn taken(&self) -> Vec<ProducerRecord> {
        self.script().taken.clone()
    }

    /// Acknowledges everything that is held.
    pub(crate) fn release(&self) {
        let held = std::mem::take(&mut self.script().held);
        held.into_iter()
            .for_each(|report| report.resolve(Ok(written(None, 0))));
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn written(partition: Option<PartitionId>, offset: i64) -> Acknowledgement {
    Acknowledgement {
        partition: partition.unwrap_or(PartitionId(0)),
        offset: Offset(offset),
        timestamp: Timestamp(1),
    }
}

impl Producer for ScriptedProducer {
    fn produce(
        &self,
        record: &ProducerRecord,
        report: Report,
    ) -> Result<(), (ProduceError, Report)> {
        let mut script = self.script();
        let step = script.steps.pop_front();
        if let Some(Step::Refuse(reason)) = step {
            return Err((reason, report));
        }
        let offset = i64::try_from(script.taken.len()).unwrap_or(i64::MAX);
        script.taken.push(record.clone());
        match step {
            Some(Step::Hold) => script.held.push(report),
            Some(Step::Fail(reason)) => report.resolve(Err(reason)),
            Some(Step::Refuse(_)) | None => report.resolve(Ok(written(record.partition, offset))),
        }
        Ok(())
    }
}

/// A producer that sends nothing any more.
#[derive(Debug)]
pub(crate) struct FailedProducer;

impl Producer for FailedProducer {
    fn produce(
        &self,
        _record: &ProducerRecord,
        report: Report,
    ) -> Result<(), (ProduceError, Report)> {
        let reason = "fenced".to_owned();
        Err((
            ProduceError::Fatal {
                reason,
                may_be_written: false,
                is_replaced: false,
            },
            report,
        ))
    }

    fn status(&self) -> ProducerStatus {
        let state = ProducerState::Failed {
            reason: "fenced".to_owned(),
        };
        ProducerStatus {
            state,
            ..ProducerStatus::default()
        }
    }
}
