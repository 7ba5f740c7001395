//! Every key, in one table.

use std::time::Duration;

use wellspring_grammar::count::MAX_COUNT;
use wellspring_grammar::words;

use super::key::{Key, Kind};

const HOUR: Duration = Duration::from_secs(3600);
const COUNT: Kind = Kind::Count {
    min: 1,
    max: MAX_COUNT,
};

/// All keys, in the order of the documentation.
pub const KEYS: &[Key] = &[
    key(
        "kafka.bootstrap-servers",
        Kind::Addresses,
        Some("localhost:9092"),
        "The first brokers to ask for the others.",
    ),
    key(
        "kafka.properties.*",
        Kind::Property,
        None,
        "A librdkafka property of every client.",
    ),
    key(
        "kafka.consumer.properties.*",
        Kind::Property,
        None,
        "A librdkafka property of every listener's consumers.",
    ),
    key(
        "kafka.producer.properties.*",
        Kind::Property,
        None,
        "A librdkafka property of the producer.",
    ),
    key(
        "kafka.producer.buffer-memory",
        Kind::Count {
            min: 1024,
            max: 1 << 40,
        },
        Some("33554432"),
        "Memory for records in flight, in bytes; sends wait for room once it is used up. Kafka's `buffer.memory`.",
    ),
    key(
        "kafka.producer.max-block",
        Kind::Duration {
            min: Duration::ZERO,
            max: HOUR,
        },
        Some("60s"),
        "Longest wait of a send for room. Kafka's `max.block.ms`.",
    ),
    key(
        "kafka.admin.properties.*",
        Kind::Property,
        None,
        "A librdkafka property of the client that creates topics.",
    ),
    key(
        "app.name",
        Kind::Text,
        Some("wellspring"),
        "The application's name; the `client.id` of its Kafka clients.",
    ),
    key(
        "app.start-deadline",
        Kind::Duration {
            min: Duration::from_millis(1),
            max: HOUR,
        },
        Some("60s"),
        "Longest wait at start, for declared topics to be made and for partitions to be assigned.",
    ),
    key(
        "app.drain-deadline",
        Kind::Duration {
            min: Duration::ZERO,
            max: HOUR,
        },
        Some("25s"),
        "Longest wait at stop, and when partitions move, for running handlers to end. Kubernetes kills after 30 s; `max.poll.interval.ms` must be longer.",
    ),
    key(
        "app.create-topics",
        Kind::Bool,
        Some("true"),
        "Whether declared topics that are missing are created at start.",
    ),
    key(
        "app.on-fatal-error",
        Kind::OneOf(&["heal", "red", "end"]),
        Some("heal"),
        "When a Kafka client has failed for good: a new one takes over, health turns red and asks for a restart, or the application ends.",
    ),
    key(
        "app.on-refused-dead-letter",
        Kind::OneOf(&["halt", "file"]),
        Some("halt"),
        "What becomes of a dead letter that its topic refuses for good, or ten times for want of a topic or a right: its partition waits and health is red, or it goes to `app.dead-letter-file`.",
    ),
    key(
        "app.dead-letter-file",
        Kind::Text,
        Some("dead-letters.jsonl"),
        "Where refused dead letters go, one JSON object a line, when `app.on-refused-dead-letter` is `file`.",
    ),
    key(
        "actuator.port",
        Kind::Count {
            min: 0,
            max: 65_535,
        },
        None,
        "Answers health over HTTP on this port, 0 being a free one; off unless set. Needs the feature `actuator`.",
    ),
    key(
        "actuator.host",
        Kind::Text,
        Some("127.0.0.1"),
        "The address it listens on; `0.0.0.0` for probes from outside.",
    ),
    key(
        "listeners.<id>.group",
        Kind::Text,
        None,
        "Overrides the listener's consumer group.",
    ),
    key(
        "listeners.<id>.concurrency",
        COUNT,
        Some("1"),
        "Consumers, each with its own connections and its share of the partitions.",
    ),
    key(
        "listeners.<id>.workers",
        COUNT,
        Some("1"),
        "Records each consumer handles at the same time.",
    ),
    key(
        "listeners.<id>.ordering",
        Kind::OneOf(words::Ordering::WORDS),
        Some("partition, and key with more than one worker"),
        "What is kept in order.",
    ),
    key(
        "listeners.<id>.retry",
        Kind::Retry,
        Some("3 x 500ms exponential"),
        "Retries in place after the first attempt.",
    ),
    key(
        "listeners.<id>.on-exhausted",
        Kind::OneOf(words::OnExhausted::WORDS),
        Some("halt"),
        "What becomes of a record whose attempts are used up.",
    ),
    key(
        "listeners.<id>.auto-startup",
        Kind::Bool,
        Some("true"),
        "Whether the listener starts with the application.",
    ),
    key(
        "listeners.<id>.properties.*",
        Kind::Property,
        None,
        "A librdkafka property of this listener's consumers.",
    ),
];

const fn key(
    name: &'static str,
    kind: Kind,
    default: Option<&'static str>,
    doc: &'static str,
) -> Key {
    Key {
        name,
        kind,
        default,
        doc,
    }
}
