//! The archive: a file with one event a line, appended to and never changed.
//!
//! Several instances may append to one file: each group of lines is one write at its end. A line
//! names the place of its record, since an event that is delivered twice is there twice.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::event::UserEvent;
use super::writer::{WriteError, Writer};

/// A handle on the archive. Cloning shares it.
#[derive(Debug, Clone)]
pub struct Archive {
    lines: Writer<Line, ()>,
}

/// A line of the archive.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Line {
    /// The partition it was read from.
    pub partition: i32,
    /// Its place there.
    pub offset: i64,
    /// What happened.
    pub event: UserEvent,
}

impl Archive {
    /// Opens the file at `path`, or makes it.
    ///
    /// # Errors
    /// When the file cannot be opened or read.
    pub fn open(path: &Path) -> io::Result<Self> {
        let mut file = AppendOnly::open(path)?;
        let lines = Writer::start("archive", move |lines: &[Line]| file.append(lines))?;
        Ok(Self { lines })
    }

    /// Appends a line. It survives the end of the process; only a power failure may take it back.
    ///
    /// # Errors
    /// When the file cannot be written.
    ///
    /// # Cancel safety
    /// The line may still be written.
    pub async fn append(&self, line: Line) -> Result<(), WriteError> {
        self.lines.write(line).await
    }
}

#[derive(Debug)]
struct AppendOnly {
    file: File,
    /// Whether a write broke off: what it left is a line that no reader can parse, and the next
    /// one must not be joined to it.
    is_torn: bool,
}

impl AppendOnly {
    fn open(path: &Path) -> io::Result<Self> {
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(path)?;
        let mut last = [b'\n'];
        if file.metadata()?.len() > 0 {
            file.seek(SeekFrom::End(-1))?;
            file.read_exact(&mut last)?;
        }
        let is_torn = last != [b'\n'];
        Ok(Self { file, is_torn })
    }

    fn append(&mut self, lines: &[Line]) -> io::Result<Vec<()>> {
        let mut text = Vec::new();
        if self.is_torn {
            text.push(b'\n');
        }
        for line in lines {
            serde_json::to_writer(&mut text, line)?;
            text.push(b'\n');
        }
        self.is_torn = true;
        self.file.write_all(&text)?;
        self.is_torn = false;
        Ok(vec![(); lines.len()])
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::behaviour::event::Kind;

    fn line(offset: i64) -> Line {
        let event = UserEvent {
            id: Uuid::new_v4(),
            visitor: "a".to_owned(),
            page: "/".to_owned(),
            kind: Kind::View,
            detail: None,
            received: 0,
        };
        Line {
            partition: 0,
            offset,
            event,
        }
    }

    fn offsets(path: &Path) -> Vec<Option<i64>> {
        let text = std::fs::read_to_string(path).unwrap();
        let read = |line| serde_json::from_str::<Line>(line).map(|line| line.offset);
        text.lines().map(|line| read(line).ok()).collect()
    }

    #[tokio::test]
    async fn two_instances_append_to_one_archive() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("archive.jsonl");
        let archives = [Archive::open(&path).unwrap(), Archive::open(&path).unwrap()];
        for offset in 0..10 {
            for archive in &archives {
                archive.append(line(offset)).await.unwrap();
            }
        }
        let twice = (0..10).flat_map(|offset| [Some(offset); 2]);
        assert!(offsets(&path).into_iter().eq(twice));
    }

    #[tokio::test]
    async fn a_line_that_broke_off_spoils_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("archive.jsonl");
        std::fs::write(&path, "{\"partition\":0,\"off").unwrap();
        let archive = Archive::open(&path).unwrap();
        archive.append(line(7)).await.unwrap();
        assert_eq!(offsets(&path), [None, Some(7)]);
    }
}
