//! Repairs that must be made before anything more is appended, and could not be made at once.
//!
//! A disk that is full, or has turned read-only, refuses the repair as well. The log can be read
//! meanwhile, and each append tries the repair again.

use std::io;

use super::Log;
use super::files::{self, Kind};
use crate::storage::{File, Fs};
use crate::types::Offset;

/// Bytes copied at a time.
const BLOCK: usize = 1 << 20;

/// A repair that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repair {
    /// A failed write left bytes after the last batch of the active segment.
    Torn,
    /// Recovery found bytes that are not batches and could not move them aside.
    Tail {
        /// The segment.
        base: Offset,
        /// The position in its file at which they begin.
        position: u64,
    },
}

impl Log {
    /// Makes the repair that is due, if any. Nothing may be appended before that.
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

/// Moves what follows `position` in a segment file to a file of its own, whose name ends in `.cut`.
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
        // Half a copy is of no use and takes space on a disk that may be full.
        drop(fs.remove(&name));
        return Err(refused);
    }
    file.truncate(position)
}
