//! A log that begins anew with a summary of itself.

use super::Log;
use super::config::LogConfig;
use super::error::AppendError;
use super::segment::Segment;
use super::validator::ValidatedBatch;
use crate::types::Timestamp;

impl Log {
    /// Appends `summary`, which says all that the batches before it said, and deletes those.
    ///
    /// After a crash in between the log has both, or the summary and some of the newer batches
    /// before it: whoever reads it in order learns the same. Offsets go on.
    pub(crate) fn replace_with_snapshot(
        &mut self,
        summary: Vec<ValidatedBatch>,
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
        for batch in summary {
            self.append(batch, config)?;
        }
        let before = self.closed.partition_point(|segment| segment.base < begin);
        // What it sums up has long been on the disk, and must not go before it is.
        let is_kept = |segment: &&Segment| segment.base >= begin;
        let synced = self
            .segments()
            .filter(is_kept)
            .try_for_each(|segment| segment.file.sync());
        synced
            .and_then(|()| self.delete_oldest(before))
            .map_err(|source| AppendError::Storage { at: begin, source })
    }

    /// Bytes in all its segments.
    pub(crate) fn size(&self) -> u64 {
        self.segments().map(|segment| segment.size()).sum()
    }
}
