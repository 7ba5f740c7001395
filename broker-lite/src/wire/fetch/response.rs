//! The response of Fetch.

use bytes::{BufMut, Bytes};

use crate::wire::{Encode, ErrorCode, KafkaString, KafkaUuid, Reply, WireError, write};

/// The records that were read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FetchResponse {
    /// About the session; then there are no topics. Only from version 7 on is there a place for
    /// it.
    pub(crate) error: ErrorCode,
    pub(crate) session_id: i32,
    pub(crate) topics: Vec<FetchedTopic>,
}

/// Identified the way the request did.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FetchedTopic {
    pub(crate) name: KafkaString,
    pub(crate) id: KafkaUuid,
    pub(crate) partitions: Vec<FetchedPartition>,
}

/// The result for one partition.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FetchedPartition {
    pub(crate) index: i32,
    pub(crate) error: ErrorCode,
    pub(crate) high_watermark: i64,
    pub(crate) last_stable_offset: i64,
    pub(crate) log_start_offset: i64,
    /// The point where the reader's log diverges (from version 12 on): the epoch, and its end
    /// offset in this log.
    pub(crate) diverging_epoch: Option<(i32, i64)>,
    /// The aborted transactions that the records overlap; `None` for a reader of uncommitted
    /// records.
    pub(crate) aborted: Option<Vec<AbortedTransaction>>,
    /// Whole batches, in order.
    pub(crate) records: Vec<Bytes>,
}

/// A transaction whose records a reader of committed records must skip.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct AbortedTransaction {
    pub(crate) producer_id: i64,
    pub(crate) first_offset: i64,
}

impl Encode for FetchResponse {
    fn encode(&self, reply: &mut Reply, version: i16) -> Result<(), WireError> {
        let flexible = version >= 12;
        let buf = reply.buf();
        buf.put_i32(0); // throttle time
        if version >= 7 {
            buf.put_i16(self.error.code());
            buf.put_i32(self.session_id);
        }
        write::len(buf, flexible, self.topics.len(), "topics")?;
        for topic in &self.topics {
            let buf = reply.buf();
            if version >= 13 {
                write::uuid(buf, topic.id);
            } else {
                write::string(buf, flexible, &topic.name, "topic name")?;
            }
            write::len(buf, flexible, topic.partitions.len(), "partitions")?;
            for partition in &topic.partitions {
                partition.write(reply, version)?;
            }
            if flexible {
                write::no_tags(reply.buf());
            }
        }
        if flexible {
            write::no_tags(reply.buf());
        }
        Ok(())
    }
}

impl FetchedPartition {
    fn write(&self, reply: &mut Reply, version: i16) -> Result<(), WireError> {
        let flexible = version >= 12;
        let buf = reply.buf();
        buf.put_i32(self.index);
        buf.put_i16(self.error.code());
        buf.put_i64(self.high_watermark);
        buf.put_i64(self.last_stable_offset);
        if version >= 5 {
            buf.put_i64(self.log_start_offset);
        }
        match &self.aborted {
            None if flexible => write::varint(buf, 0),
            None => buf.put_i32(-1),
            Some(aborted) => {
                write::len(buf, flexible, aborted.len(), "aborted transactions")?;
                for transaction in aborted {
                    buf.put_i64(transaction.producer_id);
                    buf.put_i64(transaction.first_offset);
                    if flexible {
                        write::no_tags(buf);
                    }
                }
            }
        }
        if version >= 11 {
            buf.put_i32(-1); // preferred read replica: there is one broker
        }
        // No records are zero bytes and not null: librdkafka takes a null for a broken message set.
        write::len(
            buf,
            flexible,
            self.records.iter().map(Bytes::len).sum(),
            "records",
        )?;
        for chunk in &self.records {
            reply.splice(chunk.clone());
        }
        if flexible {
            self.write_tags(reply);
        }
        Ok(())
    }

    fn write_tags(&self, reply: &mut Reply) {
        let buf = reply.buf();
        let Some((epoch, end_offset)) = self.diverging_epoch else {
            return write::no_tags(buf);
        };
        write::varint(buf, 1); // one tagged field:
        write::varint(buf, 0); // its tag,
        write::varint(buf, 13); // its size
        buf.put_i32(epoch);
        buf.put_i64(end_offset);
        write::no_tags(buf);
    }
}
