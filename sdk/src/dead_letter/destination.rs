//! The topic for the dead letters of a topic.

use super::DeadLetterError;
use crate::types::{DLT_SUFFIX, TopicName};

/// The topic for dead letters of `source`: the one that was named, or `<source>-dlt`.
///
/// # Errors
/// When that is no valid name, or is `source` itself.
///
/// ```
/// use wellspring::dead_letter::destination;
/// use wellspring::types::TopicName;
///
/// let topups = TopicName::new("card.topups")?;
/// assert_eq!(destination(&topups, None)?.as_str(), "card.topups-dlt");
/// assert!(destination(&topups, Some(&topups)).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn destination(
    source: &TopicName,
    named: Option<&TopicName>,
) -> Result<TopicName, DeadLetterError> {
    match named {
        Some(topic) if topic == source => Err(DeadLetterError::SameTopic {
            topic: topic.clone(),
        }),
        Some(topic) => Ok(topic.clone()),
        None => TopicName::new(format!("{source}{DLT_SUFFIX}")).map_err(|error| {
            DeadLetterError::Destination {
                source_topic: source.clone(),
                source: error,
            }
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_without_room_for_the_suffix_needs_a_topic_of_its_own() {
        let long = TopicName::new("x".repeat(TopicName::MAX_LEN)).unwrap();
        let error = destination(&long, None).unwrap_err().to_string();
        assert!(
            error.ends_with("has no dead-letter topic: name one with `dead_letter = \"...\"`"),
            "{error}"
        );
    }

    #[test]
    fn the_dead_letters_of_dead_letters_have_a_topic_too() {
        let dlt = TopicName::new("orders-dlt").unwrap();
        assert_eq!(destination(&dlt, None).unwrap().as_str(), "orders-dlt-dlt");
    }
}
