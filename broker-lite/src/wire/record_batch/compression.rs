//! The codecs of record batches, by Kafka's numbers.

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
}
