//! Repairs that must be made before anything more is appended, and could not be made at once.
//!
//! A disk that is full, or has turned read-only, refuses the repair as well. The log can be read
//! meanwhile, and each append tries the repair again.

use std::collections::VecDeque;
use std::io;

use super::files::{self, Kind};
use super::segment::Segment;
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

impl Repair {
    /// Makes the repair in the segments of the log at `dir`.
    pub(super) fn make(
        self,
        fs: &dyn Fs,
        dir: &str,
        closed: &mut VecDeque<Segment>,
        active: &mut Segment,
    ) -> io::Result<()> {
        match self {
            Self::Torn => {
                active.file.truncate(active.size())?;
                active.show_all();
            }
            Self::Tail { base, position } => {
                let mut segments = closed.iter_mut().chain([active]);
                // Retention may have deleted the segment meanwhile.
                if let Some(segment) = segments.find(|segment| segment.base == base) {
                    let path = files::path(dir, base, Kind::Log);
                    move_tail(fs, &path, &*segment.file, position)?;
                    segment.show_all();
                }
            }
        }
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
