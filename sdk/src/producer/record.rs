//! A record that is being put together.

use bytes::Bytes;
use serde::Serialize;

use super::error::SendError;
use super::sender::Sender;
use super::sending::Sending;
use crate::client::{HeaderValue, Headers, ProducerRecord};
use crate::codec::{Encode, EncodeError, Json, plain};
use crate::types::{PartitionId, Timestamp, TopicName};

/// A record for one topic, made by [`KafkaTemplate::record`](super::KafkaTemplate::record). What
/// goes wrong on the way is told by the answer.
///
/// ```no_run
/// # // Needs a broker.
/// # use wellspring::producer::KafkaTemplate;
/// # use wellspring::types::PartitionId;
/// # async fn run(template: KafkaTemplate) -> wellspring::Result {
/// let receipt = template
///     .record("card.audit")
///     .key("2026001")
///     .header("source", "web")
///     .json(&vec![500, 1000])
///     .send()
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a record is not sent until `send` is called"]
pub struct OutgoingRecord<'a> {
    sender: &'a Sender,
    record: Result<ProducerRecord, SendError>,
    keyed: bool,
    filled: bool,
}

impl<'a> OutgoingRecord<'a> {
    pub(super) fn new(sender: &'a Sender, topic: Result<TopicName, SendError>) -> Self {
        Self {
            sender,
            record: topic.map(ProducerRecord::new),
            keyed: false,
            filled: false,
        }
    }

    /// The key, in the [`plain`] format. Default: the one the payload names, or null.
    pub fn key<K: Serialize + ?Sized>(mut self, key: &K) -> Self {
        self.keyed = true;
        self.set("key", plain::encode(key), |record, key| record.key = key)
    }

    /// Any payload; an event brings its key along.
    pub fn payload<P: Encode + ?Sized>(mut self, payload: &P) -> Self {
        self.filled = true;
        let keyed = self.keyed;
        let filled = self.set("payload", payload.encode(), |record, bytes| {
            record.payload = bytes
        });
        if keyed {
            filled
        } else {
            filled.set("key", payload.key(), |record, key| record.key = key)
        }
    }

    /// A payload of any serde type as JSON.
    pub fn json<T: Serialize>(self, value: &T) -> Self {
        self.payload(&Json(value))
    }

    /// A text payload.
    pub fn text(self, text: impl AsRef<str>) -> Self {
        self.payload(text.as_ref())
    }

    /// A payload as it is.
    pub fn bytes(self, payload: impl Into<Bytes>) -> Self {
        self.payload(&payload.into())
    }

    /// A null payload: compaction removes the key.
    pub fn tombstone(mut self) -> Self {
        self.filled = true;
        self.set("payload", Ok(None), |record, none| record.payload = none)
    }

    /// One more header, its value in the [`plain`] format; `None` is a header without a value.
    pub fn header<V: Serialize + ?Sized>(self, name: &str, value: &V) -> Self {
        let what = format_args!("header {name:?}");
        self.set(what, plain::encode(value), |record, value| {
            record.headers.push(name, HeaderValue::from(value))
        })
    }

    /// All these headers behind those that are there.
    pub fn headers(mut self, headers: Headers) -> Self {
        if let Ok(record) = &mut self.record {
            record.headers.extend(headers);
        }
        self
    }

    /// The partition. Default: the partitioner chooses by the key.
    pub fn partition(mut self, partition: PartitionId) -> Self {
        if let Ok(record) = &mut self.record {
            record.partition = Some(partition);
        }
        self
    }

    /// The time. Default: now.
    pub fn timestamp(mut self, timestamp: impl Into<Timestamp>) -> Self {
        if let Ok(record) = &mut self.record {
            record.timestamp = Some(timestamp.into());
        }
        self
    }

    /// Sends it.
    ///
    /// # Errors
    /// The answer is a [`SendError`] when a part has no bytes, when there is no room within
    /// `max_block`, or when it is not acknowledged within `delivery.timeout.ms`.
    ///
    /// # Cancel safety
    /// Dropping the answer does not take the record back: it may still be written.
    pub fn send(self) -> Sending {
        match self.record {
            Ok(record) if self.filled => self.sender.send(record),
            Ok(record) => Sending::failed(SendError::NoPayload {
                topic: record.topic,
            }),
            Err(error) => Sending::failed(error),
        }
    }

    /// Puts a part where it belongs, or remembers the first failure.
    fn set(
        mut self,
        what: impl std::fmt::Display,
        part: Result<Option<Bytes>, EncodeError>,
        put: impl FnOnce(&mut ProducerRecord, Option<Bytes>),
    ) -> Self {
        self.record = match (self.record, part) {
            (Ok(mut record), Ok(bytes)) => {
                put(&mut record, bytes);
                Ok(record)
            }
            (Ok(record), Err(source)) => Err(SendError::Encode {
                topic: record.topic,
                what: what.to_string(),
                source,
            }),
            (Err(first), _) => Err(first),
        };
        self
    }
}
