//! The response of Produce.

use bytes::{BufMut, BytesMut};

use crate::wire::{Encode, ErrorCode, KafkaString, KafkaUuid, Reply, WireError, write};

/// The results, in the order of the request.
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

/// The offset at which one batch was appended, or the reason why it was not.
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
    /// The records that made the batch fail.
    pub(crate) record_errors: Vec<RecordError>,
    /// A message for people.
    pub(crate) error_message: Option<KafkaString>,
}

/// A record that made its batch fail.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RecordError {
    /// Index of the record in its batch, from 0.
    pub(crate) batch_index: i32,
    pub(crate) message: Option<KafkaString>,
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
