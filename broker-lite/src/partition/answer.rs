//! What a partition answers.

use bytes::Bytes;

use crate::types::{Offset, Timestamp};

/// A batch is in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Appended {
    /// Offset of the batch's first record.
    pub(crate) base_offset: Offset,
    /// Offset of its last.
    pub(crate) last_offset: Offset,
    /// The time that the broker gave the records, if `message.timestamp.type` says so.
    pub(crate) log_append_time: Option<Timestamp>,
    /// The first offset of the log.
    pub(crate) log_start: Offset,
    /// The batch had been appended before, at these offsets, and was not written again.
    pub(crate) duplicate: bool,
}

/// Whole batches, and where the log stood when they were read.
#[derive(Debug, Clone, Default)]
pub(crate) struct ReadAnswer {
    /// Whole batches; the first contains the offset asked for. Empty at the end of the log.
    pub(crate) chunks: Vec<Bytes>,
    /// More was there, and the budget allowed no more.
    pub(crate) cut: bool,
    /// Where the log stood.
    pub(crate) offsets: PartitionOffsets,
}

/// The four marks of a partition.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct PartitionOffsets {
    /// The first offset there is.
    pub(crate) log_start: Offset,
    /// Consumers see what lies before it: all in-sync replicas have it.
    pub(crate) high_watermark: Offset,
    /// `read_committed` consumers see what lies before it.
    pub(crate) last_stable: Offset,
    /// The offset that the next record gets.
    pub(crate) log_end: Offset,
}
