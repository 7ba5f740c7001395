//! Validates a batch before it is appended.
//!
//! Header and checksum prove that the bytes arrived as they were sent, not that they are records.
//! So the records are walked over as well: a batch that no consumer can read would stop every
//! consumer in front of it.

use bytes::BytesMut;

use super::config::{LogConfig, TimestampRules};
use super::error::{AppendError, InvalidBatch, Rejected, RejectedBecause};
use crate::types::{Offset, Timestamp};
use crate::wire::record_batch::{BatchError, BatchHeader, Outline, TimestampType, outline, patch};

/// The origin of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AppendOrigin {
    /// A client's Produce request: everything is checked.
    Client,
    /// A coordinator of this broker: it writes what clients may not, such as control batches.
    Coordinator,
}

/// A copy of a batch that may be appended; offset and leader epoch are not set yet.
#[derive(Debug)]
pub(crate) struct ValidatedBatch {
    pub(super) header: BatchHeader,
    pub(super) bytes: BytesMut,
    /// The time that the broker gave the records, if `message.timestamp.type` says so.
    pub(super) log_append_time: Option<Timestamp>,
    /// The time of its arrival.
    pub(super) now: Timestamp,
}

impl ValidatedBatch {
    /// Checks `bytes`, which must be exactly one batch, and copies them. Needs no lock.
    pub(crate) fn new(
        bytes: &[u8],
        config: &LogConfig,
        origin: AppendOrigin,
        now: Timestamp,
    ) -> Result<Self, AppendError> {
        let header = check_shape(bytes)?;
        let compression = header
            .compression()
            .map_err(|_| AppendError::UnknownCompression {
                codec: header.compression_bits(),
            })?;
        if origin == AppendOrigin::Client {
            check_size(&header, config)?;
            check_client(&header)?;
        }
        let mut valid = Self {
            header,
            bytes: BytesMut::from(bytes),
            log_append_time: None,
            now,
        };
        if origin == AppendOrigin::Client {
            let latest = check_records(bytes, &header, config, now)?;
            valid.settle_times(latest)?;
        }
        if let Some(wanted) = config.compression.filter(|wanted| *wanted != compression) {
            valid.bytes =
                patch::recompress(&valid.bytes.freeze(), wanted, config.max_inflated_bytes)
                    .map_err(unreadable)?;
            valid.header = BatchHeader::parse(&valid.bytes).map_err(unreadable)?;
            // The limit holds for what is stored, and another codec may make it larger.
            if origin == AppendOrigin::Client {
                check_size(&valid.header, config)?;
            }
        }
        if config.timestamps.kind == TimestampType::LogAppendTime {
            patch::log_append_time(&mut valid.bytes, valid.header.attributes, now);
            valid.header = BatchHeader::parse(&valid.bytes).map_err(unreadable)?;
            valid.log_append_time = Some(now);
        }
        Ok(valid)
    }

    /// Sets the times of the header to those of the records: retention, look-ups by time and
    /// readers rely on the header.
    fn settle_times(&mut self, latest: Timestamp) -> Result<(), AppendError> {
        let claimed = (self.header.max_timestamp, self.header.timestamp_type());
        if claimed != (latest, TimestampType::CreateTime) {
            patch::create_time(&mut self.bytes, self.header.attributes, latest);
            self.header = BatchHeader::parse(&self.bytes).map_err(unreadable)?;
        }
        Ok(())
    }
}

fn check_shape(bytes: &[u8]) -> Result<BatchHeader, AppendError> {
    let header = BatchHeader::check(bytes).map_err(|error| {
        let damaged = matches!(error, BatchError::Checksum { .. });
        if damaged {
            AppendError::Corrupt(error)
        } else {
            AppendError::Invalid(InvalidBatch::Header(error))
        }
    })?;
    match bytes.len().saturating_sub(header.size) {
        0 => Ok(header),
        more => Err(AppendError::Invalid(InvalidBatch::MoreThanOne(more))),
    }
}

fn check_size(header: &BatchHeader, config: &LogConfig) -> Result<(), AppendError> {
    if header.size > config.max_batch_bytes {
        return Err(AppendError::TooLarge {
            size: header.size,
            limit: config.max_batch_bytes,
        });
    }
    Ok(())
}

fn check_client(header: &BatchHeader) -> Result<(), AppendError> {
    if header.base_offset != Offset::ZERO {
        return Err(AppendError::Invalid(InvalidBatch::BaseOffset(
            header.base_offset,
        )));
    }
    let offsets = i64::from(header.last_offset_delta) + 1;
    if header.record_count <= 0 || i64::from(header.record_count) != offsets {
        return Err(AppendError::Invalid(InvalidBatch::Count {
            records: header.record_count,
            offsets,
        }));
    }
    if header.is_control() {
        return Err(AppendError::Invalid(InvalidBatch::Control));
    }
    if header.has_producer() && header.base_sequence < 0 {
        return Err(AppendError::Invalid(InvalidBatch::NoSequence(
            header.producer_id,
        )));
    }
    if header.is_transactional() {
        return Err(AppendError::NoTransaction {
            producer: header.producer_id,
        });
    }
    Ok(())
}

/// Returns the latest time of the records.
///
/// # Errors
/// If records break a rule of the topic it names them, so that the producer can drop these and send
/// the others.
fn check_records(
    bytes: &[u8],
    header: &BatchHeader,
    config: &LogConfig,
    now: Timestamp,
) -> Result<Timestamp, AppendError> {
    let (earliest, latest) = allowed_times(&config.timestamps, now);
    let (mut keyless, mut untimely) = (Rejected::default(), Rejected::default());
    let mut newest = Timestamp::NONE;
    outline(
        bytes,
        header,
        config.max_inflated_bytes,
        |Outline {
             index,
             timestamp,
             has_key,
         }| {
            newest = newest.max(timestamp);
            if config.keys_required && !has_key {
                keyless.note(index, RejectedBecause::NoKey);
            }
            if timestamp != Timestamp::NONE && !(earliest..=latest).contains(&timestamp) {
                let reason = RejectedBecause::Timestamp {
                    found: timestamp,
                    earliest,
                    latest,
                };
                untimely.note(index, reason);
            }
        },
    )
    .map_err(unreadable)?;
    if keyless.total > 0 {
        return Err(AppendError::Records(keyless));
    }
    if config.timestamps.kind == TimestampType::CreateTime && untimely.total > 0 {
        return Err(AppendError::Timestamps(untimely));
    }
    Ok(newest)
}

fn allowed_times(rules: &TimestampRules, now: Timestamp) -> (Timestamp, Timestamp) {
    let earliest = rules
        .before_max
        .map_or(Timestamp(i64::MIN), |span| now.minus(span));
    let latest = rules
        .after_max
        .map_or(Timestamp(i64::MAX), |span| now.plus(span));
    (earliest, latest)
}

fn unreadable(error: BatchError) -> AppendError {
    if let BatchError::Inflated { limit } = error {
        return AppendError::Inflated { limit };
    }
    AppendError::Invalid(InvalidBatch::Records(error))
}
