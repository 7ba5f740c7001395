//! A message of librdkafka's, handed over as a record.

use rdkafka::bindings::rd_kafka_timestamp_type_t as NativeTimestampType;

use super::raw::Message;
use crate::client::consumer::RecordSink;
use crate::client::record::RecordParts;
use crate::types::{Offset, Timestamp, TimestampType};

/// Hands over a message and its headers.
pub(super) fn hand_over(message: &Message<'_>, into: &mut dyn RecordSink) {
    let (time, kind) = message.timestamp();
    let kind = match kind {
        NativeTimestampType::RD_KAFKA_TIMESTAMP_NOT_AVAILABLE => TimestampType::NotAvailable,
        NativeTimestampType::RD_KAFKA_TIMESTAMP_CREATE_TIME => TimestampType::CreateTime,
        NativeTimestampType::RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME => TimestampType::LogAppendTime,
    };
    into.record(RecordParts {
        offset: Offset(message.offset()),
        timestamp: (Timestamp(time), kind),
        key: message.key(),
        payload: message.payload(),
    });
    message.headers(|name, value| into.header(name, value));
}
