//! Looking inside a batch.

use bytes::{Buf, Bytes};

use super::{BatchError, BatchHeader, TimestampType, varint};
use crate::types::{Offset, Timestamp};

/// Most bytes that a block may grow to. Only the broker's own batches are opened, and these are
/// small.
const INFLATED_LIMIT: usize = 32 << 20;

/// One record, as its producer wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    /// The offset in the partition.
    pub(crate) offset: Offset,
    /// The record's time: the producer's, or that of the append.
    pub(crate) timestamp: Timestamp,
    /// The record's key; absent and empty differ.
    pub(crate) key: Option<Bytes>,
    /// The record's value; absent is a tombstone.
    pub(crate) value: Option<Bytes>,
    /// The record's headers in order. A name may come more than once.
    pub(crate) headers: Vec<(Bytes, Option<Bytes>)>,
}

/// The records of a batch, one after the other. After an error there are no more.
#[derive(Debug)]
pub(crate) struct Records {
    header: BatchHeader,
    block: Bytes,
    /// Index of the next record.
    index: i32,
}

impl Records {
    /// Opens the batch at the front of `bytes`. It was checked when it came; its checksum is not
    /// looked at again.
    ///
    /// # Errors
    ///
    /// [`BatchError`] if the header or the compressed block is damaged.
    pub(crate) fn open(bytes: &Bytes) -> Result<Self, BatchError> {
        let header = BatchHeader::parse(bytes)?;
        if bytes.len() < header.size {
            return Err(BatchError::Truncated {
                have: bytes.len(),
                need: header.size,
            });
        }
        let block = bytes.slice(BatchHeader::SIZE..header.size);
        let block = header.compression()?.inflate(block, INFLATED_LIMIT)?;
        Ok(Self {
            header,
            block,
            index: 0,
        })
    }

    fn read(&mut self) -> Option<Record> {
        let size = usize::try_from(varint::read(&mut self.block)?).ok()?;
        if size > self.block.len() {
            return None;
        }
        let mut record = self.block.split_to(size);
        record.try_get_i8().ok()?; // Attributes: none are defined.
        let time = varint::read_long(&mut record)?;
        let offset = varint::read(&mut record)?;
        let key = varint::read_bytes(&mut record)?;
        let value = varint::read_bytes(&mut record)?;
        let mut headers = Vec::new();
        for _ in 0..varint::read(&mut record)? {
            headers.push((
                varint::read_bytes(&mut record)??,
                varint::read_bytes(&mut record)?,
            ));
        }
        let timestamp = match self.header.timestamp_type() {
            TimestampType::CreateTime => Timestamp(self.header.base_timestamp.0.checked_add(time)?),
            TimestampType::LogAppendTime => self.header.max_timestamp,
        };
        let offset = self.header.base_offset.plus(offset.into());
        record.is_empty().then_some(Record {
            offset,
            timestamp,
            key,
            value,
            headers,
        })
    }
}

impl Iterator for Records {
    type Item = Result<Record, BatchError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.index >= self.header.record_count {
            return None;
        }
        let index = self.index;
        let record = self.read();
        self.index = if record.is_some() {
            index + 1
        } else {
            i32::MAX
        };
        Some(record.ok_or(BatchError::Record { index }))
    }
}
