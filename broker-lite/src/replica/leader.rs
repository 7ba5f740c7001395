//! One partition: append, read, look up, wait.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::disk_reports::DiskReports;
use super::waiters::{Registration, Waiters};
use super::{LockedPartition, PartitionOffsets, ReadAnswer};
use crate::log::{
    AppendError, AppendOrigin, Appended, Batches, EpochEnd, FoundOffset, Log, LogConfig, LogError,
    LogFolder, Lookup, OffsetSpec, OpenMode, ReadBudget, ReadError, ValidatedBatch,
};
use crate::runtime::Clock;
use crate::storage::Fs;
use crate::types::{LeaderEpoch, Offset, Timestamp, TopicId, TopicPartition};

/// One partition, led by this broker. Shared as an `Arc`.
#[derive(Debug)]
pub(crate) struct Partition {
    at: TopicPartition,
    clock: Clock,
    config: LogConfig,
    /// Guards the log, `None` once it is closed. Held for a look-up, one write or one
    /// [`LockedPartition`], never over `.await`.
    log: Mutex<Option<Log>>,
    disk: DiskReports,
    waiters: Arc<Waiters>,
}

/// The place and identity of a partition.
#[derive(Debug, Clone)]
pub(crate) struct PartitionHome {
    /// Memory or a data folder.
    pub(crate) fs: Arc<dyn Fs>,
    /// The broker's clock.
    pub(crate) clock: Clock,
    /// The topic's id: a folder of an earlier topic of the same name is not opened as this one's.
    pub(crate) topic_id: TopicId,
    /// Whether the partition is created or must exist.
    pub(crate) mode: OpenMode,
    /// The topic and the number.
    pub(crate) at: TopicPartition,
}

impl Partition {
    /// Opens or creates the partition. Bytes that a crash damaged are cut off, kept beside the log
    /// and reported.
    ///
    /// # Errors
    ///
    /// [`LogError`] if the file system refuses, or the folder of an existing partition is missing
    /// or belongs to another topic.
    pub(crate) fn open(home: PartitionHome, config: LogConfig) -> Result<Self, LogError> {
        let PartitionHome {
            fs,
            clock,
            topic_id,
            mode,
            at,
        } = home;
        let folder = LogFolder {
            fs,
            dir: at.to_string(),
            topic: topic_id,
            mode,
        };
        let (log, truncation) = Log::open(folder, &config, clock.wall())?;
        let disk = DiskReports::new(at.clone());
        if let Some(truncation) = truncation {
            disk.truncated(&truncation);
        }
        Ok(Self {
            at,
            clock,
            config,
            log: Mutex::new(Some(log)),
            disk,
            waiters: Arc::default(),
        })
    }

    /// Returns which partition this is.
    pub(crate) const fn at(&self) -> &TopicPartition {
        &self.at
    }

    /// Appends one record batch; `batch` must hold exactly one. When this returns, readers can see
    /// it.
    ///
    /// The bytes are copied once; base offset and leader epoch are set in the copy.
    ///
    /// # Errors
    ///
    /// [`AppendError`]; then nothing was written.
    pub(crate) fn append(
        &self,
        batch: &[u8],
        origin: AppendOrigin,
    ) -> Result<Appended, AppendError> {
        // Before the lock: opening a compressed batch may take milliseconds.
        let batch = ValidatedBatch::new(batch, &self.config, origin, self.clock.wall())?;
        let appended = {
            let mut guard = self.log();
            let log = guard.as_mut().ok_or(AppendError::Closed)?;
            let appended = log.append(batch, &self.config);
            self.disk.appended(appended.as_ref().err(), &self.clock);
            appended?
        };
        // After the lock is released: a request that wakes up reads at once and must not wait for
        // it.
        if !appended.duplicate {
            self.waiters.wake();
        }
        Ok(appended)
    }

    /// Returns whole batches, from the one that contains `from` on; none at the end of the log.
    ///
    /// # Errors
    ///
    /// [`ReadError::OutOfRange`] if `from` was deleted or lies beyond the end; otherwise what is
    /// wrong with the disk.
    pub(crate) fn read(&self, from: Offset, budget: ReadBudget) -> Result<ReadAnswer, ReadError> {
        let (plan, offsets) = {
            let guard = self.log();
            let log = guard.as_ref().ok_or(ReadError::Closed)?;
            (log.plan(from, budget.bytes())?, PartitionOffsets::of(log))
        };
        // Without the lock: a read from a slow disk does not hold up appends.
        let read = plan
            .run(budget)
            .map_err(|trouble| trouble.at(from))
            .inspect_err(|error| self.disk.unreadable(error));
        let Batches { chunks, cut } = read?;
        Ok(ReadAnswer {
            chunks,
            cut,
            offsets,
        })
    }

    /// Locks out all other readers and writers; see [`LockedPartition`].
    pub(crate) fn lock(&self) -> LockedPartition<'_> {
        LockedPartition {
            log: self.log(),
            config: &self.config,
            clock: &self.clock,
            waiters: &self.waiters,
        }
    }

    /// Returns the bytes in its log, 0 if the partition is closed.
    pub(crate) fn size(&self) -> u64 {
        self.log().as_ref().map_or(0, Log::size)
    }

    /// Returns the current offsets.
    ///
    /// # Errors
    ///
    /// [`ReadError::Closed`], since zeros would look like an empty partition.
    pub(crate) fn offsets(&self) -> Result<PartitionOffsets, ReadError> {
        self.log()
            .as_ref()
            .map(PartitionOffsets::of)
            .ok_or(ReadError::Closed)
    }

    /// Looks up an offset by time or by position. `None` if no record is that late or there are no
    /// records.
    ///
    /// # Errors
    ///
    /// [`ReadError`] if the log can't be read.
    pub(crate) fn lookup(&self, spec: OffsetSpec) -> Result<Option<FoundOffset>, ReadError> {
        let (lookup, start) = {
            let guard = self.log();
            let log = guard.as_ref().ok_or(ReadError::Closed)?;
            (log.lookup(spec), log.start())
        };
        match lookup {
            Lookup::Known(found) => Ok(found),
            Lookup::Search(search) => search.run().map_err(|trouble| trouble.at(start)),
        }
    }

    /// Returns the offset at which the leader of epoch `asked` stopped writing; `None` for an epoch
    /// that has not begun.
    ///
    /// # Errors
    ///
    /// [`ReadError::Closed`].
    pub(crate) fn end_offset_for_epoch(
        &self,
        asked: LeaderEpoch,
    ) -> Result<Option<EpochEnd>, ReadError> {
        Ok(self
            .log()
            .as_ref()
            .ok_or(ReadError::Closed)?
            .end_of_epoch(asked))
    }

    /// Returns the epoch that this leader writes under.
    pub(crate) fn leader_epoch(&self) -> LeaderEpoch {
        self.log().as_ref().map_or(LeaderEpoch::NONE, Log::epoch)
    }

    /// Deletes segments that are past retention and forgets producers that are past their expiry.
    /// To be called at intervals.
    ///
    /// # Errors
    ///
    /// [`LogError`] if the disk refuses; files that could not be deleted are part of the log again
    /// after the next start.
    pub(crate) fn enforce_retention(&self, now: Timestamp) -> Result<(), LogError> {
        let moved = self
            .log()
            .as_mut()
            .ok_or(LogError::Closed)?
            .enforce_retention(&self.config, now)?;
        if moved {
            self.waiters.wake();
        }
        Ok(())
    }

    /// Notifies `waiter` of news (see [`Registration`]) until the returned value is dropped.
    pub(crate) fn register(&self, waiter: &Arc<Notify>) -> Registration {
        Registration::new(&self.waiters, waiter)
    }

    /// Whether the partition was closed or deleted.
    #[cfg(test)]
    pub(crate) fn is_closed(&self) -> bool {
        self.log().is_none()
    }

    /// Closes the log and wakes the requests that wait. Later requests are told that it is closed.
    ///
    /// # Errors
    ///
    /// [`LogError`] if the disk refuses the indexes and checkpoints of a clean stop; the records
    /// are safe and the next start takes longer.
    pub(crate) fn close(&self) -> Result<(), LogError> {
        // Taken out first and closed without the lock: requests are refused at once and do not wait
        // for the disk.
        let log = self.log().take();
        self.waiters.wake();
        log.map_or(Ok(()), Log::close)
    }

    /// Closes the log, wakes the requests that wait, and removes all files.
    ///
    /// # Errors
    ///
    /// [`LogError`] if the disk refuses.
    pub(crate) fn delete(&self) -> Result<(), LogError> {
        let log = self.log().take();
        self.waiters.wake();
        log.map_or(Ok(()), Log::delete)
    }

    fn log(&self) -> MutexGuard<'_, Option<Log>> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
