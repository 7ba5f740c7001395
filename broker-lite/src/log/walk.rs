//! Walks through a segment file, batch by batch.

use std::io;

use bytes::Bytes;

use super::range::ReadTrouble;
use crate::storage::File;
use crate::wire::record_batch::{BatchError, BatchHeader};

/// Bytes read at a time, unless a batch is larger.
const BLOCK: usize = 64 * 1024;

/// Reads the batches of `file` from the start of one up to `end`.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    file: &'a dyn File,
    at: u64,
    end: u64,
    buffered: Bytes,
}

/// One batch and where it starts in the file.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) position: u64,
    pub(super) header: BatchHeader,
    pub(super) bytes: Bytes,
}

/// The error that ends a walk early.
#[derive(Debug)]
pub(super) enum WalkError {
    /// The bytes at this position are not a batch.
    Damage { position: u64, error: BatchError },
    /// The file can't be read.
    Io(io::Error),
}

impl From<WalkError> for ReadTrouble {
    fn from(error: WalkError) -> Self {
        match error {
            WalkError::Damage { error, .. } => Self::Damage(error),
            WalkError::Io(error) => Self::Io(error),
        }
    }
}

impl<'a> Walk<'a> {
    pub(super) fn new(file: &'a dyn File, at: u64, end: u64) -> Self {
        Self {
            file,
            at,
            end,
            buffered: Bytes::new(),
        }
    }

    /// Returns the next batch, or `None` at the end. Checksums are not verified. After an error the
    /// walk is over.
    pub(super) fn next(&mut self) -> Result<Option<Found>, WalkError> {
        if self.at >= self.end {
            return Ok(None);
        }
        let position = self.at;
        let damage = |error| WalkError::Damage { position, error };
        self.fill(BatchHeader::SIZE)?;
        let header = BatchHeader::parse(&self.buffered).map_err(damage)?;
        // A damaged length must not allocate more than the file holds.
        let left = self.end - self.at;
        if header.size as u64 > left {
            let have = usize::try_from(left).unwrap_or(usize::MAX);
            return Err(damage(BatchError::Truncated {
                have,
                need: header.size,
            }));
        }
        self.fill(header.size)?;
        if self.buffered.len() < header.size {
            return Err(damage(BatchError::Truncated {
                have: self.buffered.len(),
                need: header.size,
            }));
        }
        self.at += header.size as u64;
        Ok(Some(Found {
            position,
            header,
            bytes: self.buffered.split_to(header.size),
        }))
    }

    /// Returns the next batch with a valid checksum, skipping damage.
    pub(super) fn next_readable(&mut self) -> io::Result<Option<Found>> {
        match self.next() {
            Ok(found) => Ok(found),
            Err(WalkError::Io(error)) => Err(error),
            Err(WalkError::Damage { position, .. }) => {
                self.resync(position, |found| BatchHeader::check(&found.bytes).is_ok())
            }
        }
    }

    /// Resumes after damage at `position` with the first batch that `is_whole` accepts; returns
    /// `None` if there is none.
    ///
    /// Every byte may be the start of a batch. Most are ruled out by their magic byte, so a block
    /// is read once and only the candidates in it are read as batches.
    pub(super) fn resync(
        &mut self,
        position: u64,
        is_whole: impl Fn(&Found) -> bool,
    ) -> io::Result<Option<Found>> {
        let mut at = position + 1;
        while at < self.end {
            let left = usize::try_from(self.end - at).unwrap_or(usize::MAX);
            let block = self.file.read(at, left.min(BLOCK))?.concat();
            let starts = block.len().saturating_sub(BatchHeader::SIZE - 1);
            for (start, distance) in block.windows(BatchHeader::SIZE).zip(0_u64..) {
                if BatchHeader::parse(start).is_err() {
                    continue;
                }
                let mut walk = Walk::new(self.file, at + distance, self.end);
                if let Ok(Some(found)) = walk.next()
                    && is_whole(&found)
                {
                    *self = walk;
                    return Ok(Some(found));
                }
            }
            if starts == 0 {
                break;
            }
            at += starts as u64;
        }
        Ok(None)
    }

    /// Buffers at least `need` bytes, if the file has them.
    fn fill(&mut self, need: usize) -> Result<(), WalkError> {
        if self.buffered.len() >= need {
            return Ok(());
        }
        let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
        let mut chunks = self
            .file
            .read(self.at, need.max(BLOCK).min(left))
            .map_err(WalkError::Io)?;
        self.buffered = match chunks.len() {
            0 | 1 => chunks.pop().unwrap_or_default(),
            _ => chunks.concat().into(),
        };
        Ok(())
    }
}
