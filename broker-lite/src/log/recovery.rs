//! Opening a log, whatever state the last stop left it in.
//!
//! After a clean stop indexes and checkpoints are believed, and the checksums of the newest batches
//! of each segment are computed; the others' are when they are read (`read.rs`), so that a start
//! takes no longer for a large log. Damage that is found stays where it is (`rot.rs`). Otherwise
//! every batch is walked over and its checksum computed; the log is cut in front of the first thing
//! that is not a batch in its place, and indexes, leader epochs and producers are made anew from
//! what remains. What is cut out is moved aside, never destroyed.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;

use super::clean_stop::CleanStop;
use super::config::LogConfig;
use super::error::LogError;
use super::files::{self, Kind};
use super::index::Indexes;
use super::leader_epoch::LeaderEpochs;
use super::repair::{Repair, move_tail};
use super::segment::Segment;
use super::walk::{Found, Walk, WalkError};
use super::{Log, snapshot};
use crate::storage::Fs;
use crate::types::{LeaderEpoch, Offset, Timestamp, TopicId};
use crate::wire::record_batch::{BatchError, BatchHeader};

/// Whether a partition is being created or was there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OpenMode {
    /// The topic is being created: the folder of the partition is made.
    Create,
    /// The partition was there before, so its folder must exist. Its leader is a new one: this
    /// broker, since its start.
    Existing {
        /// An epoch that no leader of this partition had before.
        min_epoch: LeaderEpoch,
    },
}

/// What recovery took out of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Truncation {
    /// The segment's file.
    pub(crate) file: String,
    /// Where in it the damage begins.
    pub(crate) position: u64,
    /// Bytes taken out of this file.
    pub(crate) bytes: u64,
    /// Files behind it that were taken out whole.
    pub(crate) later_segments: usize,
    /// What was found there.
    pub(crate) reason: BatchError,
    /// Where the log ends now.
    pub(crate) end: Offset,
    /// Why it could not be moved aside: it is still where it was, and nothing is written to the
    /// log before it can be.
    pub(crate) stuck: Option<String>,
}

impl Log {
    /// Opens the log of a partition in the folder `dir`, or makes a new one. Answers also what had
    /// to be cut.
    pub(crate) fn open(
        fs: Arc<dyn Fs>,
        dir: String,
        topic: TopicId,
        mode: OpenMode,
        config: &LogConfig,
        now: Timestamp,
    ) -> Result<(Self, Option<Truncation>), LogError> {
        claim(&*fs, &dir, topic, mode)?;
        let opened = Opening::new(fs, dir.clone(), mode, config, now).and_then(Opening::run);
        opened.map_err(|source| LogError::Storage {
            path: dir,
            doing: "opened",
            source,
        })
    }
}

/// Makes the folder of a new partition, or sees to it that a known one is whose it should be.
///
/// What an earlier topic of the same name left behind, because its deletion was cut short, is moved
/// out of the way: a folder is removed by whoever deletes its topic and by nobody else.
fn claim(fs: &dyn Fs, dir: &str, topic: TopicId, mode: OpenMode) -> Result<(), LogError> {
    let failed = |source| LogError::Storage {
        path: dir.to_owned(),
        doing: "opened",
        source,
    };
    let path = format!("{dir}/{}", files::TOPIC_ID);
    let note = note(topic);
    let found = fs
        .read(&path)
        .map_err(failed)?
        .and_then(|found| String::from_utf8(found).ok());
    if found.as_ref() == Some(&note) {
        return Ok(());
    }
    // A note that is damaged as a whole is written again.
    let id = found.as_deref().and_then(|text| {
        text.lines()
            .find_map(|line| line.strip_prefix("topic_id: "))
    });
    let id = id.and_then(TopicId::parse);
    match (mode, id) {
        (OpenMode::Existing { .. }, Some(found)) if found != topic => {
            return Err(LogError::Foreign {
                path: dir.to_owned(),
                found,
                wanted: topic,
            });
        }
        (OpenMode::Existing { .. }, None) if fs.list(dir).map_err(failed)?.is_empty() => {
            return Err(LogError::Gone {
                path: dir.to_owned(),
            });
        }
        (OpenMode::Create, Some(earlier)) => {
            move_aside(fs, dir, &earlier.to_string()).map_err(failed)?
        }
        // Whose it was is not known, but not whose it is now.
        (OpenMode::Create, None) if !fs.list(dir).map_err(failed)?.is_empty() => {
            move_aside(fs, dir, &format!("before-{topic}")).map_err(failed)?;
        }
        // There is none yet; or its id is right, and something else in the note is not; or the note
        // is damaged.
        (OpenMode::Create, None) | (OpenMode::Existing { .. }, _) => {}
    }
    fs.create_dir(dir)
        .and_then(|()| fs.write(&path, note.as_bytes()))
        .map_err(failed)
}

/// Moves what an earlier topic left over out of the way of a new one.
fn move_aside(fs: &dyn Fs, dir: &str, earlier: &str) -> io::Result<()> {
    // Names of files end at 255 bytes, those of topics at 249.
    let (name, number) = dir.rsplit_once('-').unwrap_or((dir, ""));
    let (stem, _) = name.split_at(name.len().min(190));
    let aside = format!("{stem}-{number}.{earlier}.{}", files::STRAY);
    tracing::warn!(
        dir,
        aside,
        "a folder of a deleted topic of this name was left over and is moved aside"
    );
    fs.rename(dir, &aside)
}

/// Removes what was made of a new partition whose topic cannot be created after all. A folder of
/// another topic stays.
pub(crate) fn discard(fs: &dyn Fs, dir: &str, topic: TopicId) -> io::Result<()> {
    let is_ours = match fs.read(&format!("{dir}/{}", files::TOPIC_ID))? {
        Some(found) => found == note(topic).as_bytes(),
        // The note itself may be what could not be written.
        None => fs.list(dir)?.iter().all(|file| file.ends_with(".tmp")),
    };
    if is_ours { fs.remove_dir(dir) } else { Ok(()) }
}

/// What stands in a partition's folder.
fn note(topic: TopicId) -> String {
    format!("version: 0\ntopic_id: {topic}\n")
}

/// A log on its way to be opened.
pub(super) struct Opening<'a> {
    fs: Arc<dyn Fs>,
    pub(super) dir: String,
    mode: OpenMode,
    pub(super) config: &'a LogConfig,
    now: Timestamp,
    /// The log was closed, and nothing was written since.
    clean: bool,
    /// Where the log ended when it was closed.
    closed: Option<CleanStop>,
    /// Nothing must follow the last batch of the last segment, since something unreadable does.
    ends_in_rot: bool,
    epochs: LeaderEpochs,
    /// No batch has a later epoch, if that is known.
    last_epoch: Option<LeaderEpoch>,
    truncation: Option<Truncation>,
    repair: Option<Repair>,
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
        // What was closed once may have holes, so it does not grow again.
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

    /// Opens a segment, which ends in front of `next`, and finds its end.
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
        // Something is damaged in spite of the clean stop, and everything is looked at.
        let readable = self.walk_closed(&mut segment, end)?;
        self.ends_in_rot = next.is_none() && readable < end;
        Ok((segment, end))
    }

    /// Where a segment ended when the log was closed, unless it was not or somebody has changed the
    /// segment since.
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

    /// Checks the batches of a segment up to its end or the first damage, and indexes them.
    fn walk(&mut self, segment: &mut Segment, next: Option<Offset>) -> io::Result<Offset> {
        let file = Arc::clone(&segment.file);
        let mut walk = Walk::new(&*file, 0, file.size());
        let mut end = segment.base;
        let (position, reason) = loop {
            match walk.next() {
                Ok(None) => return Ok(end),
                Ok(Some(found)) => match self.check(&found, end, next) {
                    Ok(()) => {
                        segment.note(found.position, &found.header, self.config.index_interval);
                        self.epochs
                            .note(found.header.leader_epoch, found.header.base_offset);
                        end = found.header.last_offset().next();
                    }
                    Err(reason) => break (found.position, reason),
                },
                Err(WalkError::Damage { position, error }) => break (position, error),
                Err(WalkError::Io(error)) => return Err(error),
            }
        };
        self.cut(segment, position, reason, end);
        Ok(end)
    }

    /// Whether this is the batch that belongs here. Checksums don't cover offset and epoch, so
    /// these are compared with their neighbours'.
    pub(super) fn check(
        &self,
        found: &Found,
        end: Offset,
        next: Option<Offset>,
    ) -> Result<(), BatchError> {
        let header = BatchHeader::check(&found.bytes)?;
        let in_place = match next {
            // Only compaction leaves holes, and it never touches the last segment.
            None => header.base_offset == end,
            Some(next) => header.base_offset >= end && header.last_offset() < next,
        };
        if !in_place {
            return Err(BatchError::Offset {
                found: header.base_offset,
                expected: end,
            });
        }
        self.check_epoch(&header)
    }

    fn check_epoch(&self, header: &BatchHeader) -> Result<(), BatchError> {
        let found = header.leader_epoch;
        if self.clean {
            // All epochs are known, and so is the one of each offset.
            let expected = self
                .epochs
                .of(header.base_offset)
                .unwrap_or(LeaderEpoch::NONE);
            return if found == expected {
                Ok(())
            } else {
                Err(BatchError::Epoch { found, expected })
            };
        }
        let expected = self.epochs.latest().unwrap_or(LeaderEpoch::ZERO);
        // The checkpoint is not synced: after a loss of power it may be older than the records.
        let next = match self.mode {
            OpenMode::Existing { min_epoch } => {
                self.last_epoch.map(|last| last.next().max(min_epoch))
            }
            OpenMode::Create => self.last_epoch.map(LeaderEpoch::next),
        };
        if found < expected || next.is_some_and(|next| found >= next) {
            return Err(BatchError::Epoch { found, expected });
        }
        Ok(())
    }

    /// Moves what lies behind `position` into a file of its own.
    fn cut(&mut self, segment: &mut Segment, position: u64, reason: BatchError, end: Offset) {
        let path = files::path(&self.dir, segment.base, Kind::Log);
        let bytes = segment.size() - position;
        let stuck = move_tail(&*self.fs, &path, &*segment.file, position).err();
        if stuck.is_some() {
            segment.hide_behind(position);
            self.repair = Some(Repair::Tail {
                base: segment.base,
                position,
            });
        }
        let stuck = stuck.map(|error| error.to_string());
        self.truncation = Some(Truncation {
            file: path,
            position,
            bytes,
            later_segments: 0,
            reason,
            end,
            stuck,
        });
    }

    /// Takes a segment behind the damage out of the log.
    fn set_aside(&mut self, base: Offset) -> io::Result<()> {
        let path = files::path(&self.dir, base, Kind::Log);
        self.fs.rename(&path, &format!("{path}.{}", files::CUT))?;
        for kind in [Kind::OffsetIndex, Kind::TimeIndex] {
            self.fs.remove(&files::path(&self.dir, base, kind))?;
        }
        if let Some(truncation) = &mut self.truncation {
            truncation.later_segments += 1;
        }
        Ok(())
    }

    /// Brings the files beside the segments into the state they have while a log is open.
    fn prepare(&mut self, closed: &mut VecDeque<Segment>, active: &Segment) -> io::Result<()> {
        if !self.clean {
            for segment in closed.iter_mut() {
                if let Err(error) = segment.seal(&*self.fs, &self.dir) {
                    // They are in memory. The next start has more to walk through.
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
            // Enough to read. Before anything is written under the new epoch, it is tried again.
            tracing::warn!(dir = log.dir, %epoch, %error, "can't note the new leader epoch");
        }
        Ok(log)
    }

    /// The epoch of the leader that begins with this start.
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

/// What the walk through the segments found.
struct Parts {
    closed: VecDeque<Segment>,
    active: Segment,
    start: Offset,
    end: Offset,
}

impl Log {
    /// Notes the batches behind a snapshot as of `from`.
    fn replay_producers(&mut self, from: Offset, now: Timestamp) -> io::Result<()> {
        if from >= self.end {
            return Ok(());
        }
        let mut producers = std::mem::take(&mut self.producers);
        for segment in self.segments_from(from) {
            let mut walk =
                segment.walk_from(segment.indexes.place_of(from.since(segment.base)).position);
            while let Some(Found { header, .. }) = walk.next_readable()? {
                if header.base_offset >= from {
                    producers.note(&header, now);
                }
            }
        }
        self.producers = producers;
        Ok(())
    }
}
