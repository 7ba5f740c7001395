//! Ranges of segment files that are read without the log's lock.

use std::io;
use std::sync::Arc;

use super::error::ReadError;
use crate::storage::File;
use crate::types::Offset;
use crate::wire::record_batch::{BatchError, BatchHeader};

/// The part of a segment from a batch's start up to where it ended when the plan was made.
#[derive(Debug)]
pub(super) struct FileRange {
    pub(super) file: Arc<dyn File>,
    pub(super) at: u64,
    /// The known offset of the first batch in it.
    pub(super) first: Expected,
    pub(super) end: u64,
}

/// The offset of a batch that is known before the batch is read. Its checksum does not cover it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    /// The first offset, known from the batch before it or from its segment.
    Base(Offset),
    /// The last offset, known from the index.
    Last(Offset),
}

impl Expected {
    /// Checks that a batch has the expected offsets.
    ///
    /// # Errors
    /// [`BatchError::Offset`] if it has others.
    pub(super) fn check(self, header: &BatchHeader) -> Result<(), BatchError> {
        let (found, expected) = match self {
            Self::Base(base) => (header.base_offset, base),
            Self::Last(last) => (header.last_offset(), last),
        };
        if found == expected {
            Ok(())
        } else {
            Err(BatchError::Offset { found, expected })
        }
    }
}

/// The reason why stored batches can't be read.
#[derive(Debug)]
pub(crate) enum ReadTrouble {
    /// The file system refused.
    Io(io::Error),
    /// The bytes are not batches.
    Damage(BatchError),
}

impl ReadTrouble {
    /// Returns the error for a reader that asked for the records from `at` on.
    pub(crate) fn at(self, at: Offset) -> ReadError {
        match self {
            Self::Io(source) => ReadError::Storage { at, source },
            Self::Damage(source) => ReadError::Damaged { at, source },
        }
    }
}

impl From<io::Error> for ReadTrouble {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
