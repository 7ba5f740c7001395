//! The report of a recovery.

use crate::types::Offset;
use crate::wire::record_batch::BatchError;

/// The part that recovery cut off the end of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Truncation {
    /// The segment's file.
    pub(crate) file: String,
    /// The position in it at which the damage begins.
    pub(crate) position: u64,
    /// Bytes cut off this file.
    pub(crate) bytes: u64,
    /// Later files, which were moved aside whole.
    pub(crate) later_segments: usize,
    /// The damage.
    pub(crate) reason: BatchError,
    /// The end of the log now.
    pub(crate) end: Offset,
    /// The reason why the bytes could not be moved aside, if so. They are still in the file then,
    /// hidden from readers, and nothing is appended before they are moved.
    pub(crate) stuck: Option<String>,
}
