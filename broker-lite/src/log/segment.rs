//! One file of consecutive batches, with its indexes.

use std::{io, sync::Arc};

use bytes::Bytes;

use super::{
    config::LogConfig,
    index::{Indexes, LatestTime},
    read::Stretch,
    walk::Walk,
};
use crate::{
    storage::File,
    types::{Offset, Timestamp},
    wire::record_batch::BatchHeader,
};

/// A segment: raw batches back to back, exactly as they go over the wire, and nothing else.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) base: Offset,
    pub(super) file: Arc<dyn File>,
    pub(super) indexes: Indexes,
    /// Latest time of any record.
    pub(super) latest: Option<LatestTime>,
    /// Time of the first batch, or of creation: from here the segment's age counts.
    pub(super) began: Timestamp,
    /// Bytes since the last index entry.
    unindexed: u64,
}

impl Segment {
    pub(super) fn new(base: Offset, file: Arc<dyn File>, now: Timestamp) -> Self {
        Self { base, file, indexes: Indexes::default(), latest: None, began: now, unindexed: 0 }
    }

    pub(super) fn size(&self) -> u64 {
        self.file.size()
    }

    /// Whether this batch should go to a new segment.
    pub(super) fn is_full_for(&self, batch: &BatchHeader, last: Offset, config: &LogConfig) -> bool {
        let size = self.size();
        if size == 0 {
            return false;
        }
        size.saturating_add(batch.size as u64) > config.segment_bytes
            || batch.max_timestamp.since(self.began) > config.segment_age
            // Index entries count offsets from the base in 32 bits, which Kafka's tools read as signed.
            || i32::try_from(last.since(self.base)).is_err()
    }

    /// Writes a batch at the end. On an error nothing of it stays.
    pub(super) fn append(
        &mut self,
        batch: Bytes,
        header: &BatchHeader,
        config: &LogConfig,
    ) -> Result<(), NotWritten> {
        let position = self.size();
        if let Err(source) = self.file.append(batch) {
            let clean = self.file.truncate(position).is_ok();
            return Err(NotWritten { source, clean });
        }
        self.note(position, header, config.index_interval);
        Ok(())
    }

    /// Brings indexes and times up to date with a batch that lies at `position`.
    pub(super) fn note(&mut self, position: u64, header: &BatchHeader, index_interval: u64) {
        if position == 0 {
            self.began = header.max_timestamp;
        }
        if self.latest.is_none_or(|latest| latest.time < header.max_timestamp) {
            self.latest = Some(LatestTime { time: header.max_timestamp, offset: header.last_offset() });
        }
        if self.unindexed > index_interval {
            self.indexes.note_batch(header.last_offset().since(self.base), position);
            self.note_time();
            self.unindexed = 0;
        }
        self.unindexed += header.size as u64;
    }

    /// Puts the latest time into the index. At closing this makes it the last entry.
    pub(super) fn note_time(&mut self) {
        if let Some(latest) = self.latest {
            self.indexes.note_time(latest, self.base);
        }
    }

    /// Where to read from to find `offset`.
    pub(super) fn stretch_from(&self, offset: Offset) -> Stretch {
        Stretch {
            file: Arc::clone(&self.file),
            at: self.indexes.position_of(offset.since(self.base)),
            end: self.size(),
        }
    }

    /// A walk over the batches from `position`, which must be the start of one.
    pub(super) fn walk_from(&self, position: u64) -> Walk<'_> {
        Walk::new(&*self.file, position, self.size())
    }
}

/// A batch did not get into the file.
#[derive(Debug)]
pub(super) struct NotWritten {
    pub(super) source: io::Error,
    /// The file ends where it ended before.
    pub(super) clean: bool,
}
