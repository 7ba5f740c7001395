//! The catalogue as a file: one text for all topics, replaced at one stroke with each change.
//!
//! ```text
//! topic orders 3b0f6c1e-… 4
//!  set retention.ms 60000
//! ```
//!
//! Text, because people will look; a whole rewrite, because the catalogue is small and a file that is replaced cannot be
//! torn.

use super::CatalogueError;
use crate::config::Settings;
use crate::storage::Fs;
use crate::types::{TopicId, TopicName};

const FILE: &str = "catalogue";
const HEAD: &str =
    "# The topics of this broker. Written by broker-lite, replaced as a whole at each change.\n";

/// A topic as it is written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Note {
    pub(super) name: TopicName,
    pub(super) id: TopicId,
    pub(super) partitions: i32,
    pub(super) settings: Settings,
}

/// Reads what was written down; nothing yet is no topic.
pub(super) fn read(fs: &dyn Fs) -> Result<Vec<Note>, CatalogueError> {
    let content =
        fs.read(FILE).map_err(|source| CatalogueError::Storage { file: FILE, doing: "read", source })?;
    parse(&content.unwrap_or_default()).map_err(|line| CatalogueError::Damaged { file: FILE, line })
}

/// Writes all topics down. When this returns they survive `kill -9`.
pub(super) fn write(fs: &dyn Fs, notes: impl Iterator<Item = Note>) -> Result<(), CatalogueError> {
    fs.replace(FILE, render(notes).as_bytes()).map_err(|source| CatalogueError::Storage {
        file: FILE,
        doing: "written",
        source,
    })
}

fn render(notes: impl Iterator<Item = Note>) -> String {
    let mut text = HEAD.to_owned();
    for Note { name, id, partitions, settings } in notes {
        text.push_str(&format!("topic {name} {id} {partitions}\n"));
        for (key, value) in settings.iter() {
            text.push_str(&format!(" set {key} {value}\n"));
        }
    }
    text
}

/// The topics, or the number of the first line that is none of ours.
fn parse(content: &[u8]) -> Result<Vec<Note>, usize> {
    let text = std::str::from_utf8(content).map_err(|_| 1_usize)?;
    let mut notes: Vec<Note> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let understood = if let Some(setting) = line.strip_prefix(" set ") {
            notes
                .last_mut()
                .zip(setting.split_once(' '))
                .map(|(note, (key, value))| note.settings.set(key, value))
        } else {
            topic(line).map(|note| notes.push(note))
        };
        understood.ok_or(index + 1)?;
    }
    Ok(notes)
}

fn topic(line: &str) -> Option<Note> {
    let mut words = line.strip_prefix("topic ")?.split(' ');
    let (name, id, partitions) = (words.next()?, words.next()?, words.next()?);
    Some(Note {
        name: TopicName::new(name).ok()?,
        id: TopicId::parse(id)?,
        partitions: partitions.parse().ok().filter(|count| *count > 0)?,
        settings: Settings::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(name: &str, settings: &[(&str, &str)]) -> Note {
        let mut own = Settings::new();
        for (key, value) in settings {
            own.set(*key, *value);
        }
        Note { name: TopicName::new(name).unwrap(), id: TopicId::random(), partitions: 3, settings: own }
    }

    #[test]
    fn what_is_written_down_is_read_back() {
        let notes =
            [note("a", &[]), note("b.c", &[("cleanup.policy", "compact, delete"), ("retention.ms", "5")])];
        assert_eq!(parse(render(notes.clone().into_iter()).as_bytes()).unwrap(), notes);
        assert_eq!(parse(b"").unwrap(), []);
    }

    #[test]
    fn damage_is_named_by_its_line() {
        let text = render([note("a", &[("retention.ms", "5")])].into_iter());
        for (from, to, line) in [("\ntopic", "\ntropic", 2), (" set ", " get ", 3), (" 3\n", " -3\n", 2)] {
            assert_eq!(parse(text.replacen(from, to, 1).as_bytes()), Err(line));
        }
        assert_eq!(parse(&[0xff, 0xfe]), Err(1));
        assert_eq!(parse(b" set a b"), Err(1), "a setting of no topic");
    }
}
