//! Records and receipts without a Kafka, for unit tests.

use std::panic::Location;

use bytes::Bytes;
use serde::Serialize;

use super::failure::fail;
use super::kafka::topic_name;
use crate::client::{Record, RecordBatch, RecordParts};
use crate::codec::{Encode, EncodeError, Json, plain};
use crate::producer::SendReceipt;
use crate::runtime::error_chain;
use crate::types::{Offset, PartitionId, Timestamp, TimestampType, TopicName, TopicPartition};

/// Returns a receipt for a record of this topic, as a fake producer needs it: partition 0, offset
/// 0, no timestamp. Its fields can be changed.
///
/// ```
/// use wellspring::prelude::*;
/// use wellspring::testing;
///
/// # #[kafka_producer]
/// # trait Notes {
/// #     #[send(topic = "notes")]
/// #     async fn noted(&self, note: &Text) -> SendResult;
/// # }
/// struct Everything;
///
/// impl Notes for Everything {
///     async fn noted(&self, _note: &Text) -> SendResult {
///         Ok(testing::receipt("notes"))
///     }
/// }
/// ```
///
/// # Panics
/// When this is not a valid topic name.
#[must_use]
#[track_caller]
pub fn receipt(topic: &str) -> SendReceipt {
    let topic = topic_name(topic, Location::caller());
    SendReceipt {
        topic,
        partition: PartitionId(0),
        offset: Offset(0),
        timestamp: Timestamp::NONE,
    }
}

/// Starts a record of this topic: partition 0, offset 0, no timestamp, no key, no payload, no
/// headers.
///
/// ```
/// use wellspring::testing;
///
/// let record = testing::record("orders").key("7").text("two cups").header("source", "web").build();
/// assert_eq!(record.payload(), Some(b"two cups".as_slice()));
/// ```
///
/// # Panics
/// When this is not a valid topic name.
#[track_caller]
pub fn record(topic: &str) -> RecordBuilder {
    RecordBuilder {
        topic: topic_name(topic, Location::caller()),
        partition: PartitionId(0),
        offset: Offset(0),
        timestamp: Timestamp::NONE,
        key: None,
        payload: None,
        headers: Vec::new(),
    }
}

/// A record as a listener would get it, made by [`record`] without a Kafka.
#[derive(Debug, Clone)]
#[must_use = "a record is made by `build`"]
pub struct RecordBuilder {
    topic: TopicName,
    partition: PartitionId,
    offset: Offset,
    timestamp: Timestamp,
    key: Option<Bytes>,
    payload: Option<Bytes>,
    headers: Vec<(String, Option<Bytes>)>,
}

impl RecordBuilder {
    /// The partition it was read from. Default: 0.
    pub const fn partition(mut self, partition: PartitionId) -> Self {
        self.partition = partition;
        self
    }

    /// Sets the offset. Default: 0.
    pub const fn offset(mut self, offset: Offset) -> Self {
        self.offset = offset;
        self
    }

    /// Sets the timestamp. Default: none.
    pub fn timestamp(mut self, timestamp: impl Into<Timestamp>) -> Self {
        self.timestamp = timestamp.into();
        self
    }

    /// The key, in the [`plain`] format. Default: the one the payload names, or null.
    ///
    /// # Panics
    /// When it has no bytes in that format.
    #[track_caller]
    pub fn key<K: Serialize + ?Sized>(mut self, key: &K) -> Self {
        self.key = bytes_of("key", plain::encode(key));
        self
    }

    /// Any payload; an event brings its key along. Default: a tombstone.
    ///
    /// # Panics
    /// When it has no bytes.
    #[track_caller]
    pub fn payload<P: Encode + ?Sized>(mut self, payload: &P) -> Self {
        self.payload = bytes_of("payload", payload.encode());
        if self.key.is_none() {
            self.key = bytes_of("key", payload.key());
        }
        self
    }

    /// A payload of any serde type as JSON.
    ///
    /// # Panics
    /// When it has none.
    #[track_caller]
    pub fn json<T: Serialize>(self, value: &T) -> Self {
        self.payload(&Json(value))
    }

    /// A text payload.
    pub fn text(self, text: impl AsRef<str>) -> Self {
        self.payload(text.as_ref())
    }

    /// A payload as it is, such as one that does not decode.
    pub fn bytes(self, payload: impl Into<Bytes>) -> Self {
        self.payload(&payload.into())
    }

    /// One more header, its value in the [`plain`] format; `None` is a header without a value.
    ///
    /// # Panics
    /// When it has no bytes in that format.
    #[track_caller]
    pub fn header<V: Serialize + ?Sized>(mut self, name: &str, value: &V) -> Self {
        let value = bytes_of(name, plain::encode(value));
        self.headers.push((name.to_owned(), value));
        self
    }

    /// Returns the record.
    ///
    /// # Panics
    /// When it is larger than a batch can be, which is 4 GiB.
    #[must_use]
    #[track_caller]
    pub fn build(self) -> Record {
        let source = TopicPartition::new(self.topic, self.partition);
        let by = if self.timestamp == Timestamp::NONE {
            TimestampType::NotAvailable
        } else {
            TimestampType::CreateTime
        };
        let parts = RecordParts {
            offset: self.offset,
            timestamp: (self.timestamp, by),
            key: self.key.as_deref(),
            payload: self.payload.as_deref(),
        };
        let mut batch = RecordBatch::builder();
        let mut fits = batch.push(&source, parts);
        for (name, value) in &self.headers {
            fits = fits && batch.header(name.as_bytes(), value.as_deref());
        }
        match batch.build().record(0) {
            Some(record) if fits => record,
            _ => fail(Location::caller(), "the record is larger than 4 GiB"),
        }
    }
}

impl From<RecordBuilder> for Record {
    fn from(builder: RecordBuilder) -> Self {
        builder.build()
    }
}

#[track_caller]
fn bytes_of(what: &str, bytes: Result<Option<Bytes>, EncodeError>) -> Option<Bytes> {
    bytes.unwrap_or_else(|error| {
        fail(
            Location::caller(),
            format_args!("{what}: {}", error_chain(&error)),
        )
    })
}
