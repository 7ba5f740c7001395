//! The settings of one topic, typed.
//!
//! A row of the table of topic settings checks a text and stores it in its field in one step, so
//! what was checked is not parsed a second time. A setting without effect has no field.

use std::time::Duration;

/// The settings of one topic that have an effect. Every field is in force: a topic's own setting,
/// or else the broker's, or else Kafka's default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct TopicConfig {
    /// The treatment of old records. From `cleanup.policy`.
    pub(crate) cleanup: CleanupPolicy,
    /// Compression of stored batches. From `compression.type`.
    pub(crate) compression: CompressionType,
    /// Bytes between two entries of an index. From `index.interval.bytes`.
    pub(crate) index_interval: u64,
    /// Size of a segment for tests, in bytes; 0 leaves it to `segment_bytes`. From
    /// `internal.segment.bytes`.
    pub(crate) internal_segment_bytes: u64,
    /// Largest batch in bytes, compressed. From `max.message.bytes`.
    pub(crate) max_message_bytes: usize,
    /// The source of a record's time. From `message.timestamp.type`.
    pub(crate) timestamp_type: TimestampSource,
    /// Longest time that a record's time may lie in the past. From
    /// `message.timestamp.before.max.ms`.
    pub(crate) timestamp_before_max: Limit<Duration>,
    /// Longest time that a record's time may lie in the future. From
    /// `message.timestamp.after.max.ms`.
    pub(crate) timestamp_after_max: Limit<Duration>,
    /// Age at which a segment is deleted. From `retention.ms`.
    pub(crate) retention_age: Limit<Duration>,
    /// Bytes of a partition beyond which its oldest segments are deleted. From `retention.bytes`.
    pub(crate) retention_bytes: Limit<u64>,
    /// Size in bytes at which a segment is closed. From `segment.bytes`.
    pub(crate) segment_bytes: u64,
    /// Age at which a segment is closed. From `segment.ms`.
    pub(crate) segment_age: Duration,
}

/// The treatment of old records: both, either or neither of these.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct CleanupPolicy {
    /// Old segments are deleted.
    pub(crate) delete: bool,
    /// The latest record of each key is kept, so every record needs a key.
    pub(crate) compact: bool,
}

/// Compression of stored batches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum CompressionType {
    /// As the producer compressed them.
    #[default]
    Producer,
    Uncompressed,
    Gzip,
    Snappy,
    Lz4,
    Zstd,
}

/// The source of a record's time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum TimestampSource {
    /// The producer.
    #[default]
    CreateTime,
    /// The broker, when it appends the record.
    LogAppendTime,
}

/// An upper bound, or `None` for no bound.
pub(crate) type Limit<T> = Option<T>;

/// Parses the text of a topic setting into its field.
pub(super) fn put<T: SettingValue>(field: &mut T, text: &str) -> Option<()> {
    *field = T::parse(text)?;
    Some(())
}

/// A type that a topic setting can have.
pub(super) trait SettingValue: Sized {
    /// Returns the value that a text stands for, or `None` if it is not one.
    fn parse(text: &str) -> Option<Self>;
}

impl SettingValue for u64 {
    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl SettingValue for usize {
    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

/// In milliseconds.
impl SettingValue for Duration {
    fn parse(text: &str) -> Option<Self> {
        text.parse().ok().map(Self::from_millis)
    }
}

impl SettingValue for Limit<u64> {
    fn parse(text: &str) -> Option<Self> {
        let number: i64 = text.parse().ok()?;
        // -1 stands for "no limit", and so does the largest number there is.
        Some(u64::try_from(number).ok().filter(|_| number < i64::MAX))
    }
}

/// In milliseconds.
impl SettingValue for Limit<Duration> {
    fn parse(text: &str) -> Option<Self> {
        Some(Limit::<u64>::parse(text)?.map(Duration::from_millis))
    }
}

impl SettingValue for CleanupPolicy {
    fn parse(text: &str) -> Option<Self> {
        let mut policy = Self::default();
        for word in text.split(',').map(str::trim) {
            match word {
                "delete" => policy.delete = true,
                "compact" => policy.compact = true,
                // Kafka takes an empty list: such a topic keeps everything.
                "" => {}
                _ => return None,
            }
        }
        Some(policy)
    }
}

impl SettingValue for CompressionType {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "producer" => Self::Producer,
            "uncompressed" => Self::Uncompressed,
            "gzip" => Self::Gzip,
            "snappy" => Self::Snappy,
            "lz4" => Self::Lz4,
            "zstd" => Self::Zstd,
            _ => return None,
        })
    }
}

impl SettingValue for TimestampSource {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "CreateTime" => Self::CreateTime,
            "LogAppendTime" => Self::LogAppendTime,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minus_one_and_the_largest_number_are_no_limit() {
        for text in ["-1", "9223372036854775807"] {
            assert_eq!(Limit::<u64>::parse(text), Some(None));
        }
        assert_eq!(
            Limit::<Duration>::parse("7"),
            Some(Some(Duration::from_millis(7)))
        );
    }

    #[test]
    fn a_text_that_is_no_value_is_not_taken_for_a_default() {
        assert_eq!(u64::parse("some"), None);
        assert_eq!(Limit::<Duration>::parse("for ever"), None);
        assert_eq!(CleanupPolicy::parse("delete,archive"), None);
        assert_eq!(CompressionType::parse("rar"), None);
        assert_eq!(TimestampSource::parse("createtime"), None);
    }
}
