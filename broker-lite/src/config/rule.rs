//! What a setting's value may be.

use std::fmt;

/// The values that a key takes. As text it says so to a person.
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
    /// One `host:port`, with or without `PLAINTEXT://` in front.
    Listener,
}

impl Rule {
    pub(super) const INT: i64 = i32::MAX as i64;
    pub(super) const LONG: i64 = i64::MAX;

    /// Whether the text is a value. Line ends and the like are in none: settings are written down line by line.
    pub(crate) fn allows(&self, text: &str) -> bool {
        !text.contains(char::is_control) && self.takes(text)
    }

    fn takes(&self, text: &str) -> bool {
        match self {
            Self::Int { min, max } | Self::Long { min, max } => {
                text.parse::<i64>().is_ok_and(|number| (*min..=*max).contains(&number))
            }
            Self::Ratio => text.parse::<f64>().is_ok_and(|ratio| (0.0..=1.0).contains(&ratio)),
            Self::Bool => ["true", "false"].iter().any(|word| word.eq_ignore_ascii_case(text)),
            Self::Text => true,
            Self::Folder => !text.trim().is_empty() && !text.contains(','),
            Self::OneOf(words) => words.contains(&text),
            Self::ListOf(words) => {
                text.is_empty() || text.split(',').all(|word| words.contains(&word.trim()))
            }
            Self::Listener => host_and_port(text).is_some(),
        }
    }

    /// The type's number in DescribeConfigs (KIP-569).
    pub(crate) fn type_code(&self) -> i8 {
        match self {
            Self::Bool => 1,
            Self::Text | Self::Folder | Self::OneOf(_) | Self::Listener => 2,
            Self::Int { .. } => 3,
            Self::Long { .. } => 5,
            Self::Ratio => 6,
            Self::ListOf(_) => 7,
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Int { min, max: Self::INT } | Self::Long { min, max: Self::LONG } => {
                write!(f, "a number from {min} up")
            }
            Self::Int { min, max } | Self::Long { min, max } => write!(f, "a number from {min} to {max}"),
            Self::Ratio => f.write_str("a number from 0 to 1"),
            Self::Bool => f.write_str("true or false"),
            Self::Text => f.write_str("any text"),
            Self::Folder => f.write_str("one folder, and not several separated by commas,"),
            Self::OneOf([word]) => write!(f, "{word}"),
            Self::OneOf(words) => write!(f, "one of {}", words.join(", ")),
            Self::ListOf(words) => write!(f, "a list of {}", words.join(", ")),
            Self::Listener => f.write_str("one host:port, with or without PLAINTEXT:// in front"),
        }
    }
}

/// The parts of a listener; `[::1]:9092` has its brackets taken off.
pub(crate) fn host_and_port(text: &str) -> Option<(&str, u16)> {
    let address = text.strip_prefix("PLAINTEXT://").unwrap_or(text);
    let (host, port) = address.rsplit_once(':')?;
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let named = !host.is_empty() && !host.contains(['/', ',', ' ']);
    named.then_some(())?;
    Some((host, port.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_is_a_host_and_a_port() {
        assert_eq!(host_and_port("127.0.0.1:9092"), Some(("127.0.0.1", 9092)));
        assert_eq!(host_and_port("PLAINTEXT://kafka.local:0"), Some(("kafka.local", 0)));
        assert_eq!(host_and_port("[::1]:9092"), Some(("::1", 9092)));
        for bad in ["", "localhost", ":9092", "host:port", "SSL://host:1", "a:1,b:2", "host:70000"] {
            assert_eq!(host_and_port(bad), None, "{bad}");
        }
    }

    #[test]
    fn rules_say_what_they_allow() {
        let rule = Rule::Int { min: 1, max: Rule::INT };
        assert!(rule.allows("1") && !rule.allows("0") && !rule.allows("x") && !rule.allows("2147483648"));
        assert_eq!(rule.to_string(), "a number from 1 up");
        assert!(Rule::Ratio.allows("0.5") && !Rule::Ratio.allows("1.01") && !Rule::Ratio.allows("NaN"));
        assert!(Rule::Bool.allows("True") && !Rule::Bool.allows("yes"));
        assert!(
            Rule::Folder.allows("/var/lib/broker")
                && !Rule::Folder.allows("/a,/b")
                && !Rule::Folder.allows(" ")
        );
        let list = Rule::ListOf(&["compact", "delete"]);
        assert!(list.allows("compact,delete") && list.allows("delete") && !list.allows("delete,drop"));
        assert!(
            list.allows("")
                && list.allows("compact, delete")
                && !list.allows("compact,\ndelete")
                && !list.allows("delete\r")
        );
    }
}
