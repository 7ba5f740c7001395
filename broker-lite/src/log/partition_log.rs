//! The log of one partition: append, plan reads, roll, close, delete.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;

use super::clean_stop::CleanStop;
use super::config::LogConfig;
use super::error::{AppendError, LogError, ReadError};
use super::files::{self, Kind};
use super::leader_epoch::{EpochEnd, LeaderEpochs};
use super::producer_state::{ProducerStates, Verdict, WrittenBatch};
use super::read::ReadPlan;
use super::repair::Repair;
use super::segment::{NotWritten, Segment};
use super::snapshot;
use super::validator::ValidatedBatch;
use crate::storage::Fs;
use crate::types::{LeaderEpoch, Offset, Timestamp};
use crate::wire::record_batch::{BatchHeader, patch};

/// The log of one partition.
#[derive(Debug)]
pub(crate) struct Log {
    pub(super) fs: Arc<dyn Fs>,
    /// The partition's folder.
    pub(super) dir: String,
    /// Closed segments, oldest first.
    pub(super) closed: VecDeque<Segment>,
    /// The segment that is appended to.
    pub(super) active: Segment,
    /// The first offset that may be read.
    pub(super) start: Offset,
    /// The offset of the next record.
    pub(super) end: Offset,
    pub(super) epoch: LeaderEpoch,
    pub(super) epochs: Arc<LeaderEpochs>,
    /// Whether the checkpoint of leader epochs could not be written when they last changed.
    pub(super) epochs_unsaved: bool,
    pub(super) producers: ProducerStates,
    /// A repair that must be made before the next append.
    pub(super) repair: Option<Repair>,
}

/// A batch that is in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Appended {
    /// Offset of the batch's first record.
    pub(crate) base_offset: Offset,
    /// Offset of its last record.
    pub(crate) last_offset: Offset,
    /// The time that the broker gave the records, if `message.timestamp.type` says so.
    pub(crate) log_append_time: Option<Timestamp>,
    /// The first offset of the log.
    pub(crate) log_start: Offset,
    /// Whether the batch had been appended before, at these offsets, and was not written again.
    pub(crate) duplicate: bool,
}

impl Log {
    /// Returns the first offset that may be read.
    pub(crate) const fn start(&self) -> Offset {
        self.start
    }

    /// Returns the offset of the next record.
    pub(crate) const fn end(&self) -> Offset {
        self.end
    }

    /// Returns the epoch that batches are written under.
    pub(crate) const fn epoch(&self) -> LeaderEpoch {
        self.epoch
    }

    /// Gives a batch the next offsets and writes it. A batch that an idempotent producer sends
    /// again is not written again.
    pub(crate) fn append(
        &mut self,
        batch: ValidatedBatch,
        config: &LogConfig,
    ) -> Result<Appended, AppendError> {
        let ValidatedBatch {
            mut header,
            mut bytes,
            log_append_time,
            now,
        } = batch;
        // First of all: a batch that is sent again must not close a segment or need a repair.
        if let Verdict::Duplicate(written) = self.producers.check(&header)? {
            return Ok(self.duplicate(written));
        }
        header.base_offset = self.end;
        header.leader_epoch = self.epoch;
        self.make_room(&header, config, now)
            .map_err(|source| AppendError::Storage {
                at: self.end,
                source,
            })?;
        patch::place(&mut bytes, self.end, self.epoch);
        self.active
            .append(bytes.freeze(), &header, config)
            .map_err(|NotWritten { source, clean }| {
                self.repair = (!clean).then_some(Repair::Torn);
                AppendError::Storage {
                    at: self.end,
                    source,
                }
            })?;
        // After the write: a batch that was refused may come again and is no duplicate then.
        self.producers.note(&header, now);
        self.end = header.last_offset().next();
        Ok(Appended {
            base_offset: header.base_offset,
            last_offset: header.last_offset(),
            log_append_time,
            log_start: self.start,
            duplicate: false,
        })
    }

    /// The result for a batch that its producer sends again.
    const fn duplicate(&self, written: WrittenBatch) -> Appended {
        Appended {
            base_offset: written.base_offset,
            last_offset: written.last_offset,
            // The time of the first append is not kept.
            log_append_time: None,
            log_start: self.start,
            duplicate: true,
        }
    }

    /// Plans to read about `bytes` from `offset` on.
    pub(crate) fn plan(&self, offset: Offset, bytes: usize) -> Result<ReadPlan, ReadError> {
        if offset < self.start || offset > self.end {
            return Err(ReadError::OutOfRange {
                wanted: offset,
                start: self.start,
                end: self.end,
            });
        }
        let epochs = Arc::clone(&self.epochs);
        let mut plan = ReadPlan {
            from: offset,
            end: self.end,
            epochs,
            ranges: Vec::new(),
        };
        if offset == self.end {
            return Ok(plan);
        }
        let mut planned = 0;
        for segment in self.segments_from(offset) {
            let range = segment.range_from(offset);
            planned += range.end - range.at;
            plan.ranges.push(range);
            // The first range starts somewhat before the offset, so it may hold less than its size
            // of what is wanted.
            if plan.ranges.len() > 1 && planned > bytes as u64 {
                break;
            }
        }
        Ok(plan)
    }

    /// Returns where epoch `asked` ends; `None` for an epoch that has not begun.
    pub(crate) fn end_of_epoch(&self, asked: LeaderEpoch) -> Option<EpochEnd> {
        self.epochs.end_of(asked, self.epoch, self.end)
    }

    /// Closes the log cleanly, so that the next start can trust its files.
    pub(crate) fn close(mut self) -> Result<(), LogError> {
        if self.repair.is_some() {
            // The next start has to recover the log, so nothing may tell it otherwise.
            return Ok(());
        }
        self.write_clean_stop().map_err(|source| LogError::Storage {
            path: self.dir,
            doing: "closed",
            source,
        })
    }

    fn write_clean_stop(&mut self) -> io::Result<()> {
        // Records, indexes, snapshot, then the mark: the next start trusts all that was written
        // before it.
        self.segments()
            .try_for_each(|segment| segment.file.sync())?;
        self.active.seal(&*self.fs, &self.dir)?;
        snapshot::write(&*self.fs, &self.dir, self.end, &self.producers)?;
        let (segment, size) = (self.active.base, self.active.size());
        CleanStop {
            end: self.end,
            segment,
            size,
        }
        .write(&*self.fs, &self.dir)
    }

    /// Removes the log with all its files.
    pub(crate) fn delete(self) -> Result<(), LogError> {
        let Self { fs, dir, .. } = self;
        let remove = || {
            // The topic's id last: whatever a crash leaves behind can be told from files of the
            // next topic of this name.
            let names = fs
                .list(&dir)?
                .into_iter()
                .filter(|name| name != files::TOPIC_ID);
            names
                .map(|name| format!("{dir}/{name}"))
                .try_for_each(|path| fs.remove(&path))?;
            fs.remove_dir(&dir)
        };
        remove().map_err(|source| LogError::Storage {
            path: dir.clone(),
            doing: "removed",
            source,
        })
    }

    /// All segments, oldest first.
    pub(super) fn segments(&self) -> impl DoubleEndedIterator<Item = &Segment> {
        self.closed.iter().chain(std::iter::once(&self.active))
    }

    /// The segment that contains `offset`, and those after it.
    pub(super) fn segments_from(&self, offset: Offset) -> impl Iterator<Item = &Segment> {
        let after = self
            .closed
            .partition_point(|segment| segment.base <= offset);
        let skip = if self.active.base <= offset {
            self.closed.len()
        } else {
            after.saturating_sub(1)
        };
        self.segments().skip(skip)
    }

    /// Makes the repair that is due, if any. Nothing may be appended before that.
    pub(super) fn check_whole(&mut self) -> io::Result<()> {
        let Some(repair) = self.repair else {
            return Ok(());
        };
        repair.make(&*self.fs, &self.dir, &mut self.closed, &mut self.active)?;
        tracing::info!(dir = self.dir, offset = %self.end, "the log is repaired and takes records again");
        self.repair = None;
        Ok(())
    }

    /// Prepares the append of a batch: makes a repair that is due, closes a full segment, and has
    /// the leader epoch on the disk.
    fn make_room(
        &mut self,
        header: &BatchHeader,
        config: &LogConfig,
        now: Timestamp,
    ) -> io::Result<()> {
        self.check_whole()?;
        if self.active.is_full_for(header, config) {
            self.roll(now)?;
        }
        if self.epochs_unsaved {
            // Before the batch: recovery takes an epoch that is not in the checkpoint for damage.
            self.write_epochs()?;
        }
        Ok(())
    }

    /// Closes the active segment and begins the next one.
    pub(super) fn roll(&mut self, now: Timestamp) -> io::Result<()> {
        let file = self.fs.open(&files::path(&self.dir, self.end, Kind::Log))?;
        let mut full = std::mem::replace(&mut self.active, Segment::new(self.end, file, now));
        // The new segment is in place already, so a disk that refuses the indexes loses nothing.
        let noted = full
            .seal(&*self.fs, &self.dir)
            .and_then(|()| snapshot::write(&*self.fs, &self.dir, self.end, &self.producers));
        if let Err(error) = noted {
            // The records are safe. Without the indexes the next start takes longer.
            tracing::warn!(dir = self.dir, offset = %self.end, %error, "can't write the indexes of a full segment");
        }
        self.closed.push_back(full);
        Ok(())
    }

    pub(super) fn write_epochs(&mut self) -> io::Result<()> {
        let path = format!("{}/{}", self.dir, files::LEADER_EPOCHS);
        let written = self.fs.write(&path, self.epochs.encode().as_bytes());
        self.epochs_unsaved = written.is_err();
        written
    }
}
