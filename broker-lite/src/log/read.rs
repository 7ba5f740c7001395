//! Reads whole batches without the log's lock.
//!
//! Under the lock the log only plans where to read ([`ReadPlan`]). The reading itself needs no
//! lock, since the bytes before the end of a segment never change.
//!
//! Still, bits rot on disks. Kafka sends what it finds and leaves the check to the consumer
//! (`check.crcs`); many consumers don't check, and librdkafka skips what it finds damaged. So
//! batches that come from the disk, and not from memory, are checked here each time, and a damaged
//! one is never sent: its reader is told CORRUPT_MESSAGE and stays in front of it.

use std::io;
use std::sync::Arc;

use bytes::Bytes;

use super::error::ReadError;
use super::leader_epoch::LeaderEpochs;
use crate::storage::File;
use crate::types::Offset;
use crate::wire::record_batch::{BatchError, BatchHeader};

/// Bytes read beyond the budget, since the index leads to a position somewhat before the wanted
/// batch.
const LEAD_IN: usize = 4096 + BatchHeader::SIZE;

/// How many bytes a read may return.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ReadBudget {
    bytes: usize,
    oversized_first: bool,
}

impl ReadBudget {
    /// At most `bytes`. A first batch that is larger is not returned.
    pub(crate) const fn at_most(bytes: usize) -> Self {
        Self {
            bytes,
            oversized_first: false,
        }
    }

    /// Returns the bytes that it allows, apart from an oversized first batch.
    pub(crate) const fn bytes(self) -> usize {
        self.bytes
    }

    /// Returns the first batch even if it is larger than the budget, so that no consumer is stuck
    /// in front of it (KIP-74).
    pub(crate) const fn or_one_batch(self) -> Self {
        Self {
            oversized_first: true,
            ..self
        }
    }
}

/// Where to read batches: ranges of the segments from the wanted offset on.
#[derive(Debug)]
pub(crate) struct ReadPlan {
    pub(super) from: Offset,
    /// Where the log ended when the plan was made.
    pub(super) end: Offset,
    /// Which leader epoch wrote which offsets.
    pub(super) epochs: Arc<LeaderEpochs>,
    pub(super) ranges: Vec<FileRange>,
}

/// The part of a segment from a batch's start up to where it ended when the plan was made.
#[derive(Debug)]
pub(super) struct FileRange {
    pub(super) file: Arc<dyn File>,
    pub(super) at: u64,
    /// What is known of the first batch in it.
    pub(super) first: Expected,
    pub(super) end: u64,
}

/// What is known of the offsets of a batch before it is read. Its checksum does not cover them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    /// Its first offset, known from the batch before it or from its segment.
    Base(Offset),
    /// Its last offset, known from the index.
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

/// Why stored batches can't be read.
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

impl ReadPlan {
    /// Reads whole batches, from the one that contains the wanted offset on, up to the budget.
    ///
    /// Batches from a disk are checked. A damaged one ends the result, and is an error if it is the
    /// first.
    pub(crate) fn run(self, budget: ReadBudget) -> Result<Batches, ReadTrouble> {
        let Self {
            from,
            end,
            epochs,
            ranges,
        } = self;
        let mut taken = Taken {
            from,
            epochs,
            chunks: Vec::new(),
            bytes: 0,
            next: Expected::Base(Offset::ZERO),
            full: false,
            budget,
        };
        for range in ranges {
            if taken.bytes == 0 {
                taken.next = range.first;
            }
            match taken.read(&range) {
                Err(ReadTrouble::Damage(_)) if taken.bytes > 0 => taken.full = true,
                read => read?,
            }
            if taken.full {
                break;
            }
        }
        if from < end && taken.bytes == 0 && !taken.full {
            // There should be a batch: returning nothing would have the reader wait for ever.
            return Err(ReadTrouble::Damage(BatchError::Truncated {
                have: 0,
                need: BatchHeader::SIZE,
            }));
        }
        Ok(Batches {
            chunks: taken.chunks,
            cut: taken.full,
        })
    }
}

/// Whole batches, in order.
#[derive(Debug, Default)]
pub(crate) struct Batches {
    /// Slices of the files, each of one or more batches.
    pub(crate) chunks: Vec<Bytes>,
    /// Whether the budget ended before the log did, or a damaged batch follows.
    pub(crate) cut: bool,
}

/// Batches collected so far.
struct Taken {
    from: Offset,
    epochs: Arc<LeaderEpochs>,
    chunks: Vec<Bytes>,
    bytes: usize,
    /// What is known of the batch that comes next.
    next: Expected,
    /// Whether the next batch does not fit the budget or is damaged.
    full: bool,
    budget: ReadBudget,
}

/// Where bytes come from.
#[derive(Debug, Clone, Copy)]
struct Origin {
    /// From memory, and not from a disk.
    is_kept: bool,
    /// Bytes of the segment from their first one on.
    left: u64,
}

/// What the bytes at the front of a chunk are.
enum Front {
    /// A batch before the wanted offset.
    Earlier(BatchHeader),
    /// A batch to take.
    Wanted(BatchHeader),
    /// A batch that does not fit the budget.
    TooMuch,
    /// A part of a batch.
    Part,
}

impl Taken {
    fn read(&mut self, range: &FileRange) -> Result<(), ReadTrouble> {
        let mut at = range.at;
        let mut ask = self.left().saturating_add(LEAD_IN);
        while at < range.end && !self.full {
            let end = usize::try_from(range.end - at).unwrap_or(usize::MAX);
            let chunks = range.file.read(at, ask.min(end))?;
            let is_kept = range.file.is_kept(at);
            let before = at;
            for chunk in chunks {
                let used = self.take(
                    &chunk,
                    Origin {
                        is_kept,
                        left: range.end - at,
                    },
                )?;
                at += used;
                if used < chunk.len() as u64 {
                    break;
                }
            }
            if at > before {
                ask = self.left().saturating_add(LEAD_IN);
            } else if !self.full {
                // The next batch is larger than what was read.
                ask = self.size_at(range, at)?;
            }
        }
        Ok(())
    }

    /// Takes the whole batches of `chunk` that are wanted and fit. Returns the number of bytes that
    /// are taken or skipped.
    fn take(&mut self, chunk: &Bytes, origin: Origin) -> Result<u64, ReadTrouble> {
        let (mut start, mut at) = (0, 0);
        let mut damage = None;
        while let Some(rest) = chunk
            .get(at..)
            .filter(|rest| rest.len() >= BatchHeader::SIZE)
        {
            let origin = Origin {
                left: origin.left - at as u64,
                ..origin
            };
            match self.judge(rest, at - start, origin) {
                Ok(Front::Earlier(header)) => {
                    at += header.size;
                    start = at;
                    self.next = Expected::Base(header.last_offset().next());
                }
                Ok(Front::Wanted(header)) => {
                    at += header.size;
                    self.next = Expected::Base(header.last_offset().next());
                }
                Ok(Front::TooMuch) => {
                    self.full = true;
                    break;
                }
                Ok(Front::Part) => break,
                Err(error) => {
                    damage = Some(error);
                    break;
                }
            }
        }
        if at > start {
            self.bytes += at - start;
            self.chunks.push(chunk.slice(start..at));
        }
        match damage {
            Some(error) => Err(ReadTrouble::Damage(error)),
            None => Ok(at as u64),
        }
    }

    /// Classifies the batch at the front of `rest`; `pending` bytes of the chunk before it are to
    /// be taken.
    fn judge(&self, rest: &[u8], pending: usize, origin: Origin) -> Result<Front, BatchError> {
        let header = BatchHeader::parse(rest)?;
        if header.size as u64 > origin.left {
            let have = usize::try_from(origin.left).unwrap_or(usize::MAX);
            return Err(BatchError::Truncated {
                have,
                need: header.size,
            });
        }
        let batch = rest.get(..header.size);
        if self.bytes + pending == 0 {
            if header.last_offset() < self.from {
                return Ok(batch.map_or(Front::Part, |_| Front::Earlier(header)));
            }
            if header.base_offset > self.from {
                // The batch with the wanted offset is gone, or its header is damaged.
                return Err(BatchError::Offset {
                    found: header.base_offset,
                    expected: self.from,
                });
            }
        }
        if !self.fits(pending, header.size) {
            return Ok(Front::TooMuch);
        }
        let Some(batch) = batch else {
            return Ok(Front::Part);
        };
        if !origin.is_kept {
            self.check(&header, batch)?;
        }
        Ok(Front::Wanted(header))
    }

    /// Checks that a batch from a disk is the one that was written there. Its checksum covers
    /// neither its offset nor its epoch, so these are compared with what is known.
    fn check(&self, header: &BatchHeader, batch: &[u8]) -> Result<(), BatchError> {
        BatchHeader::check(batch)?;
        self.next.check(header)?;
        let found = header.leader_epoch;
        match self.epochs.of(header.base_offset) {
            Some(expected) if expected != found => Err(BatchError::Epoch { found, expected }),
            Some(_) | None => Ok(()),
        }
    }

    /// Whether a batch of `size` bytes may follow those taken, and `pending` bytes of this chunk.
    fn fits(&self, pending: usize, size: usize) -> bool {
        let so_far = self.bytes + pending;
        so_far.saturating_add(size) <= self.budget.bytes
            || (so_far == 0 && self.budget.oversized_first)
    }

    fn left(&self) -> usize {
        self.budget.bytes.saturating_sub(self.bytes)
    }

    fn size_at(&self, range: &FileRange, at: u64) -> Result<usize, ReadTrouble> {
        let left = usize::try_from(range.end - at).unwrap_or(usize::MAX);
        let front = range.file.read(at, BatchHeader::SIZE)?.concat();
        let header = BatchHeader::parse(&front).map_err(ReadTrouble::Damage)?;
        if header.size > left {
            return Err(ReadTrouble::Damage(BatchError::Truncated {
                have: left,
                need: header.size,
            }));
        }
        Ok(header.size)
    }
}
