//! Reports a topic that a test uses and that does not exist.

use std::time::Duration;

use wellspring_grammar::nearest::nearest;

use super::kafka::TestKafka;
use crate::client::Admin;
use crate::types::TopicName;

/// Longest wait for the list of topics.
const METADATA_TIMEOUT: Duration = Duration::from_secs(5);

impl TestKafka {
    /// Returns what to do about a topic that does not exist; `None` when it exists.
    pub(super) async fn missing(&self, topic: &TopicName) -> Option<String> {
        let admin = Admin::new(&self.admin_properties()).ok()?;
        let topics = admin.topics(METADATA_TIMEOUT).await.ok()?;
        if topics.contains_key(topic.as_str()) {
            return None;
        }
        let own: Vec<&str> = topics
            .keys()
            .map(String::as_str)
            .filter(|name| !name.starts_with("__"))
            .collect();
        let there = if own.is_empty() {
            "there is none".to_owned()
        } else {
            format!("there are: {}", own.join(", "))
        };
        let meant = nearest(topic.as_str(), own.iter().copied());
        let meant = meant.map_or_else(String::new, |meant| format!("; did you mean {meant:?}?"));
        Some(format!(
            "there is no topic {topic} ({there}{meant}). A test's Kafka has the topics that it declares: name it in \
             #[wellspring::test(topics = \"…\")] or call `kafka.create_topic`, or let the broker make what is asked for \
             with settings(\"auto.create.topics.enable\" = \"true\")"
        ))
    }
}
