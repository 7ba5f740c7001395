//! The topics and broker settings that a test asks for.

use crate::types::TopicName;

/// The topics of a test and the settings of its broker. The settings are Kafka's defaults except
/// for `auto.create.topics.enable`, which is false, so that a typo in a topic is an error.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct Spec {
    topics: String,
    settings: Vec<(String, String)>,
}

/// A text does not name topics.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} in the topics of a test: {reason}; write \"orders:4, other\" (a topic has one partition unless it says more)"
)]
pub struct InvalidSpec {
    text: String,
    reason: String,
}

impl Spec {
    /// These topics, as `name:partitions` separated by commas; one partition where none is said.
    pub fn new(topics: impl Into<String>) -> Self {
        Self {
            topics: topics.into(),
            settings: Vec::new(),
        }
    }

    /// A setting of the broker, by Kafka's name.
    pub fn setting(mut self, name: impl Into<String>, value: impl ToString) -> Self {
        self.settings.push((name.into(), value.to_string()));
        self
    }

    pub(super) fn settings(&self) -> &[(String, String)] {
        &self.settings
    }

    /// The topics with their partitions.
    ///
    /// # Errors
    /// When a part of the text does not name a topic.
    pub fn topics(&self) -> Result<Vec<(TopicName, u16)>, InvalidSpec> {
        let parts = self
            .topics
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty());
        parts.map(topic).collect()
    }
}

fn topic(text: &str) -> Result<(TopicName, u16), InvalidSpec> {
    let invalid = |reason: String| InvalidSpec {
        text: text.to_owned(),
        reason,
    };
    let (name, partitions) = match text.split_once(':') {
        None => (text, 1),
        Some((name, number)) => match number.trim().parse() {
            Ok(partitions) if partitions > 0 => (name.trim(), partitions),
            _ => {
                return Err(invalid(format!(
                    "{number:?} is not a number of partitions from 1 to 65535"
                )));
            }
        },
    };
    let name = TopicName::new(name).map_err(|error| invalid(error.to_string()))?;
    Ok((name, partitions))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_are_names_with_partitions() {
        let topics = Spec::new("orders:4, other ,third:1,").topics().unwrap();
        let topics: Vec<(&str, u16)> = topics
            .iter()
            .map(|(name, count)| (name.as_str(), *count))
            .collect();
        assert_eq!(topics, [("orders", 4), ("other", 1), ("third", 1)]);
        assert_eq!(Spec::new("").topics(), Ok(Vec::new()));
    }

    #[test]
    fn what_is_no_topic_is_refused() {
        for bad in ["orders:0", "orders:many", "a b", ":4", "orders:70000"] {
            assert!(Spec::new(bad).topics().is_err(), "{bad}");
        }
    }
}
