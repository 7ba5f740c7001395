//! The partition's front door.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::waiters::{Registration, Waiters};
use super::{LockedPartition, PartitionOffsets, ReadAnswer};
use crate::log::{
    AppendError, AppendOrigin, Appended, Batches, EpochEnd, FoundOffset, Log, LogConfig, LogError,
    Lookup, OffsetSpec, OpenMode, ReadBudget, ReadError, Truncation, ValidatedBatch,
};
use crate::runtime::{Clock, Trouble, chain};
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
    /// Guards the batches that the disk has refused in a row. Held for a note, inside the log's
    /// mutex.
    trouble: Mutex<Trouble>,
    /// Guards the offset that was last told to be damaged. Held for a look.
    damage: Mutex<Option<Offset>>,
    waiters: Arc<Waiters>,
}

/// Where a partition lives.
#[derive(Debug, Clone)]
pub(crate) struct PartitionHome {
    /// Memory or a data folder.
    pub(crate) fs: Arc<dyn Fs>,
    /// The broker's clock.
    pub(crate) clock: Clock,
    /// Whose partition it is: a folder of an earlier topic of the same name is not taken for this
    /// one's.
    pub(crate) topic_id: TopicId,
    /// Whether it must be there.
    pub(crate) mode: OpenMode,
    /// Which partition it is.
    pub(crate) at: TopicPartition,
}

impl Partition {
    /// Opens the partition, or makes a new one. What a crash damaged is cut, kept aside and logged.
    ///
    /// # Errors
    ///
    /// [`LogError`] if the file system refuses, or a known partition is not there or not this
    /// topic's.
    pub(crate) fn open(home: PartitionHome, config: LogConfig) -> Result<Self, LogError> {
        let PartitionHome {
            fs,
            clock,
            topic_id,
            mode,
            at,
        } = home;
        let (log, truncation) =
            Log::open(fs, at.to_string(), topic_id, mode, &config, clock.wall())?;
        if let Some(truncation) = truncation {
            report(&at, &truncation);
        }
        let log = Mutex::new(Some(log));
        Ok(Self {
            at,
            clock,
            config,
            log,
            trouble: Mutex::default(),
            damage: Mutex::default(),
            waiters: Arc::default(),
        })
    }

    /// Which partition this is.
    pub(crate) const fn at(&self) -> &TopicPartition {
        &self.at
    }

    /// Appends one record batch, which `batch` must be exactly. When this returns, readers can see
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
        let batch = ValidatedBatch::new(batch, &self.config, origin, self.clock.wall())?;
        let appended = {
            let mut guard = self.log();
            let log = guard.as_mut().ok_or(AppendError::Closed)?;
            let appended = log.append(batch, &self.config);
            self.note_trouble(appended.as_ref().err());
            appended?
        };
        if !appended.duplicate {
            self.waiters.wake();
        }
        Ok(appended)
    }

    /// Reads whole batches from the one that contains `from` on. At the end of the log there are
    /// none.
    ///
    /// # Errors
    ///
    /// [`ReadError::OutOfRange`] if `from` was deleted or lies beyond the end, or what the disk
    /// says.
    pub(crate) fn read(&self, from: Offset, budget: ReadBudget) -> Result<ReadAnswer, ReadError> {
        let (plan, offsets) = {
            let guard = self.log();
            let log = guard.as_ref().ok_or(ReadError::Closed)?;
            (log.plan(from, budget.bytes())?, offsets(log))
        };
        let read = plan
            .run(budget)
            .map_err(|trouble| trouble.at(from))
            .inspect_err(|error| self.tell_damage(error));
        let Batches { chunks, cut } = read?;
        Ok(ReadAnswer {
            chunks,
            cut,
            offsets,
        })
    }

    /// Keeps everybody else away; see [`LockedPartition`].
    pub(crate) fn lock(&self) -> LockedPartition<'_> {
        LockedPartition::new(self, self.log())
    }

    /// Bytes in its log. Of a closed partition: 0.
    pub(crate) fn size(&self) -> u64 {
        self.log().as_ref().map_or(0, Log::size)
    }

    /// The four marks, as they are now.
    ///
    /// # Errors
    ///
    /// [`ReadError::Closed`]: offset 0 would look like a partition that is empty.
    pub(crate) fn offsets(&self) -> Result<PartitionOffsets, ReadError> {
        self.log().as_ref().map(offsets).ok_or(ReadError::Closed)
    }

    /// Looks up an offset by time or by place. `None` if no record is that late, or if there is
    /// none at all.
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

    /// Where the leader of epoch `asked` stopped writing; `None` for an epoch that has not begun.
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

    /// The epoch that this leader writes under.
    pub(crate) fn leader_epoch(&self) -> LeaderEpoch {
        self.log().as_ref().map_or(LeaderEpoch::NONE, Log::epoch)
    }

    /// Deletes old segments as the settings say, and forgets silent producers. To be called now and
    /// then.
    ///
    /// # Errors
    ///
    /// [`LogError`] if the disk refuses; what could not be deleted comes back at the next start.
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

    /// Has `waiter` notified of news (see [`Registration`]) until the answer is dropped.
    pub(crate) fn register(&self, waiter: &Arc<Notify>) -> Registration {
        Registration::new(&self.waiters, waiter)
    }

    /// Whether the partition was closed or deleted.
    #[cfg(test)]
    pub(crate) fn is_closed(&self) -> bool {
        self.log().is_none()
    }

    /// Takes no more requests and wakes who waits. What is in the log stays there.
    ///
    /// # Errors
    ///
    /// [`LogError`] if the disk refuses the last notes; the records are safe, the next start takes
    /// longer.
    pub(crate) fn close(&self) -> Result<(), LogError> {
        let log = self.log().take();
        self.waiters.wake();
        log.map_or(Ok(()), Log::close)
    }

    /// Takes no more requests, wakes who waits, and removes all files.
    ///
    /// # Errors
    ///
    /// [`LogError`] if the disk refuses.
    pub(crate) fn delete(&self) -> Result<(), LogError> {
        let log = self.log().take();
        self.waiters.wake();
        log.map_or(Ok(()), Log::delete)
    }

    /// Says in the log, once for each place, that a reader stands in front of damage.
    fn tell_damage(&self, error: &ReadError) {
        let ReadError::Damaged { at, .. } = error else {
            return;
        };
        let mut told = self.damage.lock().unwrap_or_else(PoisonError::into_inner);
        if told.replace(*at) != Some(*at) {
            tracing::error!(
                topic = %self.at.topic, partition = %self.at.partition, offset = %at, error = chain(error),
                "records are damaged on the disk and are not sent; consumers are told CORRUPT_MESSAGE and wait in front of \
                 them: put the segment back from a copy, or have them seek behind it"
            );
        }
    }

    /// Says in the log when the disk begins to refuse records, and when it takes them again.
    fn note_trouble(&self, refusal: Option<&AppendError>) {
        let (topic, partition) = (&self.at.topic, self.at.partition);
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        match refusal {
            Some(error @ AppendError::Storage { at, .. }) => {
                if let Some(refused) = trouble.refused(self.clock.now()) {
                    tracing::error!(
                        %topic, %partition, offset = %at, refused, error = chain(error),
                        "the disk takes no records; producers are told KAFKA_STORAGE_ERROR and try again, consumers read on"
                    );
                }
            }
            Some(_) => {}
            None => {
                if let Some(refused) = trouble.over() {
                    tracing::info!(%topic, %partition, refused, "the disk takes records again");
                }
            }
        }
    }

    pub(super) const fn config(&self) -> &LogConfig {
        &self.config
    }

    pub(super) const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Tells those who wait that there is news.
    pub(super) fn wake(&self) {
        self.waiters.wake();
    }

    fn log(&self) -> MutexGuard<'_, Option<Log>> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn report(at: &TopicPartition, truncation: &Truncation) {
    let Truncation {
        file,
        position,
        bytes,
        later_segments,
        reason,
        end,
        stuck,
    } = truncation;
    let (topic, partition) = (&at.topic, at.partition);
    match stuck {
        None => tracing::warn!(
            %topic, %partition, offset = %end, file, position, bytes, later_segments, %reason,
            "cut damaged bytes out of the log; they are kept beside it in files that end in .cut"
        ),
        Some(error) => tracing::error!(
            %topic, %partition, offset = %end, file, position, bytes, later_segments, %reason, error,
            "damaged bytes at the end of the log can't be moved aside; it can be read, and takes records once they are"
        ),
    }
}

pub(super) fn offsets(log: &Log) -> PartitionOffsets {
    PartitionOffsets {
        log_start: log.start(),
        high_watermark: log.end(),
        last_stable: log.end(),
        log_end: log.end(),
    }
}
