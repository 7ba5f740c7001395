//! The table of topic settings: each row checks a text and stores it in its field.

use super::key::{
    CLEANUP, COMPRESSION, FOREVER, GZIP_LEVEL, Key, LZ4_LEVEL, MEBIBYTE, TIMESTAMP_TYPE,
    ZSTD_LEVEL, int, key, long,
};
use crate::config::topic_config::{TopicConfig, put};
use crate::config::{Problem, Rule};

/// A setting of a topic, and the broker's setting that it falls back to.
#[derive(Debug)]
pub(crate) struct TopicKey {
    pub(crate) key: Key,
    /// The broker's name for the same thing, if it has one.
    pub(crate) broker: Option<&'static str>,
    /// Parses a text and stores it in its field; `None` if the text is not a value of this key.
    set: SetField,
}

type SetField = fn(&mut TopicConfig, &str) -> Option<()>;

impl TopicKey {
    /// Stores a value in its field.
    ///
    /// # Errors
    /// [`Problem::BadValue`] if the text is not a value of this key.
    pub(in crate::config) fn store(
        &self,
        config: &mut TopicConfig,
        text: &str,
    ) -> Result<(), Problem> {
        (self.set)(config, text).ok_or_else(|| Problem::BadValue {
            key: self.key.name,
            value: text.into(),
            allowed: self.key.rule.to_string(),
        })
    }

    const fn sets(self, set: SetField) -> Self {
        Self { set, ..self }
    }
}

const fn topic(
    name: &'static str,
    rule: Rule,
    default: &'static str,
    broker: &'static str,
    doc: &'static str,
) -> TopicKey {
    TopicKey {
        key: key(name, rule, default, doc),
        broker: Some(broker),
        set: |_, _| Some(()),
    }
}

const fn topic_only(
    name: &'static str,
    rule: Rule,
    default: &'static str,
    doc: &'static str,
) -> TopicKey {
    TopicKey {
        key: key(name, rule, default, doc),
        broker: None,
        set: |_, _| Some(()),
    }
}

const THROTTLED: &str = "No effect: there is no other replica to be throttled.";
const TIERED: &str = "No effect: there is no remote storage.";

/// Settings of a topic.
pub(crate) const TOPIC_KEYS: &[TopicKey] = &[
    topic(
        "cleanup.policy",
        CLEANUP,
        "delete",
        "log.cleanup.policy",
        "delete drops old segments. compact takes records with a key only, and keeps them all for now.",
    )
    .sets(|config, text| put(&mut config.cleanup, text)),
    topic(
        "compression.gzip.level",
        GZIP_LEVEL,
        "-1",
        "compression.gzip.level",
        "No effect: a codec has one level here.",
    ),
    topic(
        "compression.lz4.level",
        LZ4_LEVEL,
        "9",
        "compression.lz4.level",
        "No effect: a codec has one level here.",
    ),
    topic(
        "compression.type",
        COMPRESSION,
        "producer",
        "compression.type",
        "How batches are stored: as the producer compressed them, or all in the same way.",
    )
    .sets(|config, text| put(&mut config.compression, text)),
    topic(
        "compression.zstd.level",
        ZSTD_LEVEL,
        "3",
        "compression.zstd.level",
        "No effect: a codec has one level here.",
    ),
    topic(
        "delete.retention.ms",
        long(0),
        "86400000",
        "log.cleaner.delete.retention.ms",
        "No effect: nothing is compacted yet.",
    ),
    topic(
        "file.delete.delay.ms",
        long(0),
        "60000",
        "log.segment.delete.delay.ms",
        "No effect: what is deleted goes at once.",
    ),
    topic(
        "flush.messages",
        long(1),
        FOREVER,
        "log.flush.interval.messages",
        "No effect: flushing is left to the operating system, so written records survive the process and not a power cut.",
    ),
    topic(
        "flush.ms",
        long(0),
        FOREVER,
        "log.flush.interval.ms",
        "No effect, as for flush.messages.",
    ),
    topic_only(
        "follower.replication.throttled.replicas",
        Rule::Text,
        "",
        THROTTLED,
    ),
    topic(
        "index.interval.bytes",
        int(0),
        "4096",
        "log.index.interval.bytes",
        "Bytes of records between two entries of an index.",
    )
    .sets(|config, text| put(&mut config.index_interval, text)),
    topic_only(
        "internal.segment.bytes",
        int(0),
        "0",
        "Size at which a segment is closed, for tests: any size, and 0 for what segment.bytes says.",
    )
    .sets(|config, text| put(&mut config.internal_segment_bytes, text)),
    topic_only(
        "leader.replication.throttled.replicas",
        Rule::Text,
        "",
        THROTTLED,
    ),
    topic_only("local.retention.bytes", long(-2), "-2", TIERED),
    topic_only("local.retention.ms", long(-2), "-2", TIERED),
    topic(
        "max.compaction.lag.ms",
        long(1),
        FOREVER,
        "log.cleaner.max.compaction.lag.ms",
        "No effect: nothing is compacted yet.",
    ),
    topic(
        "max.message.bytes",
        int(0),
        "1048588",
        "message.max.bytes",
        "Largest batch, compressed.",
    )
    .sets(|config, text| put(&mut config.max_message_bytes, text)),
    topic(
        "message.timestamp.after.max.ms",
        long(0),
        "3600000",
        "log.message.timestamp.after.max.ms",
        "How far a record's time may lie in the future.",
    )
    .sets(|config, text| put(&mut config.timestamp_after_max, text)),
    topic(
        "message.timestamp.before.max.ms",
        long(0),
        FOREVER,
        "log.message.timestamp.before.max.ms",
        "How far a record's time may lie in the past.",
    )
    .sets(|config, text| put(&mut config.timestamp_before_max, text)),
    topic(
        "message.timestamp.type",
        TIMESTAMP_TYPE,
        "CreateTime",
        "log.message.timestamp.type",
        "Whether a record's time is the producer's or the broker's.",
    )
    .sets(|config, text| put(&mut config.timestamp_type, text)),
    topic(
        "min.cleanable.dirty.ratio",
        Rule::Ratio,
        "0.5",
        "log.cleaner.min.cleanable.ratio",
        "No effect: nothing is compacted yet.",
    ),
    topic(
        "min.compaction.lag.ms",
        long(0),
        "0",
        "log.cleaner.min.compaction.lag.ms",
        "No effect: nothing is compacted yet.",
    ),
    topic(
        "min.insync.replicas",
        int(1),
        "1",
        "min.insync.replicas",
        "No effect: acks=all waits for this many replicas or for all there are, and there is one.",
    ),
    topic(
        "preallocate",
        Rule::Bool,
        "false",
        "log.preallocate",
        "No effect: segments grow as they are written.",
    ),
    topic_only("remote.log.copy.disable", Rule::Bool, "false", TIERED),
    topic_only("remote.log.delete.on.disable", Rule::Bool, "false", TIERED),
    topic_only(
        "remote.storage.enable",
        Rule::OneOf(&["false"]),
        "false",
        "There is no remote storage.",
    ),
    topic(
        "retention.bytes",
        long(-1),
        "-1",
        "log.retention.bytes",
        "Bytes of a partition beyond which its oldest segments go; -1 for no limit.",
    )
    .sets(|config, text| put(&mut config.retention_bytes, text)),
    topic(
        "retention.ms",
        long(-1),
        "604800000",
        "log.retention.ms",
        "Age at which a segment goes; -1 for no limit.",
    )
    .sets(|config, text| put(&mut config.retention_age, text)),
    topic(
        "segment.bytes",
        int(MEBIBYTE),
        "1073741824",
        "log.segment.bytes",
        "Size at which a segment is closed.",
    )
    .sets(|config, text| put(&mut config.segment_bytes, text)),
    topic(
        "segment.index.bytes",
        int(4),
        "10485760",
        "log.index.size.max.bytes",
        "No effect: an index grows as it needs to.",
    ),
    topic(
        "segment.jitter.ms",
        long(0),
        "0",
        "log.roll.jitter.ms",
        "No effect: segments are closed on time.",
    ),
    topic(
        "segment.ms",
        long(1),
        "604800000",
        "log.roll.ms",
        "Age at which a segment is closed.",
    )
    .sets(|config, text| put(&mut config.segment_age, text)),
    topic(
        "unclean.leader.election.enable",
        Rule::Bool,
        "false",
        "unclean.leader.election.enable",
        "No effect: the only replica leads.",
    ),
];
