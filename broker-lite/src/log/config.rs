//! The settings of one log. Names and defaults are Kafka's topic settings.

use std::time::Duration;

use crate::wire::record_batch::{Compression, TimestampType};

/// How one log takes, keeps and drops records.
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
    /// When old segments go.
    pub(crate) retention: Retention,
    /// What a record's time means and may be.
    pub(crate) timestamps: TimestampRules,
    /// What the log stores. Default: what the producer sent (`None`). From `compression.type`.
    pub(crate) compression: Option<Compression>,
    /// Whether every record needs a key. Default: no. True when `cleanup.policy` contains
    /// `compact`.
    pub(crate) keys_required: bool,
    /// An idempotent producer that was silent this long is forgotten. Default: 1 day.
    /// From `producer.id.expiration.ms`.
    pub(crate) producer_expiry: Duration,
}

/// When old segments go, whether or not anyone consumed them. `None` keeps them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Retention {
    /// Age of the newest record of a segment. Default: 7 days. From `retention.ms`.
    pub(crate) age: Option<Duration>,
    /// Bytes of a partition that always stay. Default: no limit. From `retention.bytes`.
    pub(crate) bytes: Option<u64>,
}

/// What a record's time means and may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TimestampRules {
    /// Who sets it. Default: the producer. From `message.timestamp.type`.
    pub(crate) kind: TimestampType,
    /// How far it may lie in the past. Default: no limit. From `message.timestamp.before.max.ms`
    /// (KIP-937).
    pub(crate) before_max: Option<Duration>,
    /// How far it may lie in the future. Default: 1 hour. From `message.timestamp.after.max.ms`
    /// (KIP-937).
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
