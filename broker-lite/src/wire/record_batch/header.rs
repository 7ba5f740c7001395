//! The 61 bytes in front of the records.

use bytes::Buf;

use super::checksum::checksum;
use super::{BatchError, Compression};
use crate::types::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Timestamp};

/// The header of a batch. The records behind it are not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BatchHeader {
    /// Offset of the first record.
    pub(crate) base_offset: Offset,
    /// Bytes of the whole batch, header included.
    pub(crate) size: usize,
    /// Epoch of the leader that wrote the batch.
    pub(crate) leader_epoch: LeaderEpoch,
    /// CRC-32C of the bytes from the attributes on.
    pub(crate) crc: u32,
    /// Compression, kind of timestamp, and flags.
    pub(crate) attributes: i16,
    /// Distance from the first offset to the last; not less than zero.
    pub(crate) last_offset_delta: i32,
    /// The time that the records count theirs from.
    pub(crate) base_timestamp: Timestamp,
    /// The latest time of any record, or the time of appending.
    pub(crate) max_timestamp: Timestamp,
    /// The producer that wrote it, or [`ProducerId::NONE`].
    pub(crate) producer_id: ProducerId,
    /// The writer's epoch, or [`ProducerEpoch::NONE`].
    pub(crate) producer_epoch: ProducerEpoch,
    /// The writer's number for the first record, or -1. It wraps from `i32::MAX` to 0.
    pub(crate) base_sequence: i32,
    /// The number of records that the writer put in. Compaction may have left fewer offsets than
    /// records' room.
    pub(crate) record_count: i32,
}

/// The source of a record's timestamp: `message.timestamp.type`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum TimestampType {
    /// The producer set it.
    #[default]
    CreateTime,
    /// The broker set it when it appended the batch.
    LogAppendTime,
}

impl BatchHeader {
    /// Bytes of a header.
    pub(crate) const SIZE: usize = 61;
    /// Bytes of the two fields that the length field does not count: the base offset, and itself.
    pub(crate) const UNCOUNTED: usize = 12;

    pub(super) const COMPRESSION: i16 = 0b0000_0111;
    pub(super) const LOG_APPEND_TIME: i16 = 0b0000_1000;
    const TRANSACTIONAL: i16 = 0b0001_0000;
    const CONTROL: i16 = 0b0010_0000;

    /// Reads the header at the front of `bytes`. More may follow, and the batch itself need not be
    /// complete.
    ///
    /// # Errors
    ///
    /// [`BatchError`], but for the checksum, which [`check`](Self::check) looks at.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, BatchError> {
        let Some(mut field) = bytes.get(..Self::SIZE) else {
            return Err(BatchError::Truncated {
                have: bytes.len(),
                need: Self::SIZE,
            });
        };
        let base_offset = Offset(field.get_i64());
        let length = field.get_i32();
        let size = Self::size_of(length).ok_or(BatchError::Length { found: length })?;
        let leader_epoch = LeaderEpoch(field.get_i32());
        let magic = field.get_i8();
        if magic != 2 {
            return Err(BatchError::Magic { found: magic });
        }
        let header = Self {
            base_offset,
            size,
            leader_epoch,
            crc: field.get_u32(),
            attributes: field.get_i16(),
            last_offset_delta: field.get_i32(),
            base_timestamp: Timestamp(field.get_i64()),
            max_timestamp: Timestamp(field.get_i64()),
            producer_id: ProducerId(field.get_i64()),
            producer_epoch: ProducerEpoch(field.get_i16()),
            base_sequence: field.get_i32(),
            record_count: field.get_i32(),
        };
        if header.last_offset_delta < 0 {
            return Err(BatchError::OffsetDelta {
                found: header.last_offset_delta,
            });
        }
        Ok(header)
    }

    /// Reads the header and makes sure that the whole batch is there, unharmed. More may follow it.
    ///
    /// # Errors
    ///
    /// [`BatchError`].
    pub(crate) fn check(bytes: &[u8]) -> Result<Self, BatchError> {
        let header = Self::parse(bytes)?;
        let Some(batch) = bytes.get(..header.size) else {
            return Err(BatchError::Truncated {
                have: bytes.len(),
                need: header.size,
            });
        };
        let computed = checksum(batch);
        if computed != header.crc {
            return Err(BatchError::Checksum {
                found: header.crc,
                computed,
            });
        }
        Ok(header)
    }

    /// Returns the compression of the records.
    ///
    /// # Errors
    ///
    /// [`BatchError::UnknownCompression`].
    pub(crate) fn compression(&self) -> Result<Compression, BatchError> {
        Compression::from_bits(self.compression_bits())
    }

    /// The number of the codec, known or not.
    pub(crate) const fn compression_bits(&self) -> i16 {
        self.attributes & Self::COMPRESSION
    }

    /// Returns the source of the timestamps.
    #[must_use]
    pub(crate) const fn timestamp_type(&self) -> TimestampType {
        if self.attributes & Self::LOG_APPEND_TIME == 0 {
            TimestampType::CreateTime
        } else {
            TimestampType::LogAppendTime
        }
    }

    /// Whether the batch belongs to a transaction.
    #[must_use]
    pub(crate) const fn is_transactional(&self) -> bool {
        self.attributes & Self::TRANSACTIONAL != 0
    }

    /// Whether the batch is a marker that the broker wrote for itself.
    #[must_use]
    pub(crate) const fn is_control(&self) -> bool {
        self.attributes & Self::CONTROL != 0
    }

    /// Whether an idempotent producer wrote the batch.
    #[must_use]
    pub(crate) fn has_producer(&self) -> bool {
        self.producer_id > ProducerId::NONE
    }

    /// Offset of the last record.
    #[must_use]
    pub(crate) const fn last_offset(&self) -> Offset {
        self.base_offset.plus(self.last_offset_delta as i64)
    }

    /// The writer's number for the last record.
    #[must_use]
    pub(crate) const fn last_sequence(&self) -> i32 {
        next_sequence(self.base_sequence, self.last_offset_delta)
    }

    fn size_of(length: i32) -> Option<usize> {
        let size = usize::try_from(length).ok()?.checked_add(Self::UNCOUNTED)?;
        (size >= Self::SIZE).then_some(size)
    }
}

/// The sequence number `by` records after `sequence`. After `i32::MAX` comes 0.
#[must_use]
pub(crate) const fn next_sequence(sequence: i32, by: i32) -> i32 {
    match sequence.checked_add(by) {
        Some(next) => next,
        None => by - (i32::MAX - sequence) - 1,
    }
}
