//! Settings of topics: a topic's own, over the broker's, over Kafka's defaults.

use std::time::Duration;

use super::resolved::Checked;
use super::{ConfigError, Settings, TOPIC_KEYS, TopicKey};

/// How topics come and go, and the settings they start from.
#[derive(Debug, Clone)]
pub(crate) struct TopicDefaults {
    /// Partitions of a topic created without saying. From `num.partitions`.
    pub(crate) partitions: i32,
    /// Whether asking for a topic creates it. From `auto.create.topics.enable`.
    pub(crate) auto_create: bool,
    /// Whether topics can be deleted. From `delete.topic.enable`.
    pub(crate) deletable: bool,
    /// How often retention runs. From `log.retention.check.interval.ms`.
    pub(crate) retention_check: Duration,
    /// An idempotent producer that is silent for so long is forgotten. From
    /// `producer.id.expiration.ms`.
    pub(crate) producer_expiry: Duration,
    /// Most bytes that a batch is decompressed to. From `message.max.decompressed.bytes`.
    pub(crate) max_inflated_bytes: usize,
    /// The value of every topic setting that a topic does not override.
    values: Settings,
}

impl TopicDefaults {
    pub(super) fn of(read: &Checked<'_>) -> Self {
        let mut values = Settings::new();
        for TopicKey { key, broker } in TOPIC_KEYS {
            let brokers = broker.and_then(|broker| broker_value(read, broker));
            if let Some(text) = brokers.as_deref().or(key.default) {
                values.set(key.name, text);
            }
        }
        Self {
            partitions: read.count("num.partitions"),
            auto_create: read.flag("auto.create.topics.enable"),
            deletable: read.flag("delete.topic.enable"),
            retention_check: read.millis("log.retention.check.interval.ms"),
            producer_expiry: read.millis("producer.id.expiration.ms"),
            max_inflated_bytes: read.size("message.max.decompressed.bytes"),
            values,
        }
    }

    /// Checks what somebody wants to set on one topic.
    ///
    /// # Errors
    /// [`ConfigError`] with every unknown key and every value out of range.
    pub(crate) fn check(&self, own: &Settings) -> Result<(), ConfigError> {
        ConfigError::check(own.topic_problems(TOPIC_KEYS))
    }

    /// The value in force for a setting of a topic that has these of its own.
    pub(crate) fn value<'a>(&'a self, own: &'a Settings, key: &str) -> &'a str {
        own.get(key)
            .or_else(|| self.values.get(key))
            .unwrap_or_default()
    }
}

/// Retention and roll times may be given in several units; the finest that is given counts.
fn broker_value(read: &Checked<'_>, key: &str) -> Option<String> {
    const MINUTE: i64 = 60_000;
    let coarser: &[(&str, i64)] = match key {
        "log.retention.ms" => &[
            ("log.retention.minutes", MINUTE),
            ("log.retention.hours", 60 * MINUTE),
        ],
        "log.roll.ms" => &[("log.roll.hours", 60 * MINUTE)],
        _ => &[],
    };
    let scaled = |(key, unit): &(&str, i64)| {
        let count = read.number(key)?;
        Some(if count < 0 {
            "-1".to_owned()
        } else {
            count.saturating_mul(*unit).to_string()
        })
    };
    read.text(key)
        .map(str::to_owned)
        .or_else(|| coarser.iter().find_map(scaled))
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;

    fn set(pairs: &[(&str, &str)]) -> Settings {
        let mut settings = Settings::new();
        for (key, value) in pairs {
            settings.set(*key, *value);
        }
        settings
    }

    fn defaults(pairs: &[(&str, &str)]) -> TopicDefaults {
        Config::resolve(set(pairs)).unwrap().topics
    }

    #[test]
    fn a_topics_own_setting_comes_before_the_brokers() {
        let defaults = defaults(&[("log.segment.bytes", "2000000"), ("log.retention.ms", "5")]);
        let own = set(&[("segment.bytes", "4000000")]);
        assert_eq!(defaults.value(&own, "segment.bytes"), "4000000");
        assert_eq!(defaults.value(&own, "retention.ms"), "5");
        assert_eq!(defaults.value(&own, "max.message.bytes"), "1048588");
    }

    #[test]
    fn the_finest_unit_of_retention_wins() {
        let age = |pairs| {
            defaults(pairs)
                .value(&Settings::new(), "retention.ms")
                .to_owned()
        };
        assert_eq!(age(&[("log.retention.hours", "1")]), "3600000");
        assert_eq!(
            age(&[("log.retention.hours", "1"), ("log.retention.minutes", "2")]),
            "120000"
        );
        assert_eq!(
            age(&[("log.retention.minutes", "2"), ("log.retention.ms", "-1")]),
            "-1"
        );
    }

    #[test]
    fn unknown_and_impossible_settings_are_all_named() {
        let error = defaults(&[])
            .check(&set(&[("retention.msec", "1"), ("segment.bytes", "1")]))
            .unwrap_err();
        assert_eq!(error.problems().len(), 2, "{error}");
    }
}
