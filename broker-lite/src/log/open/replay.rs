//! Rebuilds the state of idempotent producers.

use std::io;

use crate::log::Log;
use crate::log::walk::Found;
use crate::types::{Offset, Timestamp};

impl Log {
    /// Replays the batches after a snapshot of producers as of `from`. Damaged batches are skipped.
    pub(super) fn replay_producers(&mut self, from: Offset, now: Timestamp) -> io::Result<()> {
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
