//! The log of one partition: record batches in the order of their offsets, in segments.
//!
//! A batch is checked and copied without the lock ([`FitBatch`]), then given its place and written
//! ([`Log::append`]). Reading is planned under the lock ([`Log::plan`]) and done without it ([`ReadPlan`]). Batches stay
//! opaque: their records are opened for a look-up by time and where a topic's settings demand it.
//!
//! Plain blocking code without a lock of its own and without a clock; the room `partition` brings both.

mod config;
mod validator;
mod producer_state;
mod segment;
mod index;
mod walk;
mod read;
mod lookup;
mod leader_epoch;
mod error;

pub(crate) use config::{LogConfig, Retention, TimestampRules};
pub(crate) use error::{
    AppendError, EpochEnd, InvalidBatch, LogError, ReadError, RejectedBecause, RejectedRecord,
};
pub(crate) use lookup::{FoundOffset, OffsetSpec};
pub(crate) use read::{ReadBudget, ReadPlan, ReadTrouble};
pub(crate) use validator::{AppendOrigin, FitBatch};

use std::{collections::VecDeque, io, sync::Arc};

use self::{
    leader_epoch::LeaderEpochs,
    producer_state::{ProducerStates, Verdict, WrittenBatch},
    segment::{NotWritten, Segment},
};
use crate::{
    storage::Fs,
    types::{LeaderEpoch, Offset, Timestamp},
    wire::record_batch::{BatchHeader, patch},
};

/// The log of one partition.
#[derive(Debug)]
pub(crate) struct Log {
    fs: Arc<dyn Fs>,
    /// Its folder.
    dir: String,
    /// Closed segments, oldest first.
    closed: VecDeque<Segment>,
    /// The segment that grows.
    active: Segment,
    /// The first offset that may be read.
    start: Offset,
    /// The offset of the next record.
    end: Offset,
    epoch: LeaderEpoch,
    epochs: LeaderEpochs,
    producers: ProducerStates,
    /// A failed write left bytes behind that could not be removed: nothing may follow them.
    broken: bool,
}

/// A batch has its place in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) base_offset: Offset,
    pub(crate) last_offset: Offset,
    pub(crate) duplicate: bool,
}

impl Log {
    /// Opens the log in the folder `dir`, or makes it.
    pub(crate) fn open(fs: Arc<dyn Fs>, dir: String, now: Timestamp) -> Result<Self, LogError> {
        let path = segment_path(&dir, Offset::ZERO, "log");
        let file = fs.open(&path).map_err(|source| LogError::Storage { path, doing: "opened", source })?;
        Ok(Self {
            fs,
            dir,
            closed: VecDeque::new(),
            active: Segment::new(Offset::ZERO, file, now),
            start: Offset::ZERO,
            end: Offset::ZERO,
            epoch: LeaderEpoch::ZERO,
            epochs: LeaderEpochs::default(),
            producers: ProducerStates::default(),
            broken: false,
        })
    }

    /// Closes the log.
    pub(crate) fn close(self) -> Result<(), LogError> {
        Ok(())
    }

    /// Removes the log with all its files.
    pub(crate) fn delete(self) -> Result<(), LogError> {
        let Self { fs, dir, .. } = self;
        fs.remove_dir(&dir).map_err(|source| LogError::Storage { path: dir, doing: "removed", source })
    }

    /// The first offset that may be read.
    pub(crate) const fn start(&self) -> Offset {
        self.start
    }

    /// The offset of the next record.
    pub(crate) const fn end(&self) -> Offset {
        self.end
    }

    /// The epoch that batches are written under.
    pub(crate) const fn epoch(&self) -> LeaderEpoch {
        self.epoch
    }

    /// Gives a batch the next offsets and writes it. A batch that is there already is not written again.
    pub(crate) fn append(&mut self, batch: FitBatch, config: &LogConfig) -> Result<Placed, AppendError> {
        let FitBatch { mut header, mut bytes, now, .. } = batch;
        if let Verdict::Duplicate(written) = self.producers.check(&header)? {
            return Ok(Placed::duplicate(written));
        }
        header.base_offset = self.end;
        header.leader_epoch = self.epoch;
        self.make_room(&header, config, now)
            .map_err(|source| AppendError::Storage { at: self.end, source })?;
        patch::place(&mut bytes, self.end, self.epoch);
        self.active.append(bytes.freeze(), &header, config).map_err(|NotWritten { source, clean }| {
            self.broken = !clean;
            AppendError::Storage { at: self.end, source }
        })?;
        self.producers.note(&header, now);
        self.epochs.note(self.epoch, self.end);
        self.end = header.last_offset().next();
        Ok(Placed { base_offset: header.base_offset, last_offset: header.last_offset(), duplicate: false })
    }

    /// Where to read from `offset` on, to get about `bytes`.
    pub(crate) fn plan(&self, offset: Offset, bytes: usize) -> Result<ReadPlan, ReadError> {
        if offset < self.start || offset > self.end {
            return Err(ReadError::OutOfRange { wanted: offset, start: self.start, end: self.end });
        }
        let mut plan = ReadPlan { from: offset, stretches: Vec::new() };
        if offset == self.end {
            return Ok(plan);
        }
        let mut planned = 0;
        for segment in self.segments_from(offset) {
            let stretch = segment.stretch_from(offset);
            planned += stretch.end - stretch.at;
            plan.stretches.push(stretch);
            // The first stretch may hold less than it seems to: it starts somewhat before the offset.
            if plan.stretches.len() > 1 && planned > bytes as u64 {
                break;
            }
        }
        Ok(plan)
    }

    /// Where the writing under `asked` ended; `None` for an epoch from the future.
    pub(crate) fn end_of_epoch(&self, asked: LeaderEpoch) -> Option<EpochEnd> {
        self.epochs.end_of(asked, self.epoch, self.end)
    }

    /// All segments, oldest first.
    fn segments(&self) -> impl DoubleEndedIterator<Item = &Segment> {
        self.closed.iter().chain(std::iter::once(&self.active))
    }

    /// The segment that `offset` lies in, and those after it.
    fn segments_from(&self, offset: Offset) -> impl Iterator<Item = &Segment> {
        let after = self.closed.partition_point(|segment| segment.base <= offset);
        let skip = if self.active.base <= offset { self.closed.len() } else { after.saturating_sub(1) };
        self.segments().skip(skip)
    }

    /// Closes the active segment if the batch does not fit it.
    fn make_room(&mut self, header: &BatchHeader, config: &LogConfig, now: Timestamp) -> io::Result<()> {
        if self.broken {
            return Err(io::Error::other(
                "an earlier write failed half-way; restart the broker to repair the log",
            ));
        }
        if self.active.is_full_for(header, header.last_offset(), config) {
            self.roll(now)?;
        }
        Ok(())
    }

    /// Closes the active segment and begins the next.
    fn roll(&mut self, now: Timestamp) -> io::Result<()> {
        let file = self.fs.open(&segment_path(&self.dir, self.end, "log"))?;
        let mut full = std::mem::replace(&mut self.active, Segment::new(self.end, file, now));
        full.note_time();
        self.closed.push_back(full);
        Ok(())
    }
}

impl Placed {
    const fn duplicate(written: WrittenBatch) -> Self {
        Self { base_offset: written.base_offset, last_offset: written.last_offset, duplicate: true }
    }
}

/// The path of a segment's file: twenty digits, as in Kafka.
fn segment_path(dir: &str, base: Offset, extension: &str) -> String {
    format!("{dir}/{base:020}.{extension}", base = base.0)
}
