//! Properties of the Kafka client that we set otherwise than librdkafka does, each with its reason.

/// A librdkafka property that Wellspring sets unless it is told otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientDefault {
    /// The property.
    pub name: &'static str,
    /// The property's value.
    pub value: &'static str,
    /// Why.
    pub why: &'static str,
}

const fn default(name: &'static str, value: &'static str, why: &'static str) -> ClientDefault {
    ClientDefault { name, value, why }
}

/// For consumers.
pub const CONSUMER_DEFAULTS: &[ClientDefault] = &[
    default(
        "auto.offset.reset",
        "earliest",
        "With `latest`, what is there before a group's first start is never seen.",
    ),
    default(
        "check.crcs",
        "true",
        "librdkafka does not check: a bit that rotted on a disk would be handled as it is.",
    ),
    default(
        "partition.assignment.strategy",
        "cooperative-sticky",
        "A rebalance moves only the partitions that must move (KIP-429).",
    ),
    default(
        "fetch.queue.backoff.ms",
        "10",
        "At librdkafka's 1000, a full queue costs most of the throughput.",
    ),
    default(
        "fetch.message.max.bytes",
        "262144",
        "Smaller parts of one partition in a row give workers more keys to choose from, and stay in the cache.",
    ),
    default(
        "heartbeat.interval.ms",
        "500",
        "Members hear of a rebalance with their heartbeats: at 3000, one that joins waits up to six seconds for its share, at 1000 up to two.",
    ),
    default(
        "topic.metadata.refresh.interval.ms",
        "5000",
        "Partitions that are added to a topic are read after this long; librdkafka looks every five minutes.",
    ),
    default(
        "reconnect.backoff.ms",
        "20",
        "At librdkafka's 100, a new consumer sits out 50 ms between its first two connections.",
    ),
];

/// For the client that looks at topics and creates them.
pub const ADMIN_DEFAULTS: &[ClientDefault] = &[default(
    "reconnect.backoff.ms",
    "10",
    "At librdkafka's 100, the first answer sits out 75 to 150 ms between the first two connections.",
)];

/// For the producer.
pub const PRODUCER_DEFAULTS: &[ClientDefault] = &[
    default(
        "enable.idempotence",
        "true",
        "A retry inside the client neither repeats nor reorders a record (KIP-98).",
    ),
    default(
        "acks",
        "all",
        "A record counts as sent when all in-sync replicas have it.",
    ),
    default(
        "partitioner",
        "murmur2_random",
        "A key goes to the partition where a Java producer puts it.",
    ),
    default(
        "delivery.timeout.ms",
        "120000",
        "As a Java producer: a sender waits two minutes at most, where librdkafka lets it wait for five.",
    ),
    default(
        "reconnect.backoff.ms",
        "10",
        "At librdkafka's 100, the first record sits out 75 to 150 ms between the first two connections.",
    ),
];
