//! The few bytes of a batch that the broker sets in place.

use bytes::{Bytes, BytesMut};

use super::checksum::{ATTRIBUTES, checksum};
use super::{BatchError, BatchHeader, Compression};
use crate::types::{LeaderEpoch, Offset, Timestamp};

const BASE_OFFSET: usize = 0;
const LENGTH: usize = 8;
const LEADER_EPOCH: usize = 12;
const CRC: usize = 17;

const MAX_TIMESTAMP: usize = 35;

/// Gives the batch its place in the log. The checksum does not cover these fields.
pub(crate) fn place(batch: &mut [u8], base_offset: Offset, epoch: LeaderEpoch) {
    put(batch, BASE_OFFSET, &base_offset.0.to_be_bytes());
    put(batch, LEADER_EPOCH, &epoch.0.to_be_bytes());
}

/// Makes `now` the time of every record in the batch. The base timestamp stays, as in Kafka.
pub(crate) fn log_append_time(batch: &mut [u8], attributes: i16, now: Timestamp) {
    let attributes = attributes | BatchHeader::LOG_APPEND_TIME;
    put(batch, ATTRIBUTES, &attributes.to_be_bytes());
    put(batch, MAX_TIMESTAMP, &now.0.to_be_bytes());
    seal(batch);
}

/// Makes `latest` the latest time in the batch, and the times the records' own.
pub(crate) fn create_time(batch: &mut [u8], attributes: i16, latest: Timestamp) {
    let attributes = attributes & !BatchHeader::LOG_APPEND_TIME;
    put(batch, ATTRIBUTES, &attributes.to_be_bytes());
    put(batch, MAX_TIMESTAMP, &latest.0.to_be_bytes());
    seal(batch);
}

/// Recompresses the records of a batch, as `compression.type` of its topic asks.
///
/// # Errors
///
/// [`BatchError`] if the block of records is damaged or takes more than `limit` bytes.
pub(crate) fn recompress(
    batch: &Bytes,
    to: Compression,
    limit: usize,
) -> Result<BytesMut, BatchError> {
    let header = BatchHeader::parse(batch)?;
    let block = header
        .compression()?
        .inflate(batch.slice(BatchHeader::SIZE..), limit)?;
    let block = to.deflate(&block).map_err(|_| BatchError::Overflow)?;
    let mut new = BytesMut::with_capacity(BatchHeader::SIZE + block.len());
    new.extend_from_slice(batch.get(..BatchHeader::SIZE).unwrap_or_default());
    new.extend_from_slice(&block);
    let length =
        i32::try_from(new.len() - BatchHeader::UNCOUNTED).map_err(|_| BatchError::Overflow)?;
    put(&mut new, LENGTH, &length.to_be_bytes());
    let attributes = header.attributes & !BatchHeader::COMPRESSION | to.bits();
    put(&mut new, ATTRIBUTES, &attributes.to_be_bytes());
    seal(&mut new);
    Ok(new)
}

/// Sets the checksum, after everything else.
pub(crate) fn seal(batch: &mut [u8]) {
    let crc = checksum(batch);
    put(batch, CRC, &crc.to_be_bytes());
}

/// Bytes too short for the field stay as they are: callers hold a whole header.
fn put(batch: &mut [u8], at: usize, field: &[u8]) {
    if let Some(place) = batch.get_mut(at..at + field.len()) {
        place.copy_from_slice(field);
    }
}
