//! The settings of one log. Names and defaults are Kafka's topic settings.

use std::time::Duration;

use crate::config::{CompressionType, TimestampSource, TopicConfig, TopicDefaults};
use crate::wire::record_batch::{Compression, TimestampType};

/// Settings of one log: what it accepts, how it stores it and how long it keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LogConfig {
    /// A segment that would grow beyond this many bytes is closed. Default: 1 GiB. From
    /// `segment.bytes`.
    pub(crate) segment_bytes: u64,
    /// A segment whose first record is this old is closed by the next. Default: 7 days. From
    /// `segment.ms`.
    pub(crate) segment_age: Duration,
    /// Bytes between two entries of an index. Default: 4096. From `index.interval.bytes`.
    pub(crate) index_interval: u64,
    /// Largest batch a client may send, compressed. Default: 1 MiB and 12 bytes. From
    /// `max.message.bytes`.
    pub(crate) max_batch_bytes: usize,
    /// Largest batch a client may send, decompressed. Default: 1 GiB. From
    /// `message.max.decompressed.bytes`.
    pub(crate) max_inflated_bytes: usize,
    /// The limits beyond which old segments are deleted.
    pub(crate) retention: Retention,
    /// Rules for the times of records.
    pub(crate) timestamps: TimestampRules,
    /// Compression of stored batches. Default: as the producer sent them (`None`). From
    /// `compression.type`.
    pub(crate) compression: Option<Compression>,
    /// Whether every record needs a key. Default: no. True when `cleanup.policy` contains
    /// `compact`.
    pub(crate) keys_required: bool,
    /// An idempotent producer that was silent this long is forgotten. Default: 1 day.
    /// From `producer.id.expiration.ms`.
    pub(crate) producer_expiry: Duration,
}

impl LogConfig {
    /// The configuration of a topic's logs, with what the broker's settings say for all topics.
    pub(crate) fn new(topic: &TopicConfig, broker: &TopicDefaults) -> Self {
        Self {
            segment_bytes: match topic.internal_segment_bytes {
                0 => topic.segment_bytes,
                internal => internal,
            },
            segment_age: topic.segment_age,
            index_interval: topic.index_interval,
            max_batch_bytes: topic.max_message_bytes,
            max_inflated_bytes: broker.max_inflated_bytes,
            // As in Kafka, the limits count only where the policy says that segments are deleted.
            retention: Retention {
                age: topic.retention_age.filter(|_| topic.cleanup.delete),
                bytes: topic.retention_bytes.filter(|_| topic.cleanup.delete),
            },
            timestamps: TimestampRules {
                kind: match topic.timestamp_type {
                    TimestampSource::CreateTime => TimestampType::CreateTime,
                    TimestampSource::LogAppendTime => TimestampType::LogAppendTime,
                },
                before_max: topic.timestamp_before_max,
                after_max: topic.timestamp_after_max,
            },
            compression: match topic.compression {
                CompressionType::Producer => None,
                CompressionType::Uncompressed => Some(Compression::None),
                CompressionType::Gzip => Some(Compression::Gzip),
                CompressionType::Snappy => Some(Compression::Snappy),
                CompressionType::Lz4 => Some(Compression::Lz4),
                CompressionType::Zstd => Some(Compression::Zstd),
            },
            keys_required: topic.cleanup.compact,
            producer_expiry: broker.producer_expiry,
        }
    }
}

/// Limits beyond which old segments are deleted, consumed or not. `None` is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Retention {
    /// Age of the newest record of a segment. Default: 7 days. From `retention.ms`.
    pub(crate) age: Option<Duration>,
    /// Bytes of a partition that always stay. Default: no limit. From `retention.bytes`.
    pub(crate) bytes: Option<u64>,
}

/// Rules for the times of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TimestampRules {
    /// Set by the producer or by the broker. Default: the producer. From `message.timestamp.type`.
    pub(crate) kind: TimestampType,
    /// Longest time that it may lie in the past. Default: no limit. From
    /// `message.timestamp.before.max.ms` (KIP-937).
    pub(crate) before_max: Option<Duration>,
    /// Longest time that it may lie in the future. Default: 1 hour. From
    /// `message.timestamp.after.max.ms` (KIP-937).
    pub(crate) after_max: Option<Duration>,
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            segment_bytes: 1 << 30,
            segment_age: 7 * DAY,
            index_interval: 4096,
            max_batch_bytes: (1 << 20) + 12,
            max_inflated_bytes: 1 << 30,
            retention: Retention {
                age: Some(7 * DAY),
                bytes: None,
            },
            timestamps: TimestampRules {
                kind: TimestampType::CreateTime,
                before_max: None,
                after_max: Some(Duration::from_secs(60 * 60)),
            },
            compression: None,
            keys_required: false,
            producer_expiry: DAY,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Settings};

    fn log_of(pairs: &[(&str, &str)]) -> LogConfig {
        let mut own = Settings::new();
        for (key, value) in pairs {
            own.set(*key, *value);
        }
        let defaults = Config::resolve(Settings::new()).unwrap().topics;
        LogConfig::new(&defaults.resolve(&own).unwrap(), &defaults)
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
