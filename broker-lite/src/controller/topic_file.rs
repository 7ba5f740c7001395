//! The file of topics, `catalogue`: one text for all of them, replaced as a whole by each change.
//!
//! ```text
//! topic orders 3b0f6c1e-… 4
//!  set retention.ms 60000
//! end 9ae0daaf
//! ```
//!
//! Text, because people will look; a whole rewrite, because the file is small and one that is
//! replaced cannot be torn. The last line has the checksum (CRC-32C) of everything before it: a
//! flipped bit in an id would cost a topic's records, and one in a setting might.

use super::StoreError;
use crate::config::Settings;
use crate::storage::Fs;
use crate::types::{TopicId, TopicName};

const FILE: &str = "catalogue";
const HEAD: &str =
    "# The topics of this broker. Written by broker-lite, replaced as a whole at each change.\n";

/// Begins the last line.
const END: &str = "end ";

/// A topic as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TopicEntry {
    pub(super) name: TopicName,
    pub(super) id: TopicId,
    pub(super) partitions: i32,
    pub(super) settings: Settings,
}

/// Returns the stored topics, or `None` if none were ever stored.
pub(super) fn read(fs: &dyn Fs) -> Result<Option<Vec<TopicEntry>>, StoreError> {
    let content = fs.read(FILE).map_err(|source| StoreError::Storage {
        file: FILE,
        doing: "read",
        source,
    })?;
    let parsed = content.as_deref().map(parse).transpose();
    parsed.map_err(|line| StoreError::Damaged { file: FILE, line })
}

/// Writes all topics. When this returns they survive `kill -9`.
pub(super) fn write(
    fs: &dyn Fs,
    entries: impl Iterator<Item = TopicEntry>,
) -> Result<(), StoreError> {
    fs.replace(FILE, render(entries).as_bytes())
        .map_err(|source| StoreError::Storage {
            file: FILE,
            doing: "written",
            source,
        })
}

fn render(entries: impl Iterator<Item = TopicEntry>) -> String {
    let mut text = HEAD.to_owned();
    for TopicEntry {
        name,
        id,
        partitions,
        settings,
    } in entries
    {
        text.push_str(&format!("topic {name} {id} {partitions}\n"));
        for (key, value) in settings.iter() {
            text.push_str(&format!(" set {key} {value}\n"));
        }
    }
    text.push_str(&last_line(&text));
    text
}

/// Returns the last line, with the checksum of `text`.
fn last_line(text: &str) -> String {
    format!("{END}{:08x}\n", crc32c::crc32c(text.as_bytes()))
}

/// Returns the topics, or the number of the first line that this broker does not write. A checksum
/// that does not match is the last line's fault.
fn parse(content: &[u8]) -> Result<Vec<TopicEntry>, usize> {
    let text = std::str::from_utf8(content).map_err(|_| 1_usize)?;
    let mut entries: Vec<TopicEntry> = Vec::new();
    let last = text.lines().count();
    let (text, end) = text.split_at(text.rfind(&format!("\n{END}")).ok_or(last)? + 1);
    // Not `lines`, which would take a carriage return off a line as well.
    for (index, line) in text.split('\n').enumerate() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let understood = if let Some(setting) = line.strip_prefix(" set ") {
            entries
                .last_mut()
                .zip(setting.split_once(' '))
                .map(|(entry, (key, value))| entry.settings.set(key, value))
        } else {
            topic(line).map(|entry| entries.push(entry))
        };
        understood.ok_or(index + 1)?;
    }
    if end == last_line(text) {
        Ok(entries)
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

/// Any text as the file: as it is, and with the right checksum.
#[cfg(fuzzing)]
pub(crate) fn fuzz(input: &[u8]) {
    drop(parse(input));
    if let Ok(text) = std::str::from_utf8(input) {
        let text = format!("{text}\n");
        if let Ok(entries) = parse(format!("{text}{}", last_line(&text)).as_bytes()) {
            assert_eq!(
                parse(render(entries.clone().into_iter()).as_bytes()),
                Ok(entries),
                "written and read back"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, settings: &[(&str, &str)]) -> TopicEntry {
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
    fn what_is_written_is_read_back() {
        let entries = [
            entry("a", &[]),
            entry(
                "b.c",
                &[("cleanup.policy", "compact, delete"), ("retention.ms", "5")],
            ),
        ];
        assert_eq!(
            parse(render(entries.clone().into_iter()).as_bytes()).unwrap(),
            entries
        );
        assert_eq!(parse(render([].into_iter()).as_bytes()).unwrap(), []);
    }

    #[test]
    fn damage_is_named_by_its_line() {
        let text = render([entry("a", &[("retention.ms", "5")])].into_iter());
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
        let text = render([entry("a", &[("retention.ms", "5000")]), entry("b", &[])].into_iter())
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
