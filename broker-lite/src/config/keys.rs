//! The table of the broker's settings: name, values, default, what it means.
//!
//! Names and defaults are Kafka's, with two exceptions: `group.initial.rebalance.delay.ms` has
//! another default, and `message.max.decompressed.bytes` is a name of ours. A setting is listed
//! when it does something here, or when services and their tools set it and nothing that they see
//! depends on it; its text then says that it has no effect, and why.

use super::Rule;

/// A setting of the broker or of a topic.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) rule: Rule,
    /// What holds when nobody sets it; `None` where another key or the environment decides.
    pub(crate) default: Option<&'static str>,
    /// For a person, in a sentence or two.
    pub(crate) doc: &'static str,
}

pub(super) const fn key(
    name: &'static str,
    rule: Rule,
    default: &'static str,
    doc: &'static str,
) -> Key {
    Key {
        name,
        rule,
        default: Some(default),
        doc,
    }
}

const fn unset(name: &'static str, rule: Rule, doc: &'static str) -> Key {
    Key {
        name,
        rule,
        default: None,
        doc,
    }
}

pub(super) const fn int(min: i64) -> Rule {
    Rule::Int {
        min,
        max: Rule::INT,
    }
}

pub(super) const fn long(min: i64) -> Rule {
    Rule::Long {
        min,
        max: Rule::LONG,
    }
}

pub(super) const CLEANUP: Rule = Rule::ListOf(&["compact", "delete"]);
pub(super) const COMPRESSION: Rule =
    Rule::OneOf(&["producer", "uncompressed", "gzip", "snappy", "lz4", "zstd"]);
pub(super) const TIMESTAMP_TYPE: Rule = Rule::OneOf(&["CreateTime", "LogAppendTime"]);
/// Kafka's least size of a segment (KIP-1030).
pub(super) const MEBIBYTE: i64 = 1024 * 1024;
/// The levels that zlib has, and -1 for the one it prefers.
pub(super) const GZIP_LEVEL: Rule = Rule::Int { min: -1, max: 9 };
pub(super) const LZ4_LEVEL: Rule = Rule::Int { min: 1, max: 17 };
pub(super) const ZSTD_LEVEL: Rule = Rule::Int {
    min: -131_072,
    max: 22,
};
pub(super) const FOREVER: &str = "9223372036854775807";

/// Settings of the broker.
pub(crate) const BROKER_KEYS: &[Key] = &[
    unset(
        "advertised.listeners",
        Rule::Listeners,
        "The address that clients are told to use, PLAINTEXT://HOST:PORT. Without a host, or by default, the one they have reached.",
    ),
    key(
        "auto.create.topics.enable",
        Rule::Bool,
        "true",
        "Whether a topic that a client asks for is created, if the client agrees.",
    ),
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
        "connections.max.idle.ms",
        long(1),
        "600000",
        "A connection that asks nothing for so long is closed.",
    ),
    unset(
        "controller.listener.names",
        Rule::Text,
        "Names of listeners that are not opened: there is no controller that others talk to.",
    ),
    key(
        "default.replication.factor",
        Rule::Int { min: 1, max: 1 },
        "1",
        "Replicas of a topic that is created without saying. There is one broker.",
    ),
    key(
        "delete.topic.enable",
        Rule::Bool,
        "true",
        "Whether topics can be deleted.",
    ),
    key(
        "fetch.max.bytes",
        int(1024),
        "57671680",
        "Most bytes that one fetch returns.",
    ),
    key(
        "group.initial.rebalance.delay.ms",
        int(0),
        "0",
        "How long the first member of a group waits for others. Kafka's default is 3000; here a group is there at once.",
    ),
    key(
        "group.max.session.timeout.ms",
        int(1),
        "1800000",
        "Longest session timeout that a member may ask for.",
    ),
    key(
        "group.max.size",
        int(1),
        "2147483647",
        "Most members of a group.",
    ),
    key(
        "group.min.session.timeout.ms",
        int(1),
        "6000",
        "Shortest session timeout that a member may ask for.",
    ),
    unset(
        "listener.security.protocol.map",
        Rule::Text,
        "What listeners speak, NAME:PROTOCOL with commas between them. PLAINTEXT is spoken, and no other yet.",
    ),
    key(
        "listeners",
        Rule::Listeners,
        "PLAINTEXT://127.0.0.1:9092",
        "The address to listen on, PLAINTEXT://HOST:PORT; without a host all interfaces, and port 0 takes a free one.",
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
    unset(
        "log.dirs",
        Rule::Folder,
        "The data folder. Without one everything is kept in memory.",
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
        "max.connections",
        int(1),
        "2147483647",
        "Most open connections; more wait until one is closed.",
    ),
    key(
        "max.incremental.fetch.session.cache.slots",
        int(0),
        "1000",
        "Most fetch sessions; a client beyond that is served without one.",
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
    key("node.id", int(0), "1", "The number of this broker."),
    key(
        "num.partitions",
        int(1),
        "1",
        "Partitions of a topic that is created without saying.",
    ),
    key(
        "offset.metadata.max.bytes",
        int(0),
        "4096",
        "Longest text that may go with a committed offset, counted in UTF-16 as Java does.",
    ),
    key(
        "offsets.retention.check.interval.ms",
        long(1),
        "600000",
        "How often groups are looked through for offsets to forget.",
    ),
    key(
        "offsets.retention.minutes",
        int(1),
        "10080",
        "How long an empty group keeps its offsets.",
    ),
    key(
        "offsets.topic.num.partitions",
        Rule::Int {
            min: 1,
            max: 10_000,
        },
        "50",
        "Partitions of __consumer_offsets; not to be changed once it is there.",
    ),
    key(
        "offsets.topic.replication.factor",
        Rule::Int { min: 1, max: 1 },
        "1",
        "Replicas of __consumer_offsets. Kafka's default is 3; there is one broker.",
    ),
    key(
        "producer.id.expiration.ms",
        int(1),
        "86400000",
        "An idempotent producer that writes nothing for so long is forgotten.",
    ),
    key(
        "socket.request.max.bytes",
        int(1),
        "104857600",
        "Largest request.",
    ),
    key(
        "unclean.leader.election.enable",
        Rule::Bool,
        "false",
        "Default of a topic's unclean.leader.election.enable.",
    ),
];
