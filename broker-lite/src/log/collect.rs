//! Collects whole batches from ranges of segment files, and checks those that come from a disk.

use std::sync::Arc;

use bytes::Bytes;

use super::budget::ReadBudget;
use super::leader_epoch::LeaderEpochs;
use super::range::{Expected, FileRange, ReadTrouble};
use crate::types::Offset;
use crate::wire::record_batch::{BatchError, BatchHeader};

/// Bytes read beyond the budget, since the index leads to a position somewhat before the wanted
/// batch.
const LEAD_IN: usize = 4096 + BatchHeader::SIZE;

/// Batches collected so far.
pub(super) struct Collector {
    /// The wanted offset.
    from: Offset,
    epochs: Arc<LeaderEpochs>,
    budget: ReadBudget,
    chunks: Vec<Bytes>,
    /// Bytes of all chunks.
    bytes: usize,
    /// The known offset of the next batch.
    next: Expected,
    /// Whether the next batch does not fit the budget or is damaged.
    full: bool,
}

/// The source of bytes.
#[derive(Debug, Clone, Copy)]
struct Origin {
    /// From memory, and not from a disk.
    is_kept: bool,
    /// Bytes of the segment from their first one on.
    left: u64,
}

/// The bytes at the front of a chunk.
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

impl Collector {
    pub(super) const fn new(from: Offset, epochs: Arc<LeaderEpochs>, budget: ReadBudget) -> Self {
        Self {
            from,
            epochs,
            budget,
            chunks: Vec::new(),
            bytes: 0,
            next: Expected::Base(Offset::ZERO),
            full: false,
        }
    }

    /// Whether nothing has been collected.
    pub(super) const fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// Whether the budget is used up, or a damaged batch follows.
    pub(super) const fn is_full(&self) -> bool {
        self.full
    }

    pub(super) fn into_chunks(self) -> Vec<Bytes> {
        self.chunks
    }

    /// Collects the batches of a range up to its end, until the budget is used up or up to the
    /// first damaged batch.
    ///
    /// # Errors
    /// [`ReadTrouble`] if the file cannot be read, or the first batch of all is damaged.
    pub(super) fn collect(&mut self, range: &FileRange) -> Result<(), ReadTrouble> {
        if self.is_empty() {
            // Batches before the wanted one are skipped, so each range starts with what its index
            // knows.
            self.next = range.first;
        }
        match self.read(range) {
            // What is whole goes out. The reader meets the damage with its next request.
            Err(ReadTrouble::Damage(_)) if !self.is_empty() => {
                self.full = true;
                Ok(())
            }
            read => read,
        }
    }

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
                // The next batch is larger than what was read, so exactly its size is read next.
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
                // The batch with the wanted offset is missing, or its header is damaged. To go on
                // with a later one would have the reader skip records without knowing.
                return Err(BatchError::Offset {
                    found: header.base_offset,
                    expected: self.from,
                });
            }
        }
        // Before the checksum: a batch that is not returned need not be read as a whole.
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
        so_far.saturating_add(size) <= self.budget.bytes()
            || (so_far == 0 && self.budget.allows_oversized_first())
    }

    fn left(&self) -> usize {
        self.budget.bytes().saturating_sub(self.bytes)
    }

    /// Returns the size of the batch at a position, from its header.
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
