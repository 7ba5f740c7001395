//! The producing side of the seam: a client that takes records and reports on each of them.

use std::fmt;

use bytes::Bytes;

use super::{Headers, ProducerStatus, Report};
use crate::types::{Offset, PartitionId, Timestamp, TopicName};

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

    /// How it is doing. Default: it works, and nothing is known of its records.
    fn status(&self) -> ProducerStatus {
        ProducerStatus::default()
    }
}

/// A record to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct ProducerRecord {
    /// Where to.
    pub topic: TopicName,
    /// Which partition; `None` lets the partitioner choose by the key.
    pub partition: Option<PartitionId>,
    /// Its time; `None` is now.
    pub timestamp: Option<Timestamp>,
    /// The key; `None` is a null key.
    pub key: Option<Bytes>,
    /// The payload; `None` is a tombstone.
    pub payload: Option<Bytes>,
    /// The headers, in order.
    pub headers: Headers,
}

/// What the broker answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acknowledgement {
    /// The partition it was written to.
    pub partition: PartitionId,
    /// Its place there; -1 with `acks=0`, where no broker says.
    pub offset: Offset,
    /// The time it was written with.
    pub timestamp: Timestamp,
}

/// Why a client did not send a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProduceError {
    /// Nobody acknowledged it in time (`delivery.timeout.ms`). It may or may not have been written.
    #[error("not acknowledged in time")]
    TimedOut {
        /// What the client last complained of, when it had no connection.
        trouble: Option<String>,
    },
    /// It is larger than the client or the topic allows.
    #[error("too large")]
    TooLarge {
        /// Whether it was the client that refused it, by its `message.max.bytes`; otherwise it was
        /// the broker.
        by_client: bool,
    },
    /// There is no such topic.
    #[error("unknown topic")]
    UnknownTopic,
    /// The topic has no such partition.
    #[error("unknown partition")]
    UnknownPartition,
    /// This client may not write to the topic.
    #[error("not permitted")]
    NotPermitted,
    /// The client has no room for it now.
    #[error("the client's queue is full")]
    QueueFull,
    /// The client is being closed.
    #[error("the client is closed")]
    Closed,
    /// The client failed for good while it had the record: its idempotence could not be kept
    /// (KIP-360).
    #[error("the client has failed for good: {reason}")]
    Fatal {
        /// In the client's words.
        reason: String,
        /// Whether the record may have been written.
        may_be_written: bool,
        /// Whether a new client takes over, so that the record can be sent again.
        is_replaced: bool,
    },
    /// The client failed for good, and the next is not there yet: it has no room for the record
    /// now.
    #[error("the client has failed for good and is being replaced: {reason}")]
    Replacing {
        /// Why it failed.
        reason: String,
    },
    /// Another reason.
    #[error("{reason}")]
    Refused {
        /// In the client's words.
        reason: String,
        /// Whether sending it again may help.
        retriable: bool,
    },
}

impl ProduceError {
    /// Whether it was only too early: the same record may be offered again in a moment.
    #[must_use]
    pub const fn is_no_room_yet(&self) -> bool {
        matches!(self, Self::QueueFull | Self::Replacing { .. })
    }
}

/// What a record takes in memory besides its bytes: the client's own bookkeeping, roughly.
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

    /// What it takes of the memory for records in flight.
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
