//! The steps of opening a log.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;

use super::claim::claim;
use super::{LogFolder, OpenMode, Truncation};
use crate::log::clean_stop::CleanStop;
use crate::log::config::LogConfig;
use crate::log::error::LogError;
use crate::log::files::{self, Kind};
use crate::log::index::Indexes;
use crate::log::leader_epoch::LeaderEpochs;
use crate::log::repair::Repair;
use crate::log::segment::Segment;
use crate::log::{Log, snapshot};
use crate::storage::Fs;
use crate::types::{LeaderEpoch, Offset, Timestamp};

impl Log {
    /// Opens or creates the log of a partition in the folder `dir`. Also returns what recovery had
    /// to cut off.
    ///
    /// # Errors
    /// [`LogError`] if the folder is missing or another topic's, or the file system refuses.
    pub(crate) fn open(
        folder: LogFolder,
        config: &LogConfig,
        now: Timestamp,
    ) -> Result<(Self, Option<Truncation>), LogError> {
        let LogFolder {
            fs,
            dir,
            topic,
            mode,
        } = folder;
        claim(&*fs, &dir, topic, mode)?;
        let opened = Opening::new(fs, dir.clone(), mode, config, now).and_then(Opening::run);
        opened.map_err(|source| LogError::Storage {
            path: dir,
            doing: "opened",
            source,
        })
    }
}

/// A log that is being opened.
pub(super) struct Opening<'a> {
    pub(super) fs: Arc<dyn Fs>,
    pub(super) dir: String,
    pub(super) mode: OpenMode,
    pub(super) config: &'a LogConfig,
    pub(super) now: Timestamp,
    /// The log was closed cleanly, and its checkpoint of epochs can be read.
    pub(super) clean: bool,
    /// The end of the log when it was closed.
    pub(super) closed: Option<CleanStop>,
    /// Whether the last segment ends in bytes that cannot be read, so that nothing may be appended
    /// to it.
    pub(super) ends_in_rot: bool,
    pub(super) epochs: LeaderEpochs,
    /// No batch has a later epoch, if that is known.
    pub(super) last_epoch: Option<LeaderEpoch>,
    pub(super) truncation: Option<Truncation>,
    pub(super) repair: Option<Repair>,
}

impl<'a> Opening<'a> {
    fn new(
        fs: Arc<dyn Fs>,
        dir: String,
        mode: OpenMode,
        config: &'a LogConfig,
        now: Timestamp,
    ) -> io::Result<Self> {
        let closed = CleanStop::take(&*fs, &dir)?;
        let checkpoint = fs
            .read(&format!("{dir}/{}", files::LEADER_EPOCHS))?
            .unwrap_or_default();
        let checkpoint = std::str::from_utf8(&checkpoint)
            .ok()
            .and_then(LeaderEpochs::decode);
        let last_epoch = checkpoint.as_ref().and_then(LeaderEpochs::latest);
        // Without the checkpoint the epochs of the batches cannot be verified, so they are read
        // from the batches, as after a crash.
        let clean = closed.is_some() && checkpoint.is_some();
        let epochs = checkpoint.filter(|_| clean).unwrap_or_default();
        Ok(Self {
            fs,
            dir,
            mode,
            config,
            now,
            clean,
            closed,
            ends_in_rot: false,
            epochs,
            last_epoch,
            truncation: None,
            repair: None,
        })
    }

    fn run(mut self) -> io::Result<(Log, Option<Truncation>)> {
        let bases = files::list(&*self.fs, &self.dir, Kind::Log)?;
        let start = bases.first().copied().unwrap_or_default();
        let mut end = start;
        let mut closed = VecDeque::with_capacity(bases.len());
        for (index, base) in bases.iter().enumerate() {
            if self.truncation.is_some() {
                // The log ends at the damage. Segments after it would leave a gap in the offsets.
                self.set_aside(*base)?;
                continue;
            }
            let next = bases.get(index + 1).copied();
            let (segment, segment_end) = self.load(*base, next)?;
            if let Some(next) = next.filter(|next| segment_end < *next && self.truncation.is_none())
            {
                let (dir, from) = (&self.dir, segment_end);
                tracing::warn!(dir, %from, %next, "the records in between are missing");
            }
            closed.push_back(segment);
            end = segment_end;
        }
        if let Some(closed_at) = self
            .closed
            .map(|closed| closed.end)
            .filter(|closed_at| *closed_at != end)
        {
            tracing::warn!(dir = self.dir, %closed_at, %end, "the log was changed while it was closed");
        }
        // A closed segment may have gaps and is not appended to again.
        let in_closed_segment = self
            .truncation
            .as_ref()
            .is_some_and(|truncation| truncation.later_segments > 0);
        let grows_on = !in_closed_segment && !self.ends_in_rot;
        let active = match closed.pop_back() {
            Some(last) if grows_on || last.size() == 0 => last,
            damaged => {
                closed.extend(damaged);
                self.begin(end)?
            }
        };
        self.prepare(&mut closed, &active)?;
        let log = self.finish(Parts {
            closed,
            active,
            start,
            end,
        })?;
        Ok((log, self.truncation))
    }

    fn begin(&self, base: Offset) -> io::Result<Segment> {
        let file = self.fs.open(&files::path(&self.dir, base, Kind::Log))?;
        Ok(Segment::new(base, file, self.now))
    }

    /// Opens a segment, which ends before `next`, and finds its end.
    fn load(&mut self, base: Offset, next: Option<Offset>) -> io::Result<(Segment, Offset)> {
        let mut segment = self.begin(base)?;
        let Some(end) = self.end_when_closed(&segment, next) else {
            let end = self.walk(&mut segment, next)?;
            return Ok((segment, end));
        };
        if let Some(indexes) = self.indexes(&segment)?
            && segment.end_after(indexes.last_position()) == Some(end)
        {
            segment.adopt(indexes);
            return Ok((segment, end));
        }
        // Something is damaged in spite of the clean stop, so the whole segment is verified.
        let readable = self.walk_closed(&mut segment, end)?;
        self.ends_in_rot = next.is_none() && readable < end;
        Ok((segment, end))
    }

    /// Returns where a segment ended when the log was closed; `None` if it was not closed cleanly
    /// or the file has changed since.
    fn end_when_closed(&self, segment: &Segment, next: Option<Offset>) -> Option<Offset> {
        let closed = self.closed.filter(|_| self.clean)?;
        let as_it_was = (closed.segment, closed.size) == (segment.base, segment.size());
        next.or_else(|| as_it_was.then_some(closed.end))
    }

    fn indexes(&self, segment: &Segment) -> io::Result<Option<Indexes>> {
        let read = |kind| self.fs.read(&files::path(&self.dir, segment.base, kind));
        let (Some(offsets), Some(times)) = (read(Kind::OffsetIndex)?, read(Kind::TimeIndex)?)
        else {
            return Ok(None);
        };
        Ok(Indexes::decode(&offsets, &times, segment.size()))
    }

    /// Brings the other files into the state that they have while a log is open: closed segments
    /// have index files, the active one has none.
    fn prepare(&mut self, closed: &mut VecDeque<Segment>, active: &Segment) -> io::Result<()> {
        if !self.clean {
            for segment in closed.iter_mut() {
                if let Err(error) = segment.seal(&*self.fs, &self.dir) {
                    // The indexes are in memory. Without the files the next start takes longer.
                    tracing::warn!(dir = self.dir, offset = %segment.base, %error, "can't write the indexes of a segment");
                }
            }
        }
        for kind in [Kind::OffsetIndex, Kind::TimeIndex] {
            self.fs.remove(&files::path(&self.dir, active.base, kind))?;
        }
        let unfinished = self
            .fs
            .list(&self.dir)?
            .into_iter()
            .filter(|name| name.ends_with(".tmp"));
        unfinished
            .map(|name| format!("{}/{name}", self.dir))
            .try_for_each(|path| self.fs.remove(&path))
    }

    fn finish(&mut self, parts: Parts) -> io::Result<Log> {
        let Parts {
            closed,
            active,
            start,
            end,
        } = parts;
        // The new epoch begins where the log ends now, also if nothing is written under it: readers
        // that have more than this learn from it that the log was truncated (KIP-320).
        let epoch = self.next_epoch();
        self.epochs.cut_at(end);
        self.epochs.note(epoch, end);
        self.epochs.start_at(start);
        let (from, producers) = snapshot::read(&*self.fs, &self.dir, start, end)?;
        let mut log = Log {
            fs: Arc::clone(&self.fs),
            dir: self.dir.clone(),
            closed,
            active,
            start,
            end,
            epoch,
            epochs: Arc::new(std::mem::take(&mut self.epochs)),
            epochs_unsaved: false,
            producers,
            repair: self.repair,
        };
        log.replay_producers(from, self.now)?;
        if let Err(error) = log.write_epochs() {
            // The log can be read. The next append tries again before it writes under this epoch.
            tracing::warn!(dir = log.dir, %epoch, %error, "can't write the new leader epoch; the next append tries again");
        }
        Ok(log)
    }

    /// Returns the epoch of the leader that begins with this start.
    fn next_epoch(&self) -> LeaderEpoch {
        let next = self
            .last_epoch
            .max(self.epochs.latest())
            .map_or(LeaderEpoch::ZERO, LeaderEpoch::next);
        match self.mode {
            OpenMode::Create => next,
            OpenMode::Existing { min_epoch } => next.max(min_epoch),
        }
    }
}

/// The segments of a log, and where it starts and ends.
struct Parts {
    closed: VecDeque<Segment>,
    active: Segment,
    start: Offset,
    end: Offset,
}
