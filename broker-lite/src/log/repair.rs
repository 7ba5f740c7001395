//! What has to be put right in a log before anything more can be written, and could not be at once.
//!
//! A disk that is full, or has turned read-only, refuses that too. The log is read meanwhile, and
//! each write tries again.

use std::io;

use super::Log;
use super::files::{self, Kind};
use crate::storage::{File, Fs};
use crate::types::Offset;

/// Bytes moved aside at a time.
const BLOCK: usize = 1 << 20;

/// What has to be put right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repair {
    /// A failed write left bytes behind the last batch of the active segment.
    Torn,
    /// Recovery found bytes that are no batches, and there was no room to move them aside.
    Tail {
        /// The segment.
        base: Offset,
        /// Where in its file they begin.
        position: u64,
    },
}

impl Log {
    /// Puts right what is to be put right. Nothing may be written behind it before that.
    pub(super) fn check_whole(&mut self) -> io::Result<()> {
        match self.repair {
            None => return Ok(()),
            Some(Repair::Torn) => {
                self.active.file.truncate(self.active.size())?;
                self.active.show_all();
            }
            Some(Repair::Tail { base, position }) => {
                let segment = self
                    .closed
                    .iter_mut()
                    .chain([&mut self.active])
                    .find(|segment| segment.base == base);
                // Retention may have deleted the segment meanwhile.
                if let Some(segment) = segment {
                    move_tail(
                        &*self.fs,
                        &files::path(&self.dir, base, Kind::Log),
                        &*segment.file,
                        position,
                    )?;
                    segment.show_all();
                }
            }
        }
        tracing::info!(dir = self.dir, offset = %self.end, "the log is repaired and takes records again");
        self.repair = None;
        Ok(())
    }
}

/// Moves what lies behind `position` of a segment file into a file of its own.
pub(super) fn move_tail(fs: &dyn Fs, path: &str, file: &dyn File, position: u64) -> io::Result<()> {
    let name = format!("{path}.{position}.{}", files::CUT);
    let copied = fs.open(&name).and_then(|aside| {
        aside.truncate(0)?;
        let mut at = position;
        while at < file.size() {
            for chunk in file.read(at, BLOCK)? {
                at += chunk.len() as u64;
                aside.append(chunk)?;
            }
        }
        Ok(())
    });
    if let Err(refused) = copied {
        // Half a copy takes room and is of no use.
        drop(fs.remove(&name));
        return Err(refused);
    }
    file.truncate(position)
}
