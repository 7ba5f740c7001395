//! The position of a record, and the way it came here.

use super::{FromRecord, ListenerId, RecordContext, Rejection};
use crate::types::{GroupId, Offset, PartitionId, Timestamp, TimestampType, TopicName};

/// Everything about a delivery but its contents.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metadata {
    /// The topic it was read from.
    pub topic: TopicName,
    /// The partition it was read from.
    pub partition: PartitionId,
    /// The record's offset.
    pub offset: Offset,
    /// The record's time; [`Timestamp::NONE`] if it has none.
    pub timestamp: Timestamp,
    /// The kind of time that it is.
    pub timestamp_type: TimestampType,
    /// Bytes of the key; `None` for a null key.
    pub key_size: Option<usize>,
    /// Bytes of the payload; `None` for a tombstone.
    pub payload_size: Option<usize>,
    /// The number of this delivery, counted from 1 in this process.
    pub attempt: u32,
    /// The listener it is delivered to.
    pub listener: ListenerId,
    /// The consumer group of that listener.
    pub group: GroupId,
}

impl FromRecord for Metadata {
    fn from_record(cx: &RecordContext) -> Result<Self, Rejection> {
        let record = cx.record();
        Ok(Self {
            topic: record.topic().clone(),
            partition: record.partition(),
            offset: record.offset(),
            timestamp: record.timestamp(),
            timestamp_type: record.timestamp_type(),
            key_size: record.key().map(<[u8]>::len),
            payload_size: record.payload().map(<[u8]>::len),
            attempt: cx.attempt(),
            listener: cx.listener().clone(),
            group: cx.group().clone(),
        })
    }
}
