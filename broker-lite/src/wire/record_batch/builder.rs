//! Writing batches of the broker's own.

use bytes::{BufMut, Bytes, BytesMut};

use super::{BatchError, BatchHeader, Compression, patch, varint};
use crate::types::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Timestamp};

/// Collects records and writes them as one batch at offset 0.
///
/// Default: uncompressed, of no idempotent producer.
#[derive(Debug)]
#[must_use]
pub(crate) struct BatchBuilder {
    compression: Compression,
    producer: (ProducerId, ProducerEpoch, i32),
    records: BytesMut,
    count: i32,
    base: Timestamp,
    latest: Timestamp,
}

impl Default for BatchBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl BatchBuilder {
    /// A batch without records.
    pub(crate) fn new() -> Self {
        Self {
            compression: Compression::None,
            producer: (ProducerId::NONE, ProducerEpoch::NONE, -1),
            records: BytesMut::new(),
            count: 0,
            base: Timestamp::NONE,
            latest: Timestamp::NONE,
        }
    }

    /// Compresses the records.
    #[cfg(test)]
    pub(crate) fn compression(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    /// Writes in the name of an idempotent producer; `sequence` is that of the first record.
    #[cfg(test)]
    pub(crate) fn producer(mut self, id: ProducerId, epoch: ProducerEpoch, sequence: i32) -> Self {
        self.producer = (id, epoch, sequence);
        self
    }

    /// Adds a record.
    pub(crate) fn record(
        self,
        timestamp: Timestamp,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
    ) -> Self {
        self.record_with_headers(timestamp, key, value, &[])
    }

    /// Adds a record with headers.
    pub(crate) fn record_with_headers(
        mut self,
        timestamp: Timestamp,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[(&[u8], Option<&[u8]>)],
    ) -> Self {
        if self.count == 0 {
            self.base = timestamp;
            self.latest = timestamp;
        }
        self.latest = self.latest.max(timestamp);
        let mut record = BytesMut::new();
        record.put_i8(0);
        varint::write(&mut record, timestamp.0.saturating_sub(self.base.0));
        varint::write(&mut record, self.count.into());
        varint::write_bytes(&mut record, key);
        varint::write_bytes(&mut record, value);
        varint::write(
            &mut record,
            i64::try_from(headers.len()).unwrap_or(i64::MAX),
        );
        for (name, value) in headers {
            varint::write_bytes(&mut record, Some(name));
            varint::write_bytes(&mut record, *value);
        }
        varint::write_bytes(&mut self.records, Some(&record));
        self.count = self.count.saturating_add(1);
        self
    }

    /// Writes the batch.
    ///
    /// # Errors
    ///
    /// [`BatchError::Overflow`] if the records are too many or too large for the fields of a
    /// header.
    pub(crate) fn build(self) -> Result<Bytes, BatchError> {
        let block = self
            .compression
            .deflate(&self.records)
            .map_err(|_| BatchError::Overflow)?;
        let size = BatchHeader::SIZE + block.len();
        let length =
            i32::try_from(size - BatchHeader::UNCOUNTED).map_err(|_| BatchError::Overflow)?;
        let (id, epoch, sequence) = self.producer;
        let mut batch = BytesMut::with_capacity(size);
        batch.put_i64(Offset::ZERO.0);
        batch.put_i32(length);
        batch.put_i32(LeaderEpoch::NONE.0);
        batch.put_i8(2);
        batch.put_u32(0);
        batch.put_i16(self.compression.bits());
        batch.put_i32(self.count - 1);
        batch.put_i64(self.base.0);
        batch.put_i64(self.latest.0);
        batch.put_i64(id.0);
        batch.put_i16(epoch.0);
        batch.put_i32(sequence);
        batch.put_i32(self.count);
        batch.put_slice(&block);
        patch::seal(&mut batch);
        Ok(batch.freeze())
    }
}
