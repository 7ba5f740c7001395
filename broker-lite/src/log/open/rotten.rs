//! Damage in a log that was closed cleanly: all of it was written and synced, so bits have rotted.
//!
//! Nothing is truncated. Batches after the damage are found again; the damaged ones stay where they
//! are, keep their offsets, and are an error to those who read them.

use std::io;
use std::sync::Arc;

use super::opening::Opening;
use crate::log::segment::Segment;
use crate::log::walk::{Found, Walk, WalkError};
use crate::types::Offset;
use crate::wire::record_batch::BatchError;

impl Opening<'_> {
    /// Verifies all batches of a segment that ended before `end` when the log was closed, and
    /// indexes those that are whole. Returns the offset after the last of them.
    pub(super) fn walk_closed(&self, segment: &mut Segment, end: Offset) -> io::Result<Offset> {
        let file = Arc::clone(&segment.file);
        let mut walk = Walk::new(&*file, 0, file.size());
        let mut next = segment.base;
        loop {
            let (position, reason) = match walk.next() {
                Ok(None) => break,
                Ok(Some(found)) => match self.check(&found, next, Some(end)) {
                    Ok(()) => {
                        next = self.keep(segment, &found);
                        continue;
                    }
                    Err(reason) => (found.position, reason),
                },
                Err(WalkError::Damage { position, error }) => (position, error),
                Err(WalkError::Io(error)) => return Err(error),
            };
            self.report(next, position, &reason);
            let is_whole = |found: &Found| self.check(found, next, Some(end)).is_ok();
            let Some(found) = walk.resync(position, is_whole)? else {
                break;
            };
            // An index entry, so that reads from here on do not have to pass the damage.
            segment.index(found.position, &found.header);
            next = self.keep(segment, &found);
        }
        if next < end {
            let (dir, from, to) = (&self.dir, next, end);
            tracing::error!(dir, %from, %to, "records at the end of a segment can't be read; the log goes on after them");
        }
        Ok(next)
    }

    fn keep(&self, segment: &mut Segment, found: &Found) -> Offset {
        segment.note(found.position, &found.header, self.config.index_interval);
        found.header.last_offset().next()
    }

    fn report(&self, offset: Offset, position: u64, reason: &BatchError) {
        tracing::error!(
            dir = self.dir, %offset, position, %reason,
            "a batch is damaged though the log was closed cleanly; it is kept, and consumers halt in front of it"
        );
    }
}
