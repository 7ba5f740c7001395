//! Errors of a log, by what the caller can do about them.

use std::{fmt, io};

use crate::types::{Offset, ProducerEpoch, ProducerId, Timestamp, TopicId};
use crate::wire::record_batch::BatchError;

/// The reason why a batch was not appended. Nothing was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum AppendError {
    /// The bytes were damaged on their way: sending them again helps.
    #[error("the batch is damaged")]
    Corrupt(#[source] BatchError),
    /// The bytes are not one batch as a client may write it: sending them again does not help.
    #[error("not a batch that can be appended: {0}")]
    Invalid(InvalidBatch),
    /// The batch is larger than `max.message.bytes`: send smaller ones.
    #[error("a batch of {size} bytes is larger than the {limit} that max.message.bytes allows")]
    TooLarge {
        /// Bytes of the batch.
        size: usize,
        /// The topic's limit.
        limit: usize,
    },
    /// The batch takes more than `message.max.decompressed.bytes` when it is decompressed: send
    /// smaller ones, or raise it.
    #[error(
        "a batch takes more than the {limit} bytes that message.max.decompressed.bytes allows when it is decompressed"
    )]
    Inflated {
        /// The broker's limit.
        limit: usize,
    },
    /// A codec that Kafka doesn't have.
    #[error("compression codec {codec} is unknown")]
    UnknownCompression {
        /// The codec's number.
        codec: i16,
    },
    /// Records lie too far in the past or the future.
    #[error("{0} out of range in time")]
    Timestamps(Rejected),
    /// Records break a rule of the topic.
    #[error("{0} not allowed in this topic")]
    Records(Rejected),
    /// The producer was fenced: a newer instance of it has begun.
    #[error("producer {producer} is in epoch {current}, the batch is of epoch {found}")]
    ProducerEpoch {
        /// The producer.
        producer: ProducerId,
        /// The newest epoch seen.
        current: ProducerEpoch,
        /// The epoch in the batch.
        found: ProducerEpoch,
    },
    /// Batches of this producer are missing in between, or it repeats one from too long ago.
    #[error("producer {producer} epoch {epoch} continues with sequence {expected}, not {found}")]
    OutOfSequence {
        /// The producer.
        producer: ProducerId,
        /// The producer's epoch.
        epoch: ProducerEpoch,
        /// The sequence number that comes next.
        expected: i32,
        /// The sequence number in the batch.
        found: i32,
    },
    /// A transactional batch outside a transaction.
    #[error("producer {producer} has no transaction open in this partition")]
    NoTransaction {
        /// The producer.
        producer: ProducerId,
    },
    /// The disk refused.
    #[error("the batch can't be written at offset {at}")]
    Storage {
        /// The offset that the batch would have got.
        at: Offset,
        /// The file system's error.
        #[source]
        source: io::Error,
    },
    /// The partition is closed or deleted.
    #[error("the partition is closed")]
    Closed,
}

/// Most records of a batch that are named one by one; a batch may hold millions.
const MAX_NAMED: usize = 100;

/// The records that made their batch unacceptable.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Rejected {
    /// The first of them.
    pub(crate) first: Vec<RejectedRecord>,
    /// The number of them.
    pub(crate) total: usize,
}

impl Rejected {
    pub(super) fn note(&mut self, index: i32, reason: RejectedBecause) {
        self.total += 1;
        if self.first.len() < MAX_NAMED {
            self.first.push(RejectedRecord { index, reason });
        }
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let index = self.first.first().map_or(-1, |record| record.index);
        write!(f, "{} records, the first at index {index}, are", self.total)
    }
}

/// One record that made its batch unacceptable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RejectedRecord {
    /// The record's index in the batch, from 0.
    pub(crate) index: i32,
    /// The rule that it breaks.
    pub(crate) reason: RejectedBecause,
}

/// The reason why a record is not acceptable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum RejectedBecause {
    /// A compacted topic keeps the newest record of each key.
    #[error("a compacted topic takes no record without a key")]
    NoKey,
    /// Outside `message.timestamp.before.max.ms` or `message.timestamp.after.max.ms`.
    #[error("timestamp {found} is outside {earliest} to {latest}")]
    Timestamp {
        /// The record's.
        found: Timestamp,
        /// Earliest one allowed.
        earliest: Timestamp,
        /// Latest one allowed.
        latest: Timestamp,
    },
}

/// A fault in the shape of a batch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum InvalidBatch {
    /// The header is malformed.
    #[error("{0}")]
    Header(BatchError),
    /// Produce takes exactly one batch per partition.
    #[error("{0} bytes follow the batch, one request takes one batch for each partition")]
    MoreThanOne(usize),
    /// A client counts from 0.
    #[error("its base offset is {0}, a client starts at 0")]
    BaseOffset(Offset),
    /// The header contradicts itself, or the batch is empty.
    #[error("it claims {records} records and {offsets} offsets")]
    Count {
        /// Records by the count field.
        records: i32,
        /// Offsets by the last offset delta.
        offsets: i64,
    },
    /// Only the broker writes markers.
    #[error("a client can't write control batches")]
    Control,
    /// The records behind the header can't be read, or don't match it.
    #[error("{0}")]
    Records(BatchError),
    /// An idempotent producer numbers its batches.
    #[error("producer {0} sent no sequence number")]
    NoSequence(ProducerId),
}

/// The reason why nothing could be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum ReadError {
    /// The offset was deleted or is not written yet.
    #[error("offset {wanted} is outside {start} to {end}")]
    OutOfRange {
        /// The offset asked for.
        wanted: Offset,
        /// The first offset there is.
        start: Offset,
        /// The offset the next record will get.
        end: Offset,
    },
    /// The disk refused.
    #[error("can't read at offset {at}")]
    Storage {
        /// The offset asked for.
        at: Offset,
        /// The file system's error.
        #[source]
        source: io::Error,
    },
    /// The stored bytes are damaged.
    #[error("the log is damaged at offset {at}")]
    Damaged {
        /// The offset asked for.
        at: Offset,
        /// The damage.
        #[source]
        source: BatchError,
    },
    /// The partition is closed or deleted.
    #[error("the partition is closed")]
    Closed,
}

/// The reason why a log could not be opened, closed or cleaned.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum LogError {
    /// A partition that was there before is not there now.
    #[error(
        "folder {path} is missing or empty: put its files back, or start on another data folder"
    )]
    Gone {
        /// The partition's folder.
        path: String,
    },
    /// The folder says that it belongs to another topic.
    #[error(
        "folder {path} belongs to the topic with id {found}, not {wanted}: its {} is damaged, or the folder is another's",
        super::files::TOPIC_ID
    )]
    Foreign {
        /// The partition's folder.
        path: String,
        /// The id that the folder has.
        found: TopicId,
        /// The id of the topic.
        wanted: TopicId,
    },
    /// The disk refused.
    #[error("{path} can't be {doing}")]
    Storage {
        /// The file or folder.
        path: String,
        /// The action that failed.
        doing: &'static str,
        /// The file system's error.
        #[source]
        source: io::Error,
    },
    /// The partition is closed or deleted.
    #[error("the partition is closed")]
    Closed,
}
