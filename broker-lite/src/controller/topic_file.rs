//! The catalogue as a file: one text for all topics, replaced at one stroke with each change.
//!
//! ```text
//! topic orders 3b0f6c1e-… 4
//!  set retention.ms 60000
//! end 9ae0daaf
//! ```
//!
//! Text, because people will look; a whole rewrite, because the catalogue is small and a file that
//! is replaced cannot be torn. The last line has the checksum (CRC-32C) of all before it: a bit
//! that flips in an id would cost a topic's records, and one in a setting might.

use super::CatalogueError;
use crate::config::Settings;
use crate::storage::Fs;
use crate::types::{TopicId, TopicName};

const FILE: &str = "catalogue";
const HEAD: &str =
    "# The topics of this broker. Written by broker-lite, replaced as a whole at each change.\n";

/// Begins the last line.
const END: &str = "end ";

/// A topic as it is written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TopicEntry {
    pub(super) name: TopicName,
    pub(super) id: TopicId,
    pub(super) partitions: i32,
    pub(super) settings: Settings,
}

/// Reads what was written down; `None` if nothing ever was.
pub(super) fn read(fs: &dyn Fs) -> Result<Option<Vec<TopicEntry>>, CatalogueError> {
    let content = fs.read(FILE).map_err(|source| CatalogueError::Storage {
        file: FILE,
        doing: "read",
        source,
    })?;
    let parsed = content.as_deref().map(parse).transpose();
    parsed.map_err(|line| CatalogueError::Damaged { file: FILE, line })
}

/// Writes all topics down. When this returns they survive `kill -9`.
pub(super) fn write(
    fs: &dyn Fs,
    notes: impl Iterator<Item = TopicEntry>,
) -> Result<(), CatalogueError> {
    fs.replace(FILE, render(notes).as_bytes())
        .map_err(|source| CatalogueError::Storage {
            file: FILE,
            doing: "written",
            source,
        })
}

fn render(notes: impl Iterator<Item = TopicEntry>) -> String {
    let mut text = HEAD.to_owned();
    for TopicEntry {
        name,
        id,
        partitions,
        settings,
    } in notes
    {
        text.push_str(&format!("topic {name} {id} {partitions}\n"));
        for (key, value) in settings.iter() {
            text.push_str(&format!(" set {key} {value}\n"));
        }
    }
    text.push_str(&last_line(&text));
    text
}

/// The line that seals `text`.
fn last_line(text: &str) -> String {
    format!("{END}{:08x}\n", crc32c::crc32c(text.as_bytes()))
}

/// The topics, or the number of the first line that is none of ours; a checksum that differs is the
/// last line's.
fn parse(content: &[u8]) -> Result<Vec<TopicEntry>, usize> {
    let text = std::str::from_utf8(content).map_err(|_| 1_usize)?;
    let mut notes: Vec<TopicEntry> = Vec::new();
    let last = text.lines().count();
    let (text, end) = text.split_at(text.rfind(&format!("\n{END}")).ok_or(last)? + 1);
    // Not `lines`, which would take a carriage return off a line as well.
    for (index, line) in text.split('\n').enumerate() {
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
    if end == last_line(text) {
        Ok(notes)
    } else {
        Err(last)
    }
}

fn topic(line: &str) -> Option<TopicEntry> {
    let mut words = line.strip_prefix("topic ")?.split(' ');
    let (name, id, partitions) = (words.next()?, words.next()?, words.next()?);
    Some(TopicEntry {
        name: TopicName::new(name).ok()?,
        id: TopicId::parse(id)?,
        partitions: partitions.parse().ok().filter(|count| *count > 0)?,
        settings: Settings::new(),
    })
}

/// Any text as a catalogue: as it is, and sealed.
#[cfg(fuzzing)]
pub(crate) fn fuzz(input: &[u8]) {
    drop(parse(input));
    if let Ok(text) = std::str::from_utf8(input) {
        let text = format!("{text}\n");
        if let Ok(notes) = parse(format!("{text}{}", last_line(&text)).as_bytes()) {
            assert_eq!(
                parse(render(notes.clone().into_iter()).as_bytes()),
                Ok(notes),
                "written and read back"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(name: &str, settings: &[(&str, &str)]) -> TopicEntry {
        let mut own = Settings::new();
        for (key, value) in settings {
            own.set(*key, *value);
        }
        TopicEntry {
            name: TopicName::new(name).unwrap(),
            id: TopicId::random(),
            partitions: 3,
            settings: own,
        }
    }

    #[test]
    fn what_is_written_down_is_read_back() {
        let notes = [
            note("a", &[]),
            note(
                "b.c",
                &[("cleanup.policy", "compact, delete"), ("retention.ms", "5")],
            ),
        ];
        assert_eq!(
            parse(render(notes.clone().into_iter()).as_bytes()).unwrap(),
            notes
        );
        assert_eq!(parse(render([].into_iter()).as_bytes()).unwrap(), []);
    }

    #[test]
    fn damage_is_named_by_its_line() {
        let text = render([note("a", &[("retention.ms", "5")])].into_iter());
        for (from, to, line) in [
            ("\ntopic", "\ntropic", 2),
            (" set ", " get ", 3),
            (" 3\n", " -3\n", 2),
        ] {
            assert_eq!(parse(text.replacen(from, to, 1).as_bytes()), Err(line));
        }
        assert_eq!(parse(&[0xff, 0xfe]), Err(1));
        let returned = format!("topic a {} 3\r\n", TopicId::random());
        let sealed = format!("{returned}{}", last_line(&returned));
        assert_eq!(
            parse(sealed.as_bytes()),
            Err(1),
            "a line end that is never written"
        );
        assert_eq!(parse(b" set a b\nend 0\n"), Err(1), "a setting of no topic");
    }

    #[test]
    fn a_flipped_bit_or_a_cut_anywhere_is_damage() {
        let text = render([note("a", &[("retention.ms", "5000")]), note("b", &[])].into_iter())
            .into_bytes();
        for at in 0..text.len() {
            assert!(parse(&text[..at]).is_err(), "cut at {at}");
            for bit in 0..8 {
                let mut flipped = text.clone();
                flipped[at] ^= 1 << bit;
                assert!(parse(&flipped).is_err(), "bit {bit} of byte {at}");
            }
        }
    }
}
