//! Every key that Wellspring knows: name, type, default, range and meaning, in one table.
//!
//! The loader checks against it, suggestions come from it, and the tables in the documentation and
//! in the README are rendered from it.

use std::fmt;
use std::time::Duration;

use wellspring_grammar::count::MAX_COUNT;
use wellspring_grammar::words;

use super::defaults::{ADMIN_DEFAULTS, CONSUMER_DEFAULTS, ClientDefault, PRODUCER_DEFAULTS};
use super::entry::canonical;
use super::librdkafka;

/// A key that may be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Key {
    /// Its name; `<id>` stands for the id of a listener, `*` for the name of a librdkafka
    /// property.
    pub name: &'static str,
    /// The type and range of its value.
    pub kind: Kind,
    /// What holds when nothing is set, as one would write it; `None` when nothing holds then.
    pub default: Option<&'static str>,
    /// What it does.
    pub doc: &'static str,
}

/// The type of a value, with its range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// Any text but the empty one.
    Text,
    /// `true` or `false`.
    Bool,
    /// A whole number in this range.
    Count {
        /// The least.
        min: u64,
        /// The greatest.
        max: u64,
    },
    /// A duration with its unit (`500ms`, `25s`, `2min`) in this range.
    Duration {
        /// The shortest.
        min: Duration,
        /// The longest.
        max: Duration,
    },
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// `host:port`, or several separated by commas; also as other tools write them, with a scheme
    /// in front.
    Addresses,
    /// A retry policy: `none`, `3 x 200ms`, `3 x 200ms exponential max 10s`.
    Retry,
    /// Whatever librdkafka accepts for the property.
    Property,
}

const HOUR: Duration = Duration::from_secs(3600);
const COUNT: Kind = Kind::Count {
    min: 1,
    max: MAX_COUNT,
};

const fn key(
    name: &'static str,
    kind: Kind,
    default: Option<&'static str>,
    doc: &'static str,
) -> Key {
    Key {
        name,
        kind,
        default,
        doc,
    }
}

/// All keys, in the order of the documentation.
pub const KEYS: &[Key] = &[
    key(
        "kafka.bootstrap-servers",
        Kind::Addresses,
        Some("localhost:9092"),
        "The first brokers to ask for the others.",
    ),
    key(
        "kafka.properties.*",
        Kind::Property,
        None,
        "A librdkafka property of every client.",
    ),
    key(
        "kafka.consumer.properties.*",
        Kind::Property,
        None,
        "A librdkafka property of every listener's consumers.",
    ),
    key(
        "kafka.producer.properties.*",
        Kind::Property,
        None,
        "A librdkafka property of the producer.",
    ),
    key(
        "kafka.producer.buffer-memory",
        Kind::Count {
            min: 1024,
            max: 1 << 40,
        },
        Some("33554432"),
        "Memory for records in flight, in bytes; sends wait for room once it is used up. Kafka's `buffer.memory`.",
    ),
    key(
        "kafka.producer.max-block",
        Kind::Duration {
            min: Duration::ZERO,
            max: HOUR,
        },
        Some("60s"),
        "Longest wait of a send for room. Kafka's `max.block.ms`.",
    ),
    key(
        "kafka.admin.properties.*",
        Kind::Property,
        None,
        "A librdkafka property of the client that creates topics.",
    ),
    key(
        "app.name",
        Kind::Text,
        Some("wellspring"),
        "The application's name; the `client.id` of its Kafka clients.",
    ),
    key(
        "app.start-deadline",
        Kind::Duration {
            min: Duration::from_millis(1),
            max: HOUR,
        },
        Some("60s"),
        "Longest wait at start, for declared topics to be made and for partitions to be assigned.",
    ),
    key(
        "app.drain-deadline",
        Kind::Duration {
            min: Duration::ZERO,
            max: HOUR,
        },
        Some("25s"),
        "Longest wait at stop, and when partitions move, for running handlers to end. Kubernetes kills after 30 s; `max.poll.interval.ms` must be longer.",
    ),
    key(
        "app.create-topics",
        Kind::Bool,
        Some("true"),
        "Whether declared topics that are missing are created at start.",
    ),
    key(
        "app.on-fatal-error",
        Kind::OneOf(&["heal", "red", "end"]),
        Some("heal"),
        "When a Kafka client has failed for good: a new one takes over, health turns red and asks for a restart, or the application ends.",
    ),
    key(
        "app.on-refused-dead-letter",
        Kind::OneOf(&["halt", "file"]),
        Some("halt"),
        "What becomes of a dead letter that its topic refuses for good, or ten times for want of a topic or a right: its partition waits and health is red, or it goes to `app.dead-letter-file`.",
    ),
    key(
        "app.dead-letter-file",
        Kind::Text,
        Some("dead-letters.jsonl"),
        "Where refused dead letters go, one JSON object a line, when `app.on-refused-dead-letter` is `file`.",
    ),
    key(
        "actuator.port",
        Kind::Count {
            min: 0,
            max: 65_535,
        },
        None,
        "Answers health over HTTP on this port, 0 being a free one; off unless set. Needs the feature `actuator`.",
    ),
    key(
        "actuator.host",
        Kind::Text,
        Some("127.0.0.1"),
        "The address it listens on; `0.0.0.0` for probes from outside.",
    ),
    key(
        "listeners.<id>.group",
        Kind::Text,
        None,
        "Overrides the listener's consumer group.",
    ),
    key(
        "listeners.<id>.concurrency",
        COUNT,
        Some("1"),
        "Consumers, each with its own connections and its share of the partitions.",
    ),
    key(
        "listeners.<id>.workers",
        COUNT,
        Some("1"),
        "Records each consumer handles at the same time.",
    ),
    key(
        "listeners.<id>.ordering",
        Kind::OneOf(words::Ordering::WORDS),
        Some("partition, and key with more than one worker"),
        "What is kept in order.",
    ),
    key(
        "listeners.<id>.retry",
        Kind::Retry,
        Some("3 x 500ms exponential"),
        "Retries in place after the first attempt.",
    ),
    key(
        "listeners.<id>.on-exhausted",
        Kind::OneOf(words::OnExhausted::WORDS),
        Some("halt"),
        "What becomes of a record whose attempts are used up.",
    ),
    key(
        "listeners.<id>.auto-startup",
        Kind::Bool,
        Some("true"),
        "Whether the listener starts with the application.",
    ),
    key(
        "listeners.<id>.properties.*",
        Kind::Property,
        None,
        "A librdkafka property of this listener's consumers.",
    ),
];

/// The first words that are Wellspring's own; all others are free for placeholders.
pub(crate) fn is_reserved(key: &str) -> bool {
    let canonical = canonical(key);
    KEYS.iter()
        .filter_map(|key| key.name.split('.').next())
        .any(|root| {
            canonical
                .strip_prefix(root)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
        })
}

/// A written key that is in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) key: &'static Key,
    /// What stands for `<id>`.
    pub(crate) id: Option<String>,
    /// What stands for `*`, as librdkafka spells it.
    pub(crate) property: Option<String>,
}

impl Found {
    /// The name of the key, with what stands for `<id>` and `*` put in.
    pub(crate) fn name(&self) -> String {
        let name = self
            .key
            .name
            .replace("<id>", self.id.as_deref().unwrap_or_default());
        name.replace('*', self.property.as_deref().unwrap_or_default())
    }
}

/// Finds a key by any of its spellings.
pub(crate) fn find(written: &str) -> Option<Found> {
    KEYS.iter().find_map(|key| match_key(key, written))
}

fn match_key(key: &'static Key, written: &str) -> Option<Found> {
    let spelled = canonical(written);
    let pattern = key.name.strip_suffix('*').unwrap_or(key.name);
    let (head, tail) = pattern.split_once("<id>").unwrap_or((pattern, ""));
    let (head, tail) = (canonical(head), canonical(tail));
    let rest = spelled.strip_prefix(&head)?;
    let (id, property) = match (tail.is_empty(), key.name.ends_with('*')) {
        (true, false) => {
            return rest.is_empty().then_some(Found {
                key,
                id: None,
                property: None,
            });
        }
        (true, true) => ("", rest),
        (false, false) => (rest.strip_suffix(&tail)?, ""),
        (false, true) => rest.split_once(&tail)?,
    };
    if id.is_empty() != tail.is_empty() || property.is_empty() == key.name.ends_with('*') {
        return None;
    }
    // The canonical form is as long as the written one, character by character.
    let count = |text: &str| text.chars().count();
    let as_written =
        |from: usize, length: usize| written.chars().skip(from).take(length).collect::<String>();
    let id = (!id.is_empty()).then(|| as_written(count(&head), count(id)));
    let property = (!property.is_empty()).then(|| {
        property_name(&as_written(
            count(written) - count(property),
            count(property),
        ))
    });
    Some(Found { key, id, property })
}

/// The property as librdkafka spells it. One that is not known keeps its spelling if it has dots.
fn property_name(written: &str) -> String {
    match librdkafka::find(written) {
        Some((name, _)) => name.to_owned(),
        None if written.contains('.') => written.to_owned(),
        None => written.replace('_', "."),
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => f.write_str("a text that is not empty"),
            Self::Bool => f.write_str("true or false"),
            Self::Count { min, max } => write!(f, "a whole number from {min} to {max}"),
            Self::Duration { min, max } => {
                let (min, max) = (humantime::format_duration(*min), humantime::format_duration(*max));
                write!(f, "a duration with its unit, such as 500ms or 25s, from {min} to {max}")
            }
            Self::OneOf(words) => write!(f, "one of {}", words.join(", ")),
            Self::Addresses => f.write_str(
                "host:port, or several of them separated by commas; the port is 9092 if there is none",
            ),
            Self::Retry => {
                f.write_str("a retry policy such as none, 3 x 200ms, or 3 x 200ms exponential max 10s")
            }
            Self::Property => f.write_str("what librdkafka accepts"),
        }
    }
}

/// The table of settings and defaults as markdown, for the documentation and the README.
#[must_use]
pub fn defaults_table() -> String {
    let mut table =
        String::from("| setting | default | value | meaning |\n| --- | --- | --- | --- |\n");
    for Key {
        name,
        kind,
        default,
        doc,
    } in KEYS
    {
        let default = default.map_or_else(|| "–".to_owned(), |text| format!("`{text}`"));
        table.push_str(&format!("| `{name}` | {default} | {kind} | {doc} |\n"));
    }
    table.push_str(
        "\nLibrdkafka properties that Wellspring sets otherwise than librdkafka does:\n\n",
    );
    table.push_str("| client | property | value | why |\n| --- | --- | --- | --- |\n");
    let consumer = CONSUMER_DEFAULTS
        .iter()
        .map(|default| ("consumer", default));
    let producer = PRODUCER_DEFAULTS
        .iter()
        .map(|default| ("producer", default));
    let admin = ADMIN_DEFAULTS.iter().map(|default| ("admin", default));
    for (client, ClientDefault { name, value, why }) in consumer.chain(producer).chain(admin) {
        table.push_str(&format!("| {client} | `{name}` | `{value}` | {why} |\n"));
    }
    table
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::client_rules::Features;
    use super::*;

    /// Where a file has the table: the whole of it, or what is between two marks.
    fn check_table(path: &str) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let (begin, end) = ("<!-- defaults -->\n", "<!-- /defaults -->");
        let (before, rest) = text.split_once(begin).unwrap_or((&text, ""));
        let (table, after) = rest.split_once(end).unwrap_or(("", ""));
        if table == defaults_table() {
            return;
        }
        if std::env::var_os("WELLSPRING_UPDATE_DOCS").is_some() {
            std::fs::write(
                &path,
                format!("{before}{begin}{}{end}{after}", defaults_table()),
            )
            .unwrap();
            return;
        }
        panic!(
            "{} is not up to date: run the test again with WELLSPRING_UPDATE_DOCS=1 to write this table between {begin} and {end}:\n\n{}",
            path.display(),
            defaults_table()
        );
    }

    #[test]
    fn the_table_in_the_documentation_is_up_to_date() {
        check_table("docs/defaults.md");
    }

    #[test]
    fn every_default_is_a_value_of_its_key() {
        for key in KEYS {
            let prose = key.name.ends_with(".ordering");
            if let (Some(default), false) = (key.default, prose) {
                let mut loader = super::super::Loader::new();
                loader.rules.features = Features {
                    tls: true,
                    gssapi: true,
                    actuator: true,
                };
                let loader = loader.set(key.name.replace("<id>", "a"), default);
                assert!(loader.load().is_ok(), "{}", key.name);
            }
        }
    }

    #[test]
    fn no_two_keys_have_the_same_spelling() {
        for key in KEYS {
            let name = key.name.replace("<id>", "a").replace('*', "linger.ms");
            assert_eq!(find(&name).map(|found| found.key), Some(key), "{name}");
            assert_eq!(
                find(&canonical(&name).to_uppercase().to_lowercase()).map(|found| found.key),
                Some(key)
            );
        }
    }
}
