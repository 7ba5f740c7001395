//! The mark of a clean stop: where the log ends, by offset and by bytes.
//!
//! It is written last when the log is closed and removed first when it is opened. It lets the next
//! start tell a log that was truncated, which ends elsewhere, from one in which bits have rotted,
//! which ends where it did.

use std::io;

use super::files;
use crate::storage::Fs;
use crate::types::Offset;

/// The end of a log when it was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CleanStop {
    /// The offset of the next record.
    pub(super) end: Offset,
    /// The segment that grew last.
    pub(super) segment: Offset,
    /// Bytes in its file.
    pub(super) size: u64,
}

impl CleanStop {
    pub(super) fn write(self, fs: &dyn Fs, dir: &str) -> io::Result<()> {
        let Self { end, segment, size } = self;
        fs.write(&path(dir), format!("{end} {segment} {size}\n").as_bytes())
    }

    /// Reads the mark and removes it, since the log may change from now on. `None` if the log was
    /// not closed cleanly.
    pub(super) fn take(fs: &dyn Fs, dir: &str) -> io::Result<Option<Self>> {
        let content = fs.read(&path(dir))?;
        fs.remove(&path(dir))?;
        Ok(content.and_then(|content| Self::parse(std::str::from_utf8(&content).ok()?)))
    }

    fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split_whitespace();
        let end = Offset(numbers.next()?.parse().ok()?);
        let segment = Offset(numbers.next()?.parse().ok()?);
        Some(Self {
            end,
            segment,
            size: numbers.next()?.parse().ok()?,
        })
    }
}

fn path(dir: &str) -> String {
    format!("{dir}/{}", files::CLEAN_STOP)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::MemoryFs;

    #[test]
    fn the_mark_is_there_once() {
        let fs = MemoryFs::default();
        let mark = CleanStop {
            end: Offset(7),
            segment: Offset(3),
            size: 512,
        };
        mark.write(&fs, "t-0").unwrap();
        assert_eq!(CleanStop::take(&fs, "t-0").unwrap(), Some(mark));
        assert_eq!(CleanStop::take(&fs, "t-0").unwrap(), None);
        // As an earlier version wrote it: that stop counts as none, and everything is looked at.
        fs.write("t-0/clean-stop", b"7").unwrap();
        assert_eq!(CleanStop::take(&fs, "t-0").unwrap(), None);
    }
}
