//! How the records of a batch are compressed.

/// A codec, by Kafka's numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Compression {
    /// The records lie there as they are.
    #[default]
    None,
    /// RFC 1952.
    Gzip,
    /// Snappy, in the framing of Java's snappy library or bare.
    Snappy,
    /// LZ4 frames.
    Lz4,
    /// Zstandard (KIP-110); only for clients that speak Produce 7 or Fetch 10.
    Zstd,
}

impl Compression {
    /// The codec of this number, or the number back.
    pub(super) const fn from_bits(bits: i16) -> Result<Self, i16> {
        match bits {
            0 => Ok(Self::None),
            1 => Ok(Self::Gzip),
            2 => Ok(Self::Snappy),
            3 => Ok(Self::Lz4),
            4 => Ok(Self::Zstd),
            unknown => Err(unknown),
        }
    }
}
