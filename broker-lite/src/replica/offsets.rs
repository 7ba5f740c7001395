//! The offsets that a partition answers with.

use bytes::Bytes;

use crate::types::Offset;

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
