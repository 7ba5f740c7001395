//! Settings of partition logs: mostly the defaults of topic settings, under the broker's names.

use super::key::{
    CLEANUP, COMPRESSION, FOREVER, GZIP_LEVEL, Key, LZ4_LEVEL, MEBIBYTE, TIMESTAMP_TYPE,
    ZSTD_LEVEL, int, key, long, unset,
};
use crate::config::Rule;

/// By name.
pub(super) const KEYS: &[Key] = &[
    key(
        "compression.gzip.level",
        GZIP_LEVEL,
        "-1",
        "No effect: a codec has one level here.",
    ),
    key(
        "compression.lz4.level",
        LZ4_LEVEL,
        "9",
        "No effect: a codec has one level here.",
    ),
    key(
        "compression.type",
        COMPRESSION,
        "producer",
        "How batches are stored: as the producer compressed them, or all in the same way.",
    ),
    key(
        "compression.zstd.level",
        ZSTD_LEVEL,
        "3",
        "No effect: a codec has one level here.",
    ),
    key(
        "log.cleaner.delete.retention.ms",
        long(0),
        "86400000",
        "Default of a topic's delete.retention.ms.",
    ),
    key(
        "log.cleaner.max.compaction.lag.ms",
        long(1),
        FOREVER,
        "Default of a topic's max.compaction.lag.ms.",
    ),
    key(
        "log.cleaner.min.cleanable.ratio",
        Rule::Ratio,
        "0.5",
        "Default of a topic's min.cleanable.dirty.ratio.",
    ),
    key(
        "log.cleaner.min.compaction.lag.ms",
        long(0),
        "0",
        "Default of a topic's min.compaction.lag.ms.",
    ),
    key(
        "log.cleanup.policy",
        CLEANUP,
        "delete",
        "Default of a topic's cleanup.policy.",
    ),
    key(
        "log.flush.interval.messages",
        long(1),
        FOREVER,
        "Default of a topic's flush.messages.",
    ),
    unset(
        "log.flush.interval.ms",
        long(0),
        "Default of a topic's flush.ms.",
    ),
    key(
        "log.index.interval.bytes",
        int(0),
        "4096",
        "Default of a topic's index.interval.bytes.",
    ),
    key(
        "log.index.size.max.bytes",
        int(4),
        "10485760",
        "Default of a topic's segment.index.bytes.",
    ),
    key(
        "log.message.timestamp.after.max.ms",
        long(0),
        "3600000",
        "Default of a topic's message.timestamp.after.max.ms.",
    ),
    key(
        "log.message.timestamp.before.max.ms",
        long(0),
        FOREVER,
        "Default of a topic's message.timestamp.before.max.ms.",
    ),
    key(
        "log.message.timestamp.type",
        TIMESTAMP_TYPE,
        "CreateTime",
        "Default of a topic's message.timestamp.type.",
    ),
    key(
        "log.preallocate",
        Rule::Bool,
        "false",
        "Default of a topic's preallocate.",
    ),
    key(
        "log.retention.bytes",
        long(-1),
        "-1",
        "Default of a topic's retention.bytes.",
    ),
    key(
        "log.retention.check.interval.ms",
        long(1),
        "300000",
        "How often retention looks for segments to delete.",
    ),
    key(
        "log.retention.hours",
        int(-1),
        "168",
        "Like log.retention.ms, in hours; that one and log.retention.minutes come first.",
    ),
    unset(
        "log.retention.minutes",
        int(-1),
        "Like log.retention.ms, in minutes; that one comes first.",
    ),
    unset(
        "log.retention.ms",
        long(-1),
        "Default of a topic's retention.ms.",
    ),
    key(
        "log.roll.hours",
        int(1),
        "168",
        "Like log.roll.ms, in hours; that one comes first.",
    ),
    unset(
        "log.roll.jitter.ms",
        long(0),
        "Default of a topic's segment.jitter.ms.",
    ),
    unset("log.roll.ms", long(1), "Default of a topic's segment.ms."),
    key(
        "log.segment.bytes",
        int(MEBIBYTE),
        "1073741824",
        "Default of a topic's segment.bytes.",
    ),
    key(
        "log.segment.delete.delay.ms",
        long(0),
        "60000",
        "Default of a topic's file.delete.delay.ms.",
    ),
    key(
        "message.max.bytes",
        int(0),
        "1048588",
        "Default of a topic's max.message.bytes.",
    ),
    key(
        "message.max.decompressed.bytes",
        int(1),
        "1073741824",
        "Most bytes that a batch is decompressed to when it comes in; Kafka has no such limit. A larger one is MESSAGE_TOO_LARGE.",
    ),
    key(
        "min.insync.replicas",
        int(1),
        "1",
        "Default of a topic's min.insync.replicas.",
    ),
    key(
        "producer.id.expiration.ms",
        int(1),
        "86400000",
        "An idempotent producer that writes nothing for so long is forgotten.",
    ),
    key(
        "unclean.leader.election.enable",
        Rule::Bool,
        "false",
        "Default of a topic's unclean.leader.election.enable.",
    ),
];
