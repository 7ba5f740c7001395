//! Replaces a log by a snapshot of the state that its records add up to.

use super::Log;
use super::config::LogConfig;
use super::error::AppendError;
use super::segment::Segment;
use super::validator::ValidatedBatch;
use crate::types::Timestamp;

impl Log {
    /// Appends `snapshot`, the state that all earlier batches add up to, and deletes those. Offsets
    /// go on.
    ///
    /// After a crash in between the log has both, or the snapshot and the newer of the batches
    /// before it. A reader that starts at its beginning arrives at the same state either way.
    pub(crate) fn replace_with_snapshot(
        &mut self,
        snapshot: Vec<ValidatedBatch>,
        config: &LogConfig,
        now: Timestamp,
    ) -> Result<(), AppendError> {
        let begin = self.end;
        self.check_whole()
            .map_err(|source| AppendError::Storage { at: begin, source })?;
        if self.active.size() > 0 {
            self.roll(now)
                .map_err(|source| AppendError::Storage { at: begin, source })?;
        }
        for batch in snapshot {
            self.append(batch, config)?;
        }
        let before = self.closed.partition_point(|segment| segment.base < begin);
        // The snapshot must be on the disk before the batches that it replaces are deleted: they
        // have long been there.
        let is_kept = |segment: &&Segment| segment.base >= begin;
        let synced = self
            .segments()
            .filter(is_kept)
            .try_for_each(|segment| segment.file.sync());
        synced
            .and_then(|()| self.delete_oldest(before))
            .map_err(|source| AppendError::Storage { at: begin, source })
    }

    /// Returns the bytes in all its segments.
    pub(crate) fn size(&self) -> u64 {
        self.segments().map(|segment| segment.size()).sum()
    }
}
