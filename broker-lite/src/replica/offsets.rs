//! The result of a read, and the offsets that clients are told.

use bytes::Bytes;

use crate::log::Log;
use crate::types::Offset;

/// Whole batches, and where the log stood when they were read.
#[derive(Debug, Clone, Default)]
pub(crate) struct ReadAnswer {
    /// Whole batches; the first contains the offset asked for. Empty at the end of the log.
    pub(crate) chunks: Vec<Bytes>,
    /// Whether the budget ended before the log did.
    pub(crate) cut: bool,
    /// The partition's offsets at that time.
    pub(crate) offsets: PartitionOffsets,
}

/// The offsets that mark how far a partition can be read and written.
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

impl PartitionOffsets {
    /// With one replica, everything that is written may be read.
    pub(super) fn of(log: &Log) -> Self {
        Self {
            log_start: log.start(),
            high_watermark: log.end(),
            last_stable: log.end(),
            log_end: log.end(),
        }
    }
}
