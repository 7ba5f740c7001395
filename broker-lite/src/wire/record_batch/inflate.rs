//! Compressing and decompressing the records of a batch.

use std::io::{self, Cursor, Read, Write};

use bytes::Bytes;

use super::compression::Compression;
use super::error::BatchError;
use super::snappy;

/// The first bytes of the streams of Java's snappy library; after them come two version numbers and
/// blocks with their lengths.
const XERIAL: &[u8] = b"\x82SNAPPY\0";

impl Compression {
    /// The codec of this number.
    pub(super) const fn from_bits(bits: i16) -> Result<Self, BatchError> {
        match bits {
            0 => Ok(Self::None),
            1 => Ok(Self::Gzip),
            2 => Ok(Self::Snappy),
            3 => Ok(Self::Lz4),
            4 => Ok(Self::Zstd),
            codec => Err(BatchError::UnknownCompression { codec }),
        }
    }

    /// Undoes the compression, in memory.
    ///
    /// # Errors
    ///
    /// [`BatchError::Inflated`] if that takes more than `limit` bytes.
    pub(super) fn inflate(self, block: Bytes, limit: usize) -> Result<Bytes, BatchError> {
        if self == Self::None {
            return Ok(block);
        }
        let mut inflated = Vec::new();
        let read = self
            .reader(&block, limit)?
            .take((limit as u64).saturating_add(1))
            .read_to_end(&mut inflated);
        read.map_err(|_| BatchError::Inflate { compression: self })?;
        if inflated.len() > limit {
            Err(BatchError::Inflated { limit })
        } else {
            Ok(inflated.into())
        }
    }

    /// Undoes the compression bit by bit: however much comes out, it takes little memory. Only a
    /// bare block of snappy has to be undone at one stroke, which `limit` bounds.
    pub(super) fn reader(
        self,
        block: &[u8],
        limit: usize,
    ) -> Result<Box<dyn Read + '_>, BatchError> {
        let damaged = |_| BatchError::Inflate { compression: self };
        Ok(match self {
            Self::None => Box::new(block),
            Self::Gzip => Box::new(flate2::read::MultiGzDecoder::new(block)),
            Self::Snappy => match block.strip_prefix(XERIAL) {
                Some(framed) => Box::new(snappy::Framed::new(framed).map_err(damaged)?),
                None => Box::new(Cursor::new(snappy::inflate(block, limit)?)),
            },
            Self::Lz4 => Box::new(lz4_flex::frame::FrameDecoder::new(block)),
            Self::Zstd => Box::new(zstd::Decoder::with_buffer(block).map_err(damaged)?),
        })
    }

    /// Compresses a block, in a form that every client reads.
    pub(super) fn deflate(self, block: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::None => Ok(block.to_vec()),
            Self::Gzip => {
                let mut encoder =
                    flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
                encoder.write_all(block)?;
                encoder.finish()
            }
            Self::Snappy => snap::raw::Encoder::new()
                .compress_vec(block)
                .map_err(io::Error::other),
            Self::Lz4 => {
                // Java reads independent blocks only, which is this crate's default.
                let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
                encoder.write_all(block)?;
                encoder.finish().map_err(io::Error::other)
            }
            Self::Zstd => zstd::encode_all(block, zstd::DEFAULT_COMPRESSION_LEVEL),
        }
    }
}
