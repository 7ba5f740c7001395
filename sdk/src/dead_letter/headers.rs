//! The headers of a dead letter, byte for byte as Spring Kafka writes them.
//!
//! The origin of a record is *added* each time it is dead-lettered, so a letter that was one before
//! carries both places; the last value is the newest, and ten are kept. The failure is *replaced*.

use bytes::Bytes;

use super::DeadLetter;
use super::exception::Exception;
use crate::client::Headers;

/// The topic the record was read from; UTF-8.
pub const ORIGINAL_TOPIC: &str = "kafka_dlt-original-topic";
/// The record's partition; int32, big-endian.
pub const ORIGINAL_PARTITION: &str = "kafka_dlt-original-partition";
/// The record's offset; int64, big-endian.
pub const ORIGINAL_OFFSET: &str = "kafka_dlt-original-offset";
/// The record's time, in milliseconds since 1970; int64, big-endian.
pub const ORIGINAL_TIMESTAMP: &str = "kafka_dlt-original-timestamp";
/// The kind of that time: `CreateTime` or `LogAppendTime`.
pub const ORIGINAL_TIMESTAMP_TYPE: &str = "kafka_dlt-original-timestamp-type";
/// The group whose listener gave up.
pub const ORIGINAL_CONSUMER_GROUP: &str = "kafka_dlt-original-consumer-group";
/// The type of the error, at most 256 bytes; UTF-8, as all that follow.
pub const EXCEPTION_FQCN: &str = "kafka_dlt-exception-fqcn";
/// The type of what caused it.
pub const EXCEPTION_CAUSE_FQCN: &str = "kafka_dlt-exception-cause-fqcn";
/// The error's message; at most 4 KiB.
pub const EXCEPTION_MESSAGE: &str = "kafka_dlt-exception-message";
/// The messages of the error and its sources, one a line; at most 8 KiB.
pub const EXCEPTION_STACKTRACE: &str = "kafka_dlt-exception-stacktrace";
/// The type of the error, when it is the key that could not be read.
pub const KEY_EXCEPTION_FQCN: &str = "kafka_dlt-key-exception-fqcn";
/// The message of that error; at most 4 KiB.
pub const KEY_EXCEPTION_MESSAGE: &str = "kafka_dlt-key-exception-message";
/// The messages of that error and its sources, one a line; at most 8 KiB.
pub const KEY_EXCEPTION_STACKTRACE: &str = "kafka_dlt-key-exception-stacktrace";

/// The headers of the previous failure, which the new one replaces.
const REPLACED: [&str; 7] = [
    EXCEPTION_FQCN,
    EXCEPTION_CAUSE_FQCN,
    EXCEPTION_MESSAGE,
    EXCEPTION_STACKTRACE,
    KEY_EXCEPTION_FQCN,
    KEY_EXCEPTION_MESSAGE,
    KEY_EXCEPTION_STACKTRACE,
];

/// The headers of a record's origin, once for each time it was dead-lettered.
const ORIGINS: [&str; 6] = [
    ORIGINAL_TOPIC,
    ORIGINAL_PARTITION,
    ORIGINAL_OFFSET,
    ORIGINAL_TIMESTAMP,
    ORIGINAL_TIMESTAMP_TYPE,
    ORIGINAL_CONSUMER_GROUP,
];

/// So many places a letter remembers, the newest ones: one that goes round and round must not grow
/// for ever.
const MAX_ORIGINS: usize = 10;

/// The record's own headers, then where it came from, then what failed.
///
/// A name that is not UTF-8 cannot be sent by the client; what is not of it becomes `U+FFFD`.
pub(super) fn of(letter: &DeadLetter, exception: &Exception) -> Headers {
    let mut headers = Headers::new();
    let own = || letter.record.headers().iter();
    let mut oldest = ORIGINS.map(|name| {
        let places = own().filter(|(known, _)| *known == name.as_bytes()).count();
        (name, (places + 1).saturating_sub(MAX_ORIGINS))
    });
    for (name, value) in own() {
        let origin = oldest
            .iter_mut()
            .find(|(known, _)| known.as_bytes() == name);
        match origin {
            Some((_, to_forget)) if *to_forget > 0 => *to_forget -= 1,
            _ => headers.push(
                String::from_utf8_lossy(name),
                value.map(Bytes::copy_from_slice),
            ),
        }
    }
    for name in REPLACED {
        headers.remove(name);
    }
    add_origin(&mut headers, letter);
    add_exception(&mut headers, exception);
    headers
}

fn add_origin(headers: &mut Headers, letter: &DeadLetter) {
    let record = &letter.record;
    headers.push(ORIGINAL_TOPIC, record.topic().as_str());
    headers.push(
        ORIGINAL_PARTITION,
        record.partition().0.to_be_bytes().as_slice(),
    );
    headers.push(ORIGINAL_OFFSET, record.offset().0.to_be_bytes().as_slice());
    headers.push(
        ORIGINAL_TIMESTAMP,
        record.timestamp().0.to_be_bytes().as_slice(),
    );
    headers.push(ORIGINAL_TIMESTAMP_TYPE, record.timestamp_type().as_str());
    headers.push(ORIGINAL_CONSUMER_GROUP, letter.group.as_str());
}

fn add_exception(headers: &mut Headers, exception: &Exception) {
    let [class, message, trace] = if exception.of_key {
        [
            KEY_EXCEPTION_FQCN,
            KEY_EXCEPTION_MESSAGE,
            KEY_EXCEPTION_STACKTRACE,
        ]
    } else {
        [EXCEPTION_FQCN, EXCEPTION_MESSAGE, EXCEPTION_STACKTRACE]
    };
    headers.push(class, exception.class.as_str());
    if let Some(cause) = &exception.cause_class {
        headers.push(EXCEPTION_CAUSE_FQCN, cause.as_str());
    }
    headers.push(message, exception.message.as_str());
    headers.push(trace, exception.trace.as_str());
}
