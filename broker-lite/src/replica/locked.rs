//! A partition that is locked against all other readers and writers for a moment.

use std::sync::MutexGuard;

use bytes::Bytes;

use super::waiters::Waiters;
use super::{PartitionOffsets, ReadAnswer};
use crate::log::{
    AppendError, AppendOrigin, Batches, Log, LogConfig, ReadBudget, ReadError, ValidatedBatch,
};
use crate::runtime::Clock;
use crate::types::Offset;

/// A guard: every other request for the partition blocks its thread as long as this lives, so keep
/// it short and never hold it over `.await`.
#[derive(Debug)]
pub(crate) struct LockedPartition<'a> {
    pub(super) log: MutexGuard<'a, Option<Log>>,
    pub(super) config: &'a LogConfig,
    pub(super) clock: &'a Clock,
    pub(super) waiters: &'a Waiters,
}

impl LockedPartition<'_> {
    /// Reads as [`Partition::read`](super::Partition::read) does, under the lock.
    ///
    /// # Errors
    ///
    /// As [`Partition::read`](super::Partition::read).
    pub(crate) fn read(&self, from: Offset, budget: ReadBudget) -> Result<ReadAnswer, ReadError> {
        let log = self.log.as_ref().ok_or(ReadError::Closed)?;
        let Batches { chunks, cut } = log
            .plan(from, budget.bytes())?
            .run(budget)
            .map_err(|trouble| trouble.at(from))?;
        Ok(ReadAnswer {
            chunks,
            cut,
            offsets: PartitionOffsets::of(log),
        })
    }

    /// Appends `snapshot`, batches that hold the state which all earlier batches add up to, and
    /// deletes the earlier ones.
    ///
    /// # Errors
    ///
    /// [`AppendError`]; then the log may hold both, or a part of each: read in order they add up to
    /// the same state.
    pub(crate) fn replace_with_snapshot(mut self, snapshot: &[Bytes]) -> Result<(), AppendError> {
        let (config, now) = (self.config, self.clock.wall());
        let validated =
            |batch: &Bytes| ValidatedBatch::new(batch, config, AppendOrigin::Coordinator, now);
        let snapshot = snapshot.iter().map(validated).collect::<Result<_, _>>()?;
        self.log
            .as_mut()
            .ok_or(AppendError::Closed)?
            .replace_with_snapshot(snapshot, config, now)?;
        drop(self.log);
        self.waiters.wake();
        Ok(())
    }
}
