//! A partition that nobody else reads or writes for a moment.

use std::sync::MutexGuard;

use bytes::Bytes;

use super::leader::offsets;
use super::{Partition, ReadAnswer};
use crate::log::{AppendError, AppendOrigin, Batches, FitBatch, Log, ReadBudget, ReadError};
use crate::types::Offset;

/// Everybody else who wants the partition waits as long as this lives: keep it short, and never
/// over `.await`.
#[derive(Debug)]
pub(crate) struct HeldPartition<'a> {
    partition: &'a Partition,
    log: MutexGuard<'a, Option<Log>>,
}

impl<'a> HeldPartition<'a> {
    pub(super) fn new(partition: &'a Partition, log: MutexGuard<'a, Option<Log>>) -> Self {
        Self { partition, log }
    }

    /// [`Partition::read`], for the holder.
    ///
    /// # Errors
    ///
    /// As there.
    pub(crate) fn read(&self, from: Offset, budget: ReadBudget) -> Result<ReadAnswer, ReadError> {
        let log = self.log.as_ref().ok_or(ReadError::Closed)?;
        let Batches { chunks, cut } = log
            .plan(from, budget.bytes())?
            .run(budget)
            .map_err(|trouble| trouble.at(from))?;
        Ok(ReadAnswer {
            chunks,
            cut,
            offsets: offsets(log),
        })
    }

    /// Appends `summary`, batches that say all that the ones before them said, and deletes those.
    ///
    /// # Errors
    ///
    /// [`AppendError`]; then both may be there, or a part of each: read in order they say the same.
    pub(crate) fn begin_anew(mut self, summary: &[Bytes]) -> Result<(), AppendError> {
        let (config, now) = (self.partition.config(), self.partition.clock().wall());
        let fit = |batch: &Bytes| FitBatch::new(batch, config, AppendOrigin::Coordinator, now);
        let summary = summary.iter().map(fit).collect::<Result<_, _>>()?;
        self.log
            .as_mut()
            .ok_or(AppendError::Closed)?
            .begin_anew(summary, config, now)?;
        drop(self.log);
        self.partition.wake();
        Ok(())
    }
}
