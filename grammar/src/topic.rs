//! Names of topics, by Kafka's rules (`Topic.validate`).

use std::error::Error;
use std::fmt;

/// Longest name that Kafka accepts, in characters.
pub const MAX_LEN: usize = 249;

/// The suffix that makes the name of a topic the name of its dead-letter topic. Spring Kafka's,
/// since 3.3.
pub const DLT_SUFFIX: &str = "-dlt";

/// A text that is not the name of a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidTopicName {
    name: String,
}

impl fmt::Display for InvalidTopicName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is not a topic name: use 1 to {MAX_LEN} characters of a-z, A-Z, 0-9, '.', '_' and '-', \
             but not \".\" or \"..\"",
            self.name
        )
    }
}

impl Error for InvalidTopicName {}

/// Checks the name of a topic.
///
/// # Errors
/// When it is empty, too long, `.` or `..`, or has a character that Kafka does not allow.
pub fn check(name: &str) -> Result<(), InvalidTopicName> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let is_valid = (1..=MAX_LEN).contains(&name.len())
        && !matches!(name, "." | "..")
        && name.chars().all(allowed);
    if is_valid {
        Ok(())
    } else {
        Err(InvalidTopicName {
            name: name.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kafka_rules_decide_what_a_topic_name_is() {
        for good in ["a", "card.topups", "A_b-9", "...", &"x".repeat(249)] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            ".",
            "..",
            "a b",
            "ä",
            "a/b",
            "topic$#!",
            &"x".repeat(250),
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
