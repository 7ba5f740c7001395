//! Snappy's two forms: one bare block, and the framing of Java's snappy library.

use std::io::{self, ErrorKind, Read};

use super::compression::Compression;
use super::error::BatchError;

/// Most bytes that one block of the framing holds. Java's library writes 32 KiB.
const MAX_BLOCK_BYTES: usize = 16 << 20;

/// Undoes one bare block.
///
/// # Errors
///
/// [`BatchError::Inflated`] if it claims to hold more than `limit` bytes.
pub(super) fn inflate(block: &[u8], limit: usize) -> Result<Vec<u8>, BatchError> {
    let damaged = |_| BatchError::Inflate {
        compression: Compression::Snappy,
    };
    // The length in front is a claim: look at it before believing it.
    if snap::raw::decompress_len(block).map_err(damaged)? > limit {
        return Err(BatchError::Inflated { limit });
    }
    snap::raw::Decoder::new()
        .decompress_vec(block)
        .map_err(damaged)
}

/// Blocks, each behind its length, undone one after the other.
#[derive(Debug)]
pub(super) struct Framed<'a> {
    rest: &'a [u8],
    block: Vec<u8>,
    read: usize,
}

impl<'a> Framed<'a> {
    /// Reads the part behind the magic bytes: two version numbers, and the blocks.
    pub(super) fn new(behind_magic: &'a [u8]) -> io::Result<Self> {
        let rest = behind_magic.get(8..).ok_or(ErrorKind::UnexpectedEof)?;
        Ok(Self {
            rest,
            block: Vec::new(),
            read: 0,
        })
    }

    fn next_block(&mut self) -> Option<Result<Vec<u8>, BatchError>> {
        let (length, rest) = self.rest.split_first_chunk()?;
        let (block, rest) =
            rest.split_at_checked(usize::try_from(i32::from_be_bytes(*length)).ok()?)?;
        self.rest = rest;
        Some(inflate(block, MAX_BLOCK_BYTES))
    }
}

impl Read for Framed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.read == self.block.len() && !self.rest.is_empty() {
            let block = self.next_block().ok_or(ErrorKind::UnexpectedEof)?;
            (self.block, self.read) = (block.map_err(io::Error::other)?, 0);
        }
        let read = self
            .block
            .get(self.read..)
            .unwrap_or_default()
            .read(buffer)?;
        self.read += read;
        Ok(read)
    }
}
