//! Produce (key 0), hand-written: record batches stay slices of the frame they came in.
//!
//! Versions 3 to 13; 0 to 2 are read so that they can be refused in their own layout. Flexible from 9 on; 13 names topics by id (KIP-516); 8 adds errors per record (KIP-467).

use super::{Decode, Encode, ErrorCode, KafkaString, KafkaUuid, Reply, WireError, read, write};
use bytes::{BufMut, Bytes, BytesMut};

/// What a producer wants appended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ProduceRequest {
    /// Set by transactional producers only.
    pub(crate) transactional_id: Option<KafkaString>,
    /// Who must have a batch before it is acknowledged: 0 nobody, 1 the leader, -1 every in-sync replica.
    pub(crate) acks: i16,
    /// How long the acknowledgement may take, in milliseconds.
    pub(crate) timeout_ms: i32,
    pub(crate) topics: Vec<TopicBatches>,
}

/// The batches for one topic; named by `name` up to version 12 and by `id` after it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TopicBatches {
    pub(crate) name: KafkaString,
    pub(crate) id: KafkaUuid,
    pub(crate) partitions: Vec<PartitionBatch>,
}

/// What one partition is to append.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PartitionBatch {
    pub(crate) index: i32,
    pub(crate) records: Option<Bytes>,
}

/// Where everything went, in the order of the request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ProduceResponse {
    pub(crate) topics: Vec<TopicAppended>,
}

/// The answers for one topic; identified the way the request did.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TopicAppended {
    pub(crate) name: KafkaString,
    pub(crate) id: KafkaUuid,
    pub(crate) partitions: Vec<PartitionAppended>,
}

/// Where one batch went, or why it did not.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PartitionAppended {
    pub(crate) index: i32,
    pub(crate) error: ErrorCode,
    /// Offset of the batch's first record; -1 with an error.
    pub(crate) base_offset: i64,
    /// Set when the broker stamped the records (`LogAppendTime`), else -1.
    pub(crate) log_append_time_ms: i64,
    /// The partition's first offset; -1 when there is no such partition.
    pub(crate) log_start_offset: i64,
    /// Which records of the batch are to blame.
    pub(crate) record_errors: Vec<RecordError>,
    /// One line for a person.
    pub(crate) error_message: Option<KafkaString>,
}

/// A record that made its batch fail.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RecordError {
    /// Place of the record in its batch, from 0.
    pub(crate) batch_index: i32,
    pub(crate) message: Option<KafkaString>,
}

impl Decode for ProduceRequest {
    fn decode(buf: &mut Bytes, version: i16) -> Result<Self, WireError> {
        let flexible = version >= 9;
        let transactional_id =
            if version >= 3 { read::nullable_string(buf, flexible, "transactional id")? } else { None };
        let acks = read::i16(buf, "acks")?;
        let timeout_ms = read::i32(buf, "timeout")?;
        let topics = read::array(buf, flexible, "topics", |buf| TopicBatches::read(buf, version))?;
        if flexible {
            read::skip_tags(buf)?;
        }
        Ok(Self { transactional_id, acks, timeout_ms, topics })
    }
}

impl TopicBatches {
    fn read(buf: &mut Bytes, version: i16) -> Result<Self, WireError> {
        let flexible = version >= 9;
        let (name, id) = if version >= 13 {
            (KafkaString::default(), read::uuid(buf, "topic id")?)
        } else {
            (read::string(buf, flexible, "topic name")?, KafkaUuid::ZERO)
        };
        let partitions = read::array(buf, flexible, "partitions", |buf| {
            let index = read::i32(buf, "partition")?;
            let records = read::nullable_bytes(buf, flexible, "records")?;
            if flexible {
                read::skip_tags(buf)?;
            }
            Ok(PartitionBatch { index, records })
        })?;
        if flexible {
            read::skip_tags(buf)?;
        }
        Ok(Self { name, id, partitions })
    }
}

impl Encode for ProduceResponse {
    fn encode(&self, reply: &mut Reply, version: i16) -> Result<(), WireError> {
        let flexible = version >= 9;
        let buf = reply.buf();
        write::len(buf, flexible, self.topics.len(), "topics")?;
        for topic in &self.topics {
            if version >= 13 {
                write::uuid(buf, topic.id);
            } else {
                write::string(buf, flexible, &topic.name, "topic name")?;
            }
            write::len(buf, flexible, topic.partitions.len(), "partitions")?;
            for partition in &topic.partitions {
                partition.write(buf, version)?;
            }
            if flexible {
                write::no_tags(buf);
            }
        }
        if version >= 1 {
            buf.put_i32(0); // throttle time
        }
        if flexible {
            write::no_tags(buf);
        }
        Ok(())
    }
}

impl PartitionAppended {
    fn write(&self, buf: &mut BytesMut, version: i16) -> Result<(), WireError> {
        let flexible = version >= 9;
        buf.put_i32(self.index);
        buf.put_i16(self.error.code());
        buf.put_i64(self.base_offset);
        if version >= 2 {
            buf.put_i64(self.log_append_time_ms);
        }
        if version >= 5 {
            buf.put_i64(self.log_start_offset);
        }
        if version >= 8 {
            write::len(buf, flexible, self.record_errors.len(), "record errors")?;
            for record in &self.record_errors {
                buf.put_i32(record.batch_index);
                write::nullable_string(buf, flexible, record.message.as_ref(), "record error")?;
                if flexible {
                    write::no_tags(buf);
                }
            }
            write::nullable_string(buf, flexible, self.error_message.as_ref(), "error message")?;
        }
        if flexible {
            write::no_tags(buf);
        }
        Ok(())
    }
}
