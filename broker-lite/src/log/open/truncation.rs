//! What recovery reports.

use crate::types::Offset;
use crate::wire::record_batch::BatchError;

/// What recovery cut off the end of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Truncation {
    /// The segment's file.
    pub(crate) file: String,
    /// Where in it the damage begins.
    pub(crate) position: u64,
    /// Bytes cut off this file.
    pub(crate) bytes: u64,
    /// Later files, which were moved aside whole.
    pub(crate) later_segments: usize,
    /// What is wrong there.
    pub(crate) reason: BatchError,
    /// Where the log ends now.
    pub(crate) end: Offset,
    /// Why the bytes could not be moved aside. They are still in the file then, hidden from
    /// readers, and nothing is appended before they are moved.
    pub(crate) stuck: Option<String>,
}
