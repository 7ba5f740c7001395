//! The values that a setting may have.

use std::fmt;

/// The values that a key takes. `Display` describes them in an error message.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Rule {
    /// A 32-bit number within these bounds.
    Int { min: i64, max: i64 },
    /// A 64-bit number within these bounds.
    Long { min: i64, max: i64 },
    /// A number from 0 to 1.
    Ratio,
    /// `true` or `false`.
    Bool,
    /// Any text.
    Text,
    /// The path of one folder.
    Folder,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// These words, separated by commas; or none.
    ListOf(&'static [&'static str]),
    /// Listeners. Several keys decide about them, so they are checked when all settings are known.
    Listeners,
}

impl Rule {
    pub(super) const INT: i64 = i32::MAX as i64;
    pub(super) const LONG: i64 = i64::MAX;

    /// Whether the text is a value. None has control characters such as line breaks: settings are
    /// stored line by line.
    pub(crate) fn allows(&self, text: &str) -> bool {
        !text.contains(char::is_control) && self.takes(text)
    }

    fn takes(&self, text: &str) -> bool {
        match self {
            Self::Int { min, max } | Self::Long { min, max } => text
                .parse::<i64>()
                .is_ok_and(|number| (*min..=*max).contains(&number)),
            Self::Ratio => text
                .parse::<f64>()
                .is_ok_and(|ratio| (0.0..=1.0).contains(&ratio)),
            Self::Bool => ["true", "false"]
                .iter()
                .any(|word| word.eq_ignore_ascii_case(text)),
            Self::Text | Self::Listeners => true,
            Self::Folder => !text.trim().is_empty() && !text.contains(','),
            Self::OneOf(words) => words.contains(&text),
            Self::ListOf(words) => {
                text.is_empty() || text.split(',').all(|word| words.contains(&word.trim()))
            }
        }
    }

    /// The type's number in DescribeConfigs (KIP-569).
    pub(crate) fn type_code(&self) -> i8 {
        match self {
            Self::Bool => 1,
            Self::Text | Self::Folder | Self::OneOf(_) => 2,
            Self::Int { .. } => 3,
            Self::Long { .. } => 5,
            Self::Ratio => 6,
            Self::ListOf(_) | Self::Listeners => 7,
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Int {
                min,
                max: Self::INT,
            }
            | Self::Long {
                min,
                max: Self::LONG,
            } => {
                write!(f, "a number from {min} up")
            }
            Self::Int { min, max } | Self::Long { min, max } => {
                write!(f, "a number from {min} to {max}")
            }
            Self::Ratio => f.write_str("a number from 0 to 1"),
            Self::Bool => f.write_str("true or false"),
            Self::Text => f.write_str("any text"),
            Self::Folder => f.write_str("one folder, and not several separated by commas,"),
            Self::OneOf([word]) => write!(f, "{word}"),
            Self::OneOf(words) => write!(f, "one of {}", words.join(", ")),
            Self::ListOf(words) => write!(f, "a list of {}", words.join(", ")),
            Self::Listeners => f.write_str("HOST:PORT, with or without PLAINTEXT:// in front,"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_say_what_they_allow() {
        let rule = Rule::Int {
            min: 1,
            max: Rule::INT,
        };
        assert!(
            rule.allows("1")
                && !rule.allows("0")
                && !rule.allows("x")
                && !rule.allows("2147483648")
        );
        assert_eq!(rule.to_string(), "a number from 1 up");
        assert!(
            Rule::Ratio.allows("0.5") && !Rule::Ratio.allows("1.01") && !Rule::Ratio.allows("NaN")
        );
        assert!(Rule::Bool.allows("True") && !Rule::Bool.allows("yes"));
        assert!(
            Rule::Folder.allows("/var/lib/broker")
                && !Rule::Folder.allows("/a,/b")
                && !Rule::Folder.allows(" ")
        );
        let list = Rule::ListOf(&["compact", "delete"]);
        assert!(
            list.allows("compact,delete") && list.allows("delete") && !list.allows("delete,drop")
        );
        assert!(
            list.allows("")
                && list.allows("compact, delete")
                && !list.allows("compact,\ndelete")
                && !list.allows("delete\r")
        );
    }
}
