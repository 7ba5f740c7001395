//! What a batch must be before it gets into the log. Looks at the header and at the checksum.

use bytes::BytesMut;

use super::{
    config::LogConfig,
    error::{AppendError, InvalidBatch},
};
use crate::{
    types::{Offset, Timestamp},
    wire::record_batch::{BatchError, BatchHeader, TimestampType, patch},
};

/// Who appends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AppendOrigin {
    /// A client's Produce request: everything is checked.
    Client,
    /// A coordinator of this broker: it writes what clients may not, such as control batches.
    Coordinator,
}

/// A batch that is fit for the log: a copy of its own, ready to be given its place.
#[derive(Debug)]
pub(crate) struct FitBatch {
    pub(super) header: BatchHeader,
    pub(super) bytes: BytesMut,
    /// The time that the broker gave it.
    pub(super) log_append_time: Option<Timestamp>,
    /// When it came.
    pub(super) now: Timestamp,
}

impl FitBatch {
    /// Checks `bytes`, which must be one batch, and copies them. Needs no lock.
    pub(crate) fn new(
        bytes: &[u8],
        config: &LogConfig,
        origin: AppendOrigin,
        now: Timestamp,
    ) -> Result<Self, AppendError> {
        let header = check_shape(bytes)?;
        if origin == AppendOrigin::Client {
            check_client(&header, config)?;
        }
        let mut fit = Self { header, bytes: BytesMut::from(bytes), log_append_time: None, now };
        if config.timestamps.kind == TimestampType::LogAppendTime {
            patch::log_append_time(&mut fit.bytes, header.attributes, now);
            fit.header = BatchHeader::parse(&fit.bytes).map_err(AppendError::Corrupt)?;
            fit.log_append_time = Some(now);
        }
        Ok(fit)
    }

    /// The time that the broker gave the records, if it did.
    pub(crate) const fn log_append_time(&self) -> Option<Timestamp> {
        self.log_append_time
    }
}

fn check_shape(bytes: &[u8]) -> Result<BatchHeader, AppendError> {
    let header = BatchHeader::check(bytes).map_err(|error| match error {
        BatchError::Checksum { .. } => AppendError::Corrupt(error),
        BatchError::Truncated { .. }
        | BatchError::Length { .. }
        | BatchError::Magic { .. }
        | BatchError::OffsetDelta { .. } => AppendError::Invalid(InvalidBatch::Header(error)),
    })?;
    match bytes.len().saturating_sub(header.size) {
        0 => Ok(header),
        more => Err(AppendError::Invalid(InvalidBatch::MoreThanOne(more))),
    }
}

fn check_client(header: &BatchHeader, config: &LogConfig) -> Result<(), AppendError> {
    if header.size > config.max_batch_bytes {
        return Err(AppendError::TooLarge { size: header.size, limit: config.max_batch_bytes });
    }
    if header.base_offset != Offset::ZERO {
        return Err(AppendError::Invalid(InvalidBatch::BaseOffset(header.base_offset)));
    }
    let offsets = i64::from(header.last_offset_delta) + 1;
    if header.record_count <= 0 || i64::from(header.record_count) != offsets {
        return Err(AppendError::Invalid(InvalidBatch::Count { records: header.record_count, offsets }));
    }
    if header.is_control() {
        return Err(AppendError::Invalid(InvalidBatch::Control));
    }
    if header.has_producer() && header.base_sequence < 0 {
        return Err(AppendError::Invalid(InvalidBatch::NoSequence(header.producer_id)));
    }
    if header.is_transactional() {
        return Err(AppendError::NoTransaction { producer: header.producer_id });
    }
    header.compression().map_err(|codec| AppendError::UnknownCompression { codec })?;
    Ok(())
}
