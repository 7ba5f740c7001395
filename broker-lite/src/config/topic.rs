//! Settings of topics: a topic's own override the broker's, and these Kafka's defaults.

use std::time::Duration;

use super::checked::Checked;
use super::{ConfigError, Settings, TOPIC_KEYS, TopicConfig, TopicKey};

/// Settings for creating and deleting topics, and the defaults of each topic.
#[derive(Debug, Clone)]
pub(crate) struct TopicDefaults {
    /// Partitions of a topic that is created without a number. From `num.partitions`.
    pub(crate) partitions: i32,
    /// Whether a request for a missing topic creates it. From `auto.create.topics.enable`.
    pub(crate) auto_create: bool,
    /// Whether topics can be deleted. From `delete.topic.enable`.
    pub(crate) deletable: bool,
    /// Interval of retention checks. From `log.retention.check.interval.ms`.
    pub(crate) retention_check: Duration,
    /// Time without a write after which an idempotent producer is forgotten. From
    /// `producer.id.expiration.ms`.
    pub(crate) producer_expiry: Duration,
    /// The most bytes that a batch is decompressed to. From `message.max.decompressed.bytes`.
    pub(crate) max_inflated_bytes: usize,
    /// The settings of a topic that overrides nothing.
    config: TopicConfig,
    /// The same as text, for DescribeConfigs.
    values: Settings,
}

impl TopicDefaults {
    /// Builds the defaults from the broker's settings, which have been checked.
    ///
    /// # Errors
    /// [`ConfigError`] if a value is allowed for the broker's setting and not for the topic's.
    pub(super) fn of(read: &Checked<'_>) -> Result<Self, ConfigError> {
        let mut values = Settings::new();
        let mut config = TopicConfig::default();
        let mut problems = Vec::new();
        for topic_key in TOPIC_KEYS {
            let TopicKey { key, broker, .. } = topic_key;
            let brokers = broker.and_then(|broker| broker_value(read, broker));
            if let Some(text) = brokers.as_deref().or(key.default) {
                problems.extend(topic_key.store(&mut config, text).err());
                values.set(key.name, text);
            }
        }
        ConfigError::check(problems)?;
        Ok(Self {
            partitions: read.count("num.partitions"),
            auto_create: read.flag("auto.create.topics.enable"),
            deletable: read.flag("delete.topic.enable"),
            retention_check: read.millis("log.retention.check.interval.ms"),
            producer_expiry: read.millis("producer.id.expiration.ms"),
            max_inflated_bytes: read.size("message.max.decompressed.bytes"),
            config,
            values,
        })
    }

    /// Checks the settings of one topic and gives them their types.
    ///
    /// # Errors
    /// [`ConfigError`] with every unknown key and every value out of range.
    pub(crate) fn resolve(&self, own: &Settings) -> Result<TopicConfig, ConfigError> {
        ConfigError::check(own.topic_problems(TOPIC_KEYS))?;
        let mut config = self.config;
        let store = |(name, text): (&str, &str)| {
            let key = TOPIC_KEYS.iter().find(|key| key.key.name == name)?;
            key.store(&mut config, text).err()
        };
        let problems = own.iter().filter_map(store).collect();
        ConfigError::check(problems)?;
        Ok(config)
    }

    /// Returns the value in force, as text, for a setting of a topic that has these of its own.
    pub(crate) fn value<'a>(&'a self, own: &'a Settings, key: &str) -> &'a str {
        own.get(key)
            .or_else(|| self.values.get(key))
            .unwrap_or_default()
    }
}

/// Returns the value of a broker setting. Retention and roll times exist in several units; the
/// finest one that is set counts.
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
    use super::*;
    use crate::config::{BROKER_KEYS, Config, Rule};

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
            .resolve(&set(&[("retention.msec", "1"), ("segment.bytes", "1")]))
            .unwrap_err();
        assert_eq!(error.problems().len(), 2, "{error}");
    }

    /// Values at the edges of what a rule allows.
    fn edges(rule: Rule) -> Vec<String> {
        let texts = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        match rule {
            Rule::Int { min, max } | Rule::Long { min, max } => {
                vec![min.to_string(), max.to_string()]
            }
            Rule::OneOf(words) => texts(words),
            Rule::ListOf(words) => texts(&[&["", &words.join(", ")], words].concat()),
            Rule::Ratio | Rule::Bool | Rule::Text | Rule::Folder | Rule::Listeners => Vec::new(),
        }
    }

    #[test]
    fn every_value_that_the_table_allows_can_be_stored() {
        for key in TOPIC_KEYS {
            let broker = BROKER_KEYS.iter().find(|one| key.broker == Some(one.name));
            for rule in [Some(key.key.rule), broker.map(|key| key.rule)] {
                for text in rule.map(edges).unwrap_or_default() {
                    let stored = key.store(&mut TopicConfig::default(), &text);
                    assert!(stored.is_ok(), "{}={text}", key.key.name);
                }
            }
        }
    }

    #[test]
    fn a_topics_own_settings_are_typed_over_the_brokers() {
        let defaults = defaults(&[("log.segment.bytes", "2000000"), ("log.retention.ms", "5")]);
        let config = defaults
            .resolve(&set(&[
                ("retention.ms", "-1"),
                ("cleanup.policy", "compact, delete"),
            ]))
            .unwrap();
        assert_eq!(
            (config.segment_bytes, config.retention_age),
            (2_000_000, None)
        );
        assert!(config.cleanup.compact && config.cleanup.delete);
    }
}
