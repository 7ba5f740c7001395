//! How the records of a batch are compressed.

use std::io::{self, Read, Write};

use bytes::{Buf, Bytes};

use super::BatchError;

/// Most bytes a block of records may grow to. Clients bound their batches, 1 MB by default, before they compress them.
const INFLATED_LIMIT: usize = 32 << 20;

/// How Java's snappy library begins its streams; after it come two version numbers and blocks with their lengths.
const XERIAL: &[u8] = b"\x82SNAPPY\0";

/// A codec, by Kafka's numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Compression {
    /// The records lie there as they are.
    #[default]
    None,
    /// RFC 1952.
    Gzip,
    /// Snappy, bare or in the framing of Java's snappy library.
    Snappy,
    /// LZ4 frames.
    Lz4,
    /// Zstandard (KIP-110); only producers that speak Produce 7 may send it.
    Zstd,
}

impl Compression {
    /// The number in the attributes of a batch.
    pub(super) const fn bits(self) -> i16 {
        match self {
            Self::None => 0,
            Self::Gzip => 1,
            Self::Snappy => 2,
            Self::Lz4 => 3,
            Self::Zstd => 4,
        }
    }

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

    /// Undoes the compression. However the block was made, no more than a bounded amount of memory is used.
    pub(super) fn inflate(self, block: Bytes) -> Result<Bytes, BatchError> {
        let damaged = |_| BatchError::Inflate { compression: self };
        match self {
            Self::None => Ok(block),
            Self::Gzip => read_bounded(flate2::read::MultiGzDecoder::new(&*block), self),
            Self::Snappy => inflate_snappy(block),
            Self::Lz4 => read_bounded(lz4_flex::frame::FrameDecoder::new(&*block), self),
            Self::Zstd => read_bounded(zstd::Decoder::with_buffer(&*block).map_err(damaged)?, self),
        }
    }

    /// Compresses a block, in a form that every client reads.
    pub(super) fn deflate(self, block: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::None => Ok(block.to_vec()),
            Self::Gzip => {
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
                encoder.write_all(block)?;
                encoder.finish()
            }
            Self::Snappy => snap::raw::Encoder::new().compress_vec(block).map_err(io::Error::other),
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

fn read_bounded(reader: impl Read, compression: Compression) -> Result<Bytes, BatchError> {
    let mut inflated = Vec::new();
    let read = reader.take(INFLATED_LIMIT as u64 + 1).read_to_end(&mut inflated);
    read.map_err(|_| BatchError::Inflate { compression })?;
    if inflated.len() > INFLATED_LIMIT {
        return Err(BatchError::Inflated { limit: INFLATED_LIMIT });
    }
    Ok(inflated.into())
}

fn inflate_snappy(mut block: Bytes) -> Result<Bytes, BatchError> {
    let mut inflated = Vec::new();
    if !block.starts_with(XERIAL) {
        inflate_snappy_block(&block, &mut inflated)?;
        return Ok(inflated.into());
    }
    let damaged = || BatchError::Inflate { compression: Compression::Snappy };
    block.try_get_u64().map_err(|_| damaged())?;
    block.try_get_u64().map_err(|_| damaged())?;
    while block.has_remaining() {
        let size = usize::try_from(block.try_get_i32().map_err(|_| damaged())?).map_err(|_| damaged())?;
        if size > block.len() {
            return Err(damaged());
        }
        inflate_snappy_block(&block.split_to(size), &mut inflated)?;
    }
    Ok(inflated.into())
}

fn inflate_snappy_block(block: &[u8], inflated: &mut Vec<u8>) -> Result<(), BatchError> {
    let damaged = |_| BatchError::Inflate { compression: Compression::Snappy };
    // The length in front is a claim: look at it before believing it.
    let claimed = snap::raw::decompress_len(block).map_err(damaged)?;
    if claimed > INFLATED_LIMIT - inflated.len() {
        return Err(BatchError::Inflated { limit: INFLATED_LIMIT });
    }
    inflated.extend(snap::raw::Decoder::new().decompress_vec(block).map_err(damaged)?);
    Ok(())
}
