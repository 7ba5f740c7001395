//! Reasons why bytes are not a batch.

use super::compression::Compression;
use crate::types::{LeaderEpoch, Offset};

/// The reason why bytes are not a batch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum BatchError {
    /// The bytes end before the batch does.
    #[error("a batch of {need} bytes has only {have}")]
    Truncated {
        /// Bytes there are.
        have: usize,
        /// Bytes the header asks for, or the size of a header.
        need: usize,
    },
    /// The length field can't be right: no batch is that short.
    #[error("a batch can't have the length {found}")]
    Length {
        /// The field's value.
        found: i32,
    },
    /// Not version 2. Older formats are not written since Kafka 0.11.
    #[error("record format {found} is not supported, only 2 is")]
    Magic {
        /// The field's value.
        found: i8,
    },
    /// The batch ends before it begins.
    #[error("a batch can't end {found} offsets after its first")]
    OffsetDelta {
        /// The field's value.
        found: i32,
    },
    /// The bytes are not the ones that were written.
    #[error("the checksum of the batch is {found:#010x}, its bytes give {computed:#010x}")]
    Checksum {
        /// The field's value.
        found: u32,
        /// The checksum of the bytes.
        computed: u32,
    },
    /// A stored batch that is not where it belongs.
    #[error("the batch has offset {found} where {expected} should come")]
    Offset {
        /// The base offset.
        found: Offset,
        /// The offset behind the batch before it.
        expected: Offset,
    },
    /// A stored batch that no leader can have written here.
    #[error("the batch has leader epoch {found} where {expected} should come")]
    Epoch {
        /// The leader epoch.
        found: LeaderEpoch,
        /// The epoch of the batch before it.
        expected: LeaderEpoch,
    },
    /// A codec that Kafka doesn't have.
    #[error("compression codec {codec} is unknown")]
    UnknownCompression {
        /// The number of the codec.
        codec: i16,
    },
    /// The block of records is not what its codec writes.
    #[error("the records can't be decompressed as {compression:?}")]
    Inflate {
        /// The codec.
        compression: Compression,
    },
    /// The block of records grows without end.
    #[error("the records take more than {limit} bytes when they are decompressed")]
    Inflated {
        /// The limit, in bytes.
        limit: usize,
    },
    /// A record ends too early or contradicts itself.
    #[error("record {index} can't be read")]
    Record {
        /// The index in the batch, from 0.
        index: i32,
    },
    /// Bytes behind the last record that the header counts.
    #[error("{bytes} bytes follow the last record")]
    Trailing {
        /// The number of bytes.
        bytes: usize,
    },
    /// More records or bytes than one batch holds.
    #[error("too much for one batch")]
    Overflow,
}
