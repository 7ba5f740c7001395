//! A topic's name, checked by Kafka's rules.

use std::fmt;
use std::sync::Arc;

use wellspring_grammar::topic;
pub use wellspring_grammar::topic::DLT_SUFFIX;

/// The name of a topic: 1 to 249 characters of `a-z A-Z 0-9 . _ -`, and neither `.` nor `..`.
///
/// The rule is Kafka's own (`Topic.validate`). Cloning is cheap.
///
/// ```
/// use wellspring::types::TopicName;
///
/// assert_eq!(TopicName::new("card.topups")?.as_str(), "card.topups");
/// assert!(TopicName::new("card topups").is_err());
/// # Ok::<(), wellspring::types::InvalidTopicName>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TopicName(Arc<str>);

/// The reason why a text is not the name of a topic.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct InvalidTopicName(topic::InvalidTopicName);

impl TopicName {
    /// Longest name Kafka accepts, in characters.
    pub const MAX_LEN: usize = topic::MAX_LEN;

    /// Checks `name` by Kafka's rules.
    ///
    /// # Errors
    /// When it is empty, too long, `.` or `..`, or has a character that Kafka does not allow.
    pub fn new(name: impl AsRef<str>) -> Result<Self, InvalidTopicName> {
        let name = name.as_ref();
        topic::check(name).map_err(InvalidTopicName)?;
        Ok(Self(name.into()))
    }

    /// Returns the name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TopicName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for TopicName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl AsRef<str> for TopicName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for TopicName {
    type Err = InvalidTopicName;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::new(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kafka_rules_decide_what_a_topic_name_is() {
        for good in ["a", "card.topups", "A_b-9", "...", &"x".repeat(249)] {
            assert!(TopicName::new(good).is_ok(), "{good}");
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
            assert!(TopicName::new(bad).is_err(), "{bad}");
        }
    }
}
