//! The producing side of the seam: a client that takes records and reports on each of them.

use std::fmt;

use bytes::Bytes;

use super::delivery::Report;
use super::produce_error::ProduceError;
use super::producer_status::ProducerStatus;
use super::record::Headers;
use crate::types::{PartitionId, Timestamp, TopicName};

/// A client that sends records.
pub trait Producer: Send + Sync + 'static {
    /// Takes a record and returns at once; the report follows when the broker has answered, or when
    /// the client has given up. Records of one partition are written in the order they are
    /// taken.
    ///
    /// # Errors
    /// When it does not take the record. The report comes back with the reason and is not used.
    fn produce(
        &self,
        record: &ProducerRecord,
        report: Report,
    ) -> Result<(), (ProduceError, Report)>;

    /// Says that records for a topic follow that none was sent for before, so that it can be told
    /// if the topic is missing. Default: nothing.
    fn sends_to(&self, topic: &TopicName) {
        let _ = topic;
    }

    /// Returns the producer's status. Default: it works, and nothing is known of its records.
    fn status(&self) -> ProducerStatus {
        ProducerStatus::default()
    }
}

/// The reaction of a producer to a client that has failed for good.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnFatal {
    /// A new client takes over. What the old one had is answered with an error; what comes later
    /// waits for the new one.
    #[default]
    Replace,
    /// Nothing is sent any more.
    Stay,
}

/// A record to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct ProducerRecord {
    /// The topic.
    pub topic: TopicName,
    /// The partition; `None` lets the partitioner choose by the key.
    pub partition: Option<PartitionId>,
    /// The record's time; `None` is now.
    pub timestamp: Option<Timestamp>,
    /// The key; `None` is a null key.
    pub key: Option<Bytes>,
    /// The payload; `None` is a tombstone.
    pub payload: Option<Bytes>,
    /// The headers, in order.
    pub headers: Headers,
}

/// Memory of a record besides its bytes, in bytes: roughly the client's own bookkeeping.
const OVERHEAD: usize = 256;

impl ProducerRecord {
    /// A tombstone without a key, to be filled.
    #[must_use]
    pub const fn new(topic: TopicName) -> Self {
        Self {
            topic,
            partition: None,
            timestamp: None,
            key: None,
            payload: None,
            headers: Headers::new(),
        }
    }

    /// Bytes of key, payload and headers.
    #[must_use]
    pub fn size(&self) -> usize {
        let of = |bytes: &Option<Bytes>| bytes.as_ref().map_or(0, Bytes::len);
        let headers = self
            .headers
            .iter()
            .map(|(name, value)| name.len() + value.map_or(0, <[u8]>::len));
        of(&self.key) + of(&self.payload) + headers.sum::<usize>()
    }

    /// Returns its share of the memory for records in flight, in bytes.
    #[must_use]
    pub fn footprint(&self) -> usize {
        self.size().saturating_add(OVERHEAD)
    }
}

/// Shows where the record goes, never what it carries.
impl fmt::Debug for ProducerRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProducerRecord")
            .field("topic", &self.topic)
            .field("partition", &self.partition)
            .field("size", &self.size())
            .finish_non_exhaustive()
    }
}
