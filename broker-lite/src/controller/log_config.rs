//! From a topic's settings to its log's.

use std::time::Duration;

use crate::config::{Settings, TopicDefaults};
use crate::log::{LogConfig, Retention, TimestampRules};
use crate::wire::record_batch::{Compression, TimestampType};

/// The log of a topic that has these settings of its own; they have been checked.
pub(super) fn log_config(defaults: &TopicDefaults, own: &Settings) -> LogConfig {
    let text = |key: &str| defaults.value(own, key);
    let number = |key: &str| text(key).parse::<i64>().unwrap_or_default();
    let size = |key: &str| u64::try_from(number(key)).unwrap_or_default();
    // -1 stands for "no limit", and so does the largest number there is.
    let limit = |key: &str| {
        u64::try_from(number(key))
            .ok()
            .filter(|limit| *limit < i64::MAX.unsigned_abs())
    };
    let span = |key: &str| limit(key).map(Duration::from_millis);
    let cleanup = |policy: &str| {
        text("cleanup.policy")
            .split(',')
            .any(|word| word.trim() == policy)
    };
    LogConfig {
        segment_bytes: match size("internal.segment.bytes") {
            0 => size("segment.bytes"),
            internal => internal,
        },
        segment_age: Duration::from_millis(size("segment.ms")),
        index_interval: size("index.interval.bytes"),
        max_batch_bytes: usize::try_from(size("max.message.bytes")).unwrap_or(usize::MAX),
        max_inflated_bytes: defaults.max_inflated_bytes,
        retention: Retention {
            age: span("retention.ms").filter(|_| cleanup("delete")),
            bytes: limit("retention.bytes").filter(|_| cleanup("delete")),
        },
        timestamps: TimestampRules {
            kind: match text("message.timestamp.type") {
                "LogAppendTime" => TimestampType::LogAppendTime,
                _ => TimestampType::CreateTime,
            },
            before_max: span("message.timestamp.before.max.ms"),
            after_max: span("message.timestamp.after.max.ms"),
        },
        compression: match text("compression.type") {
            "uncompressed" => Some(Compression::None),
            "gzip" => Some(Compression::Gzip),
            "snappy" => Some(Compression::Snappy),
            "lz4" => Some(Compression::Lz4),
            "zstd" => Some(Compression::Zstd),
            _ => None,
        },
        keys_required: cleanup("compact"),
        producer_expiry: defaults.producer_expiry,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn log_of(pairs: &[(&str, &str)]) -> LogConfig {
        let mut own = Settings::new();
        for (key, value) in pairs {
            own.set(*key, *value);
        }
        log_config(&Config::resolve(Settings::new()).unwrap().topics, &own)
    }

    #[test]
    fn kafkas_defaults_in_text_are_the_logs_own_defaults() {
        assert_eq!(log_of(&[]), LogConfig::default());
    }

    #[test]
    fn a_compacted_topic_needs_keys_and_drops_nothing_by_age() {
        let log = log_of(&[("cleanup.policy", "compact")]);
        assert!(log.keys_required);
        assert_eq!(
            log.retention,
            Retention {
                age: None,
                bytes: None
            }
        );
        let both = log_of(&[("cleanup.policy", "compact,delete")]);
        assert!(both.keys_required && both.retention.age.is_some());
    }

    #[test]
    fn a_topic_may_have_a_codec_of_its_own() {
        assert_eq!(
            log_of(&[("compression.type", "zstd")]).compression,
            Some(Compression::Zstd)
        );
        assert_eq!(
            log_of(&[("compression.type", "uncompressed")]).compression,
            Some(Compression::None)
        );
        assert_eq!(
            log_of(&[("compression.type", "producer")]).compression,
            None
        );
    }

    #[test]
    fn tests_may_have_segments_of_any_size() {
        assert_eq!(
            log_of(&[("segment.bytes", "2000000")]).segment_bytes,
            2_000_000
        );
        assert_eq!(
            log_of(&[
                ("segment.bytes", "2000000"),
                ("internal.segment.bytes", "512")
            ])
            .segment_bytes,
            512
        );
    }

    #[test]
    fn minus_one_is_no_limit() {
        assert_eq!(log_of(&[("retention.ms", "-1")]).retention.age, None);
        assert_eq!(log_of(&[("retention.bytes", "7")]).retention.bytes, Some(7));
    }
}
