//! One file of consecutive batches, with its indexes.

use std::io;
use std::sync::Arc;

use bytes::Bytes;

use super::config::LogConfig;
use super::files::{self, Kind};
use super::index::{Indexes, LatestTime, Place};
use super::range::{Expected, FileRange};
use super::walk::Walk;
use crate::storage::{File, Fs};
use crate::types::{Offset, Timestamp};
use crate::wire::record_batch::BatchHeader;

/// A segment: raw batches back to back, exactly as they go over the wire, and nothing else.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) base: Offset,
    pub(super) file: Arc<dyn File>,
    /// The end of its batches, if other bytes follow them in the file.
    end: Option<u64>,
    pub(super) indexes: Indexes,
    /// Latest time of any record.
    pub(super) latest: Option<LatestTime>,
    /// The time at which this process opened the file.
    created: Timestamp,
    /// Time of the first batch. The age of the segment counts from here, in the records' time.
    began: Timestamp,
    /// Bytes since the last index entry.
    unindexed: u64,
}

impl Segment {
    pub(super) fn new(base: Offset, file: Arc<dyn File>, now: Timestamp) -> Self {
        let indexes = Indexes::default();
        Self {
            base,
            file,
            end: None,
            indexes,
            latest: None,
            created: now,
            began: now,
            unindexed: 0,
        }
    }

    /// Returns the bytes of its batches.
    pub(super) fn size(&self) -> u64 {
        self.end.unwrap_or_else(|| self.file.size())
    }

    /// Hides what follows `end` in the file from readers.
    pub(super) fn hide_behind(&mut self, end: u64) {
        self.end = Some(end);
    }

    /// Notes that nothing follows the batches in the file any more.
    pub(super) fn show_all(&mut self) {
        self.end = None;
    }

    /// Whether this batch should go to a new segment.
    pub(super) fn is_full_for(&self, batch: &BatchHeader, config: &LogConfig) -> bool {
        let size = self.size();
        if size == 0 {
            return false;
        }
        size.saturating_add(batch.size as u64) > config.segment_bytes
            || batch.max_timestamp.since(self.began) > config.segment_age
            // Index entries count offsets from the base in 32 bits, which Kafka's tools read as signed.
            || i32::try_from(batch.last_offset().since(self.base)).is_err()
    }

    /// Writes a batch at the end of the file. After an error readers see nothing of it.
    pub(super) fn append(
        &mut self,
        batch: Bytes,
        header: &BatchHeader,
        config: &LogConfig,
    ) -> Result<(), NotWritten> {
        let position = self.size();
        if let Err(source) = self.file.append(batch) {
            // Half a batch must not be read, nor have the next one follow it.
            let clean = self.file.truncate(position).is_ok();
            if !clean {
                self.hide_behind(position);
            }
            return Err(NotWritten { source, clean });
        }
        self.note(position, header, config.index_interval);
        Ok(())
    }

    /// Updates indexes and times with a batch at `position`.
    pub(super) fn note(&mut self, position: u64, header: &BatchHeader, index_interval: u64) {
        if position == 0 {
            self.began = header.max_timestamp;
        }
        if self
            .latest
            .is_none_or(|latest| latest.time < header.max_timestamp)
        {
            self.latest = Some(LatestTime {
                time: header.max_timestamp,
                offset: header.last_offset(),
            });
        }
        if self.unindexed > index_interval {
            self.indexes
                .note_batch(header.last_offset().since(self.base), position);
            self.note_time();
            self.unindexed = 0;
        }
        self.unindexed += header.size as u64;
    }

    /// Adds an index entry for this batch, whatever the interval.
    pub(super) fn index(&mut self, position: u64, header: &BatchHeader) {
        self.indexes
            .note_batch(header.last_offset().since(self.base), position);
        self.unindexed = 0;
    }

    /// Uses indexes that were written when the segment was closed.
    pub(super) fn adopt(&mut self, indexes: Indexes) {
        self.latest = indexes.latest_time(self.base);
        self.unindexed = self.size() - indexes.last_position();
        self.indexes = indexes;
        if let Ok(Some(first)) = self.walk_from(0).next() {
            self.began = first.header.max_timestamp;
        }
    }

    /// Returns the offset after the last batch, walking from the start of any batch; `None` if
    /// there is damage on the way. Checksums are verified.
    pub(super) fn end_after(&self, position: u64) -> Option<Offset> {
        let mut walk = self.walk_from(position);
        let mut end = self.base;
        while let Some(found) = walk.next().ok()? {
            BatchHeader::check(&found.bytes).ok()?;
            end = found.header.last_offset().next();
        }
        Some(end)
    }

    /// Writes the indexes. The segment grows no more.
    pub(super) fn seal(&mut self, fs: &dyn Fs, dir: &str) -> io::Result<()> {
        self.file.seal();
        self.note_time();
        let (offsets, times) = self.indexes.encode();
        fs.write(&files::path(dir, self.base, Kind::OffsetIndex), &offsets)?;
        fs.write(&files::path(dir, self.base, Kind::TimeIndex), &times)
    }

    /// Removes all files of the segment.
    pub(super) fn remove(&self, fs: &dyn Fs, dir: &str) -> io::Result<()> {
        // The records last: after a crash in between the next start finds the segment and deletes
        // it again. Indexes without records would never be deleted.
        let kinds = [Kind::OffsetIndex, Kind::TimeIndex, Kind::Log];
        kinds
            .into_iter()
            .try_for_each(|kind| fs.remove(&files::path(dir, self.base, kind)))
    }

    /// Returns the time of the newest record, for retention.
    pub(super) fn newest(&self) -> Timestamp {
        self.latest
            .map(|latest| latest.time)
            .filter(|time| *time > Timestamp::NONE)
            .unwrap_or(self.created)
    }

    /// Adds the latest time to the index. When the segment is closed, this makes it the last entry.
    fn note_time(&mut self) {
        if let Some(latest) = self.latest {
            self.indexes.note_time(latest, self.base);
        }
    }

    /// Returns the range to read in order to find `offset`.
    pub(super) fn range_from(&self, offset: Offset) -> FileRange {
        self.range(self.indexes.place_of(offset.since(self.base)))
    }

    /// Returns the range to read in order to find the first record as late as `time`.
    pub(super) fn range_from_time(&self, time: Timestamp) -> FileRange {
        self.range(self.indexes.place_of_time(time))
    }

    fn range(&self, Place { position, last }: Place) -> FileRange {
        let first = last.map_or(Expected::Base(self.base), |last| {
            Expected::Last(self.base.plus(last))
        });
        FileRange {
            file: Arc::clone(&self.file),
            at: position,
            first,
            end: self.size(),
        }
    }

    /// Walks over the batches from `position`, which must be the start of one.
    pub(super) fn walk_from(&self, position: u64) -> Walk<'_> {
        Walk::new(&*self.file, position, self.size())
    }
}

/// The error of a batch that was not written to the file.
#[derive(Debug)]
pub(super) struct NotWritten {
    pub(super) source: io::Error,
    /// Whether the file ends where it did before.
    pub(super) clean: bool,
}
