//! Reading whole batches, apart from the log's lock.
//!
//! Under the lock the log only says where to look ([`ReadPlan`]); the reading itself needs no lock, since what
//! lies in front of the end of a segment never changes.

use std::{io, sync::Arc};

use bytes::Bytes;

use super::error::ReadError;
use crate::{
    storage::File,
    types::Offset,
    wire::record_batch::{BatchError, BatchHeader},
};

/// Room asked for beyond the budget, since the index leads to a place somewhat before the wanted batch.
const LEAD_IN: usize = 4096 + BatchHeader::SIZE;

/// How much a reader takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ReadBudget {
    bytes: usize,
    oversized_first: bool,
}

impl ReadBudget {
    /// No more than `bytes`. A first batch larger than that is withheld.
    pub(crate) const fn at_most(bytes: usize) -> Self {
        Self { bytes, oversized_first: false }
    }

    /// Bytes it allows, but for that first batch.
    pub(crate) const fn bytes(self) -> usize {
        self.bytes
    }

    /// Takes the first batch even if it is larger than the budget, so that no consumer is stuck in front of it.
    pub(crate) const fn or_one_batch(self) -> Self {
        Self { oversized_first: true, ..self }
    }
}

/// Where to look for batches: the segments from the wanted offset on.
#[derive(Debug)]
pub(crate) struct ReadPlan {
    pub(super) from: Offset,
    pub(super) stretches: Vec<Stretch>,
}

/// The part of a segment from a batch's start up to where it ended when the plan was made.
#[derive(Debug)]
pub(super) struct Stretch {
    pub(super) file: Arc<dyn File>,
    pub(super) at: u64,
    pub(super) end: u64,
}

/// Why stored batches can't be read.
#[derive(Debug)]
pub(crate) enum ReadTrouble {
    /// The file system refused.
    Io(io::Error),
    /// The bytes are not batches.
    Damage(BatchError),
}

impl ReadTrouble {
    /// The error of the reader who asked for the records from `at` on.
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

impl ReadPlan {
    /// Reads whole batches, from the one that contains the wanted offset on, up to the budget.
    pub(crate) fn run(self, budget: ReadBudget) -> Result<Batches, ReadTrouble> {
        let mut taken = Taken { chunks: Vec::new(), bytes: 0, full: false, budget };
        for stretch in self.stretches {
            taken.read(&stretch, self.from)?;
            if taken.full {
                break;
            }
        }
        Ok(Batches { chunks: taken.chunks, cut: taken.full })
    }
}

/// Whole batches, in order.
#[derive(Debug, Default)]
pub(crate) struct Batches {
    /// As they lie in the files.
    pub(crate) chunks: Vec<Bytes>,
    /// The budget ended before the log did.
    pub(crate) cut: bool,
}

/// Batches collected so far.
struct Taken {
    chunks: Vec<Bytes>,
    bytes: usize,
    /// The next batch does not fit the budget.
    full: bool,
    budget: ReadBudget,
}

impl Taken {
    fn read(&mut self, stretch: &Stretch, from: Offset) -> Result<(), ReadTrouble> {
        let mut at = stretch.at;
        let mut ask = self.left().saturating_add(LEAD_IN);
        while at < stretch.end && !self.full {
            let end = usize::try_from(stretch.end - at).unwrap_or(usize::MAX);
            let chunks = stretch.file.read(at, ask.min(end))?;
            let before = at;
            for chunk in chunks {
                let used = self.take(&chunk, from)?;
                at += used;
                if used < chunk.len() as u64 {
                    break;
                }
            }
            if at > before {
                ask = self.left().saturating_add(LEAD_IN);
            } else {
                // The batch in front of us is longer than what we asked for.
                ask = self.size_at(stretch, at)?;
            }
        }
        Ok(())
    }

    /// Takes the whole batches of `chunk` that are wanted and fit. Answers how many bytes are dealt with.
    fn take(&mut self, chunk: &Bytes, from: Offset) -> Result<u64, ReadTrouble> {
        let (mut start, mut at) = (0, 0);
        while let Some(rest) = chunk.get(at..).filter(|rest| rest.len() >= BatchHeader::SIZE) {
            let header = BatchHeader::parse(rest).map_err(ReadTrouble::Damage)?;
            if self.chunks.is_empty() && start == at && header.last_offset() < from {
                if header.size > rest.len() {
                    break;
                }
                at += header.size;
                start = at;
                continue;
            }
            if !self.fits(at - start, header.size) {
                self.full = true;
                break;
            }
            if header.size > rest.len() {
                break;
            }
            at += header.size;
        }
        if at > start {
            self.bytes += at - start;
            self.chunks.push(chunk.slice(start..at));
        }
        Ok(at as u64)
    }

    /// Whether a batch of `size` bytes may follow those taken, and `pending` bytes of this chunk.
    fn fits(&self, pending: usize, size: usize) -> bool {
        let so_far = self.bytes + pending;
        so_far.saturating_add(size) <= self.budget.bytes || (so_far == 0 && self.budget.oversized_first)
    }

    fn left(&self) -> usize {
        self.budget.bytes.saturating_sub(self.bytes)
    }

    fn size_at(&self, stretch: &Stretch, at: u64) -> Result<usize, ReadTrouble> {
        let left = usize::try_from(stretch.end - at).unwrap_or(usize::MAX);
        let front = stretch.file.read(at, BatchHeader::SIZE)?.concat();
        let header = BatchHeader::parse(&front).map_err(ReadTrouble::Damage)?;
        if header.size > left {
            return Err(ReadTrouble::Damage(BatchError::Truncated { have: left, need: header.size }));
        }
        Ok(header.size)
    }
}
