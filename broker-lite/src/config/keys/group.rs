//! Settings of consumer groups and of their committed offsets.

use super::key::{Key, int, key, long};
use crate::config::Rule;

/// By name.
pub(super) const KEYS: &[Key] = &[
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
];
