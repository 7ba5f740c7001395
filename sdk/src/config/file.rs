//! Reads one TOML file into flat settings, each with its line.

use std::io::ErrorKind;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::entry::Entry;
use super::error::{FileComplaint, Problem};
use super::origin::{Layer, Origin};

/// The contents of a file, and its problems.
#[derive(Debug, Default)]
pub(crate) struct FileContent {
    pub(crate) entries: Vec<Entry>,
    pub(crate) problems: Vec<Problem>,
}

/// Reads the file; `None` when there is none.
pub(crate) fn read(layer: Layer, path: &Path) -> Option<FileContent> {
    let place = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => Some(parse(layer, &place, &text)),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => {
            let complaint = FileComplaint::Unreadable {
                path: place,
                reason: error.to_string(),
            };
            Some(FileContent {
                entries: Vec::new(),
                problems: vec![Problem::bare(complaint.into())],
            })
        }
    }
}

/// Flattens a TOML text. A broken line is reported, and the others are still read.
pub(crate) fn parse(layer: Layer, place: &str, text: &str) -> FileContent {
    let (table, errors) = DeTable::parse_recoverable(text);
    let lines = Lines { layer, place, text };
    let mut content = FileContent::default();
    for error in errors {
        let origin = lines.origin(error.span().map_or(0, |span| span.start));
        // The parser's message has no excerpt of the file, which may hold secrets.
        let message = error.message().lines().collect::<Vec<_>>().join(", ");
        let complaint = FileComplaint::Syntax { message }.into();
        content.problems.push(Problem::bare(complaint).at(origin));
    }
    flatten(&lines, "", table.get_ref(), &mut content);
    content
}

/// Knows which line a byte of the text is on.
struct Lines<'a> {
    layer: Layer,
    place: &'a str,
    text: &'a str,
}

impl Lines<'_> {
    fn origin(&self, byte: usize) -> Origin {
        let before = self.text.get(..byte).unwrap_or(self.text);
        Origin::file(self.layer, self.place, before.matches('\n').count() + 1)
    }
}

fn flatten(lines: &Lines<'_>, prefix: &str, table: &DeTable<'_>, content: &mut FileContent) {
    for (name, value) in table {
        let key = if prefix.is_empty() {
            name.get_ref().to_string()
        } else {
            format!("{prefix}.{}", name.get_ref())
        };
        if let DeValue::Table(inner) = value.get_ref() {
            flatten(lines, &key, inner, content);
            continue;
        }
        let origin = lines.origin(name.span().start);
        match text_of(value) {
            Some(value) => content.entries.push(Entry { key, value, origin }),
            None => {
                let complaint = FileComplaint::NotAText { key }.into();
                content.problems.push(Problem::bare(complaint).at(origin));
            }
        }
    }
}

/// The text of a scalar, or of a list of scalars separated by commas; `None` for lists of anything
/// else.
fn text_of(value: &Spanned<DeValue<'_>>) -> Option<String> {
    Some(match value.get_ref() {
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(time) => time.to_string(),
        DeValue::Array(items) => {
            let scalar = |item: &Spanned<DeValue<'_>>| {
                if item.get_ref().is_array() {
                    None
                } else {
                    text_of(item)
                }
            };
            items
                .iter()
                .map(scalar)
                .collect::<Option<Vec<_>>>()?
                .join(",")
        }
        DeValue::Table(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_tables_and_dotted_keys_become_flat_keys_with_lines() {
        let text = "[kafka]\nbootstrap-servers = [\"a:1\", \"b:2\"]\nproperties.\"client.rack\" = \"r1\"\n\n[listeners.credit]\nworkers = 16\nauto-startup = true\n";
        let content = parse(Layer::File, "w.toml", text);
        assert!(content.problems.is_empty(), "{:?}", content.problems);
        let flat: Vec<String> = content
            .entries
            .iter()
            .map(|e| format!("{}={} {}", e.key, e.value, e.origin))
            .collect();
        assert_eq!(
            flat,
            [
                "kafka.bootstrap-servers=a:1,b:2 w.toml:2",
                "kafka.properties.client.rack=r1 w.toml:3",
                "listeners.credit.auto-startup=true w.toml:7",
                "listeners.credit.workers=16 w.toml:6",
            ]
        );
    }

    #[test]
    fn a_broken_line_does_not_hide_the_others() {
        let content = parse(Layer::File, "w.toml", "a = 1\nb = \nc = 3\n");
        assert_eq!(content.problems.len(), 1);
        let keys: Vec<&str> = content.entries.iter().map(|e| e.key.as_str()).collect();
        assert!(keys.contains(&"a") && keys.contains(&"c"), "{keys:?}");
    }
}
