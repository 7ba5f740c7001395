//! Recovers a log that was not closed cleanly: verifies every batch and truncates at the first
//! damage.

use std::io;
use std::sync::Arc;

use super::opening::Opening;
use super::{OpenMode, Truncation};
use crate::log::files::{self, Kind};
use crate::log::repair::{Repair, move_tail};
use crate::log::segment::Segment;
use crate::log::walk::{Found, Walk, WalkError};
use crate::types::{LeaderEpoch, Offset};
use crate::wire::record_batch::{BatchError, BatchHeader};

impl Opening<'_> {
    /// Checks and indexes the batches of a segment up to its end, or up to the first damage, where
    /// the log is truncated. Returns the offset after the last batch.
    pub(super) fn walk(
        &mut self,
        segment: &mut Segment,
        next: Option<Offset>,
    ) -> io::Result<Offset> {
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

    /// Checks that a batch is the one that belongs after `end`. Checksums do not cover offset and
    /// epoch, so these are compared with those of the neighbours.
    pub(super) fn check(
        &self,
        found: &Found,
        end: Offset,
        next: Option<Offset>,
    ) -> Result<(), BatchError> {
        let header = BatchHeader::check(&found.bytes)?;
        let in_place = match next {
            // Only compaction leaves gaps in the offsets, and never in the last segment.
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
            // After a clean stop the checkpoint has all epochs, and so the epoch of each offset.
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
        // The checkpoint is not synced: after a loss of power it may be older than the records. So
        // the epochs of all earlier starts are accepted.
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

    /// Truncates the log at `position` of this segment and moves what follows to a file of its own.
    fn cut(&mut self, segment: &mut Segment, position: u64, reason: BatchError, end: Offset) {
        let path = files::path(&self.dir, segment.base, Kind::Log);
        let bytes = segment.size() - position;
        let stuck = move_tail(&*self.fs, &path, &*segment.file, position).err();
        if stuck.is_some() {
            // A full or read-only disk. The start goes on, since the log can be read.
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

    /// Takes a segment after the damage out of the log: its offsets would no longer follow on.
    pub(super) fn set_aside(&mut self, base: Offset) -> io::Result<()> {
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
}
