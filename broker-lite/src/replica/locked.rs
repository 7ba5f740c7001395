//! A partition that nobody else reads or writes for a moment.

use std::sync::MutexGuard;

use bytes::Bytes;

use super::leader::offsets;
use super::{Partition, ReadAnswer};
use crate::log::{AppendError, AppendOrigin, Batches, Log, ReadBudget, ReadError, ValidatedBatch};
use crate::types::Offset;

/// Everybody else who wants the partition waits as long as this lives: keep it short, and never
/// over `.await`.
#[derive(Debug)]
pub(crate) struct LockedPartition<'a> {
    partition: &'a Partition,
    log: MutexGuard<'a, Option<Log>>,
}

impl<'a> LockedPartition<'a> {
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
    pub(crate) fn replace_with_snapshot(mut self, summary: &[Bytes]) -> Result<(), AppendError> {
        let (config, now) = (self.partition.config(), self.partition.clock().wall());
        let validated =
            |batch: &Bytes| ValidatedBatch::new(batch, config, AppendOrigin::Coordinator, now);
        let summary = summary.iter().map(validated).collect::<Result<_, _>>()?;
        self.log
            .as_mut()
            .ok_or(AppendError::Closed)?
            .replace_with_snapshot(summary, config, now)?;
        drop(self.log);
        self.partition.wake();
        Ok(())
    }
}
