//! Topics and their partitions: names, numbers and ids.

use std::fmt;
use std::sync::Arc;

use uuid::Uuid;

/// The name of a topic: 1 to 249 characters of `[a-zA-Z0-9._-]`, other than `.` and `..`. Cheap to
/// clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicName(Arc<str>);

impl TopicName {
    /// Longest name Kafka allows: a partition's folder must fit in a file name.
    pub const MAX_LEN: usize = 249;

    /// Checks a name.
    ///
    /// # Errors
    ///
    /// [`InvalidTopicName`] says which of Kafka's rules the text breaks.
    pub fn new(text: &str) -> Result<Self, InvalidTopicName> {
        if text.is_empty() {
            return Err(InvalidTopicName::Empty);
        }
        if text == "." || text == ".." {
            return Err(InvalidTopicName::Dots);
        }
        if text.len() > Self::MAX_LEN {
            return Err(InvalidTopicName::TooLong { length: text.len() });
        }
        match text
            .chars()
            .find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')))
        {
            Some(found) => Err(InvalidTopicName::Character { found }),
            None => Ok(Self(text.into())),
        }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for TopicName {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl std::borrow::Borrow<str> for TopicName {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Debug for TopicName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

impl fmt::Display for TopicName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The reason why a text is not a topic name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTopicName {
    /// The text is empty.
    #[error("a topic name can't be empty")]
    Empty,
    /// `.` and `..` are folders.
    #[error("a topic can't be named '.' or '..'")]
    Dots,
    /// More than 249 bytes.
    #[error("a topic name has at most 249 characters, this one has {length}")]
    TooLong {
        /// Length of the text in bytes.
        length: usize,
    },
    /// A character that Kafka does not allow.
    #[error("a topic name consists of ASCII letters, digits, '.', '_' and '-', not {found:?}")]
    Character {
        /// The first such character.
        found: char,
    },
}

/// The number of a partition in its topic, from 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartitionId(pub i32);

impl fmt::Display for PartitionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Tells a topic from another of the same name (KIP-516). Random, and never zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicId(Uuid);

impl TopicId {
    /// A new id, unlike any other.
    #[must_use]
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }

    /// The id with these bytes, or `None` for the zero id, which stands for "no id" in the
    /// protocol.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Option<Self> {
        Some(Uuid::from_bytes(bytes))
            .filter(|id| !id.is_nil())
            .map(Self)
    }

    /// The id as the protocol sends it.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0.into_bytes()
    }

    /// Reads what `Display` wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Uuid::parse_str(text)
            .ok()
            .filter(|id| !id.is_nil())
            .map(Self)
    }
}

impl fmt::Display for TopicId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One partition of one topic.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicPartition {
    /// The topic.
    pub topic: TopicName,
    /// The partition's number in it.
    pub partition: PartitionId,
}

impl TopicPartition {
    /// Partition `partition` of `topic`.
    #[must_use]
    pub const fn new(topic: TopicName, partition: PartitionId) -> Self {
        Self { topic, partition }
    }
}

impl fmt::Debug for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// `orders-3`: also the name of the partition's folder.
impl fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.topic, self.partition)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kafkas_rules_for_names_hold() {
        for good in [
            "a",
            "orders.v1",
            "A_b-3",
            "...",
            "__consumer_offsets",
            &"x".repeat(249),
        ] {
            assert_eq!(
                TopicName::new(good).map(|name| name.to_string()),
                Ok(good.to_owned())
            );
        }
        for (bad, why) in [
            ("", InvalidTopicName::Empty),
            (".", InvalidTopicName::Dots),
            ("..", InvalidTopicName::Dots),
            ("topic$#!", InvalidTopicName::Character { found: '$' }),
            ("grün", InvalidTopicName::Character { found: 'ü' }),
            ("a/b", InvalidTopicName::Character { found: '/' }),
            (&"x".repeat(250), InvalidTopicName::TooLong { length: 250 }),
        ] {
            assert_eq!(TopicName::new(bad), Err(why), "{bad:?}");
        }
    }

    #[test]
    fn a_topic_id_is_never_zero_and_reads_back() {
        assert_eq!(TopicId::from_bytes([0; 16]), None);
        let id = TopicId::random();
        assert_eq!(TopicId::from_bytes(id.to_bytes()), Some(id));
        assert_eq!(TopicId::parse(&id.to_string()), Some(id));
    }
}
