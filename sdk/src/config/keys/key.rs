//! A key, and the type and range of its value.

use std::fmt;
use std::time::Duration;

/// A key that may be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Key {
    /// The key's name; `<id>` stands for the id of a listener, `*` for the name of a librdkafka
    /// property.
    pub name: &'static str,
    /// The type and range of its value.
    pub kind: Kind,
    /// The default, as one would write it; `None` if there is none.
    pub default: Option<&'static str>,
    /// The meaning of the setting.
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
