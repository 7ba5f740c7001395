//! The request of Produce.

use bytes::Bytes;

use crate::wire::{Decode, KafkaString, KafkaUuid, WireError, read};

/// The most bytes of a request around its records: names and numbers. Records stay where they are,
/// but each topic and each partition becomes a value here and a row of the answer, at many times
/// its own size.
pub(super) const MAX_BYTES_AROUND_RECORDS: usize = 1024 * 1024;

/// Fewest bytes that a topic counts for.
const MIN_TOPIC_BYTES: usize = 16;

/// A producer's request to append records.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ProduceRequest {
    /// The replicas that must have a batch before it is acknowledged: 0 none, 1 the leader, -1 all
    /// that are in sync.
    pub(crate) acks: i16,
    pub(crate) topics: Vec<TopicBatches>,
}

/// The batches for one topic; named by `name` up to version 12 and by `id` after it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TopicBatches {
    pub(crate) name: KafkaString,
    pub(crate) id: KafkaUuid,
    pub(crate) partitions: Vec<PartitionBatch>,
}

/// The batch for one partition.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PartitionBatch {
    pub(crate) index: i32,
    pub(crate) records: Option<Bytes>,
}

impl Decode for ProduceRequest {
    fn decode(buf: &mut Bytes, version: i16) -> Result<Self, WireError> {
        let flexible = version >= 9;
        let mut left = BytesLeft(MAX_BYTES_AROUND_RECORDS);
        if version >= 3 {
            // A batch says itself whether it belongs to a transaction.
            read::nullable_string(buf, flexible, "transactional id")?;
        }
        let acks = read::i16(buf, "acks")?;
        // There is no other replica to wait for.
        read::i32(buf, "timeout")?;
        let topics = read::array(buf, flexible, "topics", |buf| {
            TopicBatches::read(buf, version, &mut left)
        })?;
        if flexible {
            read::skip_tags(buf)?;
        }
        Ok(Self { acks, topics })
    }
}

impl TopicBatches {
    fn read(buf: &mut Bytes, version: i16, left: &mut BytesLeft) -> Result<Self, WireError> {
        let flexible = version >= 9;
        let before = buf.len();
        let (name, id) = if version >= 13 {
            (KafkaString::default(), read::uuid(buf, "topic id")?)
        } else {
            (read::string(buf, flexible, "topic name")?, KafkaUuid::ZERO)
        };
        // However short it is, a topic becomes a value and a row.
        left.take((before - buf.len()).max(MIN_TOPIC_BYTES))?;
        let partitions = read::array(buf, flexible, "partitions", |buf| {
            let before = buf.len();
            let index = read::i32(buf, "partition")?;
            let records = read::nullable_bytes(buf, flexible, "records")?;
            if flexible {
                read::skip_tags(buf)?;
            }
            left.take(before - buf.len() - records.as_ref().map_or(0, Bytes::len))?;
            Ok(PartitionBatch { index, records })
        })?;
        if flexible {
            read::skip_tags(buf)?;
        }
        Ok(Self {
            name,
            id,
            partitions,
        })
    }
}

/// Bytes left for everything that is not records.
struct BytesLeft(usize);

impl BytesLeft {
    fn take(&mut self, bytes: usize) -> Result<(), WireError> {
        let what = "topics and partitions";
        self.0 = self.0.checked_sub(bytes).ok_or(WireError::TooMuch {
            what,
            limit: MAX_BYTES_AROUND_RECORDS,
        })?;
        Ok(())
    }
}
