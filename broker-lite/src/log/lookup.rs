//! Which offset belongs to a time or to a place: the answers to ListOffsets.

use super::{
    Log,
    error::ReadError,
    walk::{Found, Stumble},
};
use crate::{
    types::{LeaderEpoch, Offset, Timestamp},
    wire::record_batch::{BatchError, Records},
};

/// What is looked for. The comments give ListOffsets' numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OffsetSpec {
    /// -1: the offset that the next record gets.
    Latest,
    /// -2: the first offset there is.
    Earliest,
    /// -3: the first record with the latest time (KIP-734).
    MaxTimestamp,
    /// -4: the first offset on this broker's own disk (KIP-405); the same as the earliest here.
    EarliestLocal,
    /// -5: the last offset in tiered storage (KIP-1005), of which there is none here.
    LatestTiered,
    /// The first record that is as late as this.
    AtOrAfter(Timestamp),
}

/// An offset, and what is known about the record there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FoundOffset {
    /// The offset.
    pub(crate) offset: Offset,
    /// The record's time, where a record was looked for.
    pub(crate) timestamp: Option<Timestamp>,
    /// The epoch of the leader that wrote it.
    pub(crate) leader_epoch: Option<LeaderEpoch>,
}

impl Log {
    /// Looks up an offset. `None` if no record is that late, or if the log is empty.
    pub(crate) fn lookup(&self, spec: OffsetSpec) -> Result<Option<FoundOffset>, ReadError> {
        match spec {
            OffsetSpec::Latest => Ok(Some(self.place(self.end, Some(self.epoch)))),
            OffsetSpec::Earliest | OffsetSpec::EarliestLocal => {
                Ok(Some(self.place(self.start, self.epochs.of(self.start))))
            }
            OffsetSpec::LatestTiered => Ok(None),
            OffsetSpec::MaxTimestamp => match self.segments().filter_map(|s| s.latest).max_by_key(|l| l.time)
            {
                Some(latest) => self.first_as_late_as(latest.time),
                None => Ok(None),
            },
            OffsetSpec::AtOrAfter(time) => self.first_as_late_as(time),
        }
    }

    fn place(&self, offset: Offset, leader_epoch: Option<LeaderEpoch>) -> FoundOffset {
        FoundOffset { offset, timestamp: None, leader_epoch }
    }

    fn first_as_late_as(&self, time: Timestamp) -> Result<Option<FoundOffset>, ReadError> {
        let late_enough = self.segments().filter(|s| s.latest.is_some_and(|latest| latest.time >= time));
        for segment in late_enough {
            let mut walk = segment.walk_from(segment.indexes.position_of_time(time));
            while let Some(batch) = walk.next().map_err(|stumble| self.read_error(segment.base, stumble))? {
                if batch.header.max_timestamp < time || batch.header.last_offset() < self.start {
                    continue;
                }
                let found = self.record_as_late_as(&batch, time);
                let damaged = |source| ReadError::Damaged { at: batch.header.base_offset, source };
                if let Some(found) = found.map_err(damaged)? {
                    return Ok(Some(found));
                }
            }
        }
        Ok(None)
    }

    /// Opens the batch: Kafka promises the record, not the batch.
    fn record_as_late_as(&self, batch: &Found, time: Timestamp) -> Result<Option<FoundOffset>, BatchError> {
        for record in Records::open(&batch.bytes)? {
            let record = record?;
            if record.timestamp >= time && record.offset >= self.start {
                return Ok(Some(FoundOffset {
                    offset: record.offset,
                    timestamp: Some(record.timestamp),
                    leader_epoch: Some(batch.header.leader_epoch),
                }));
            }
        }
        Ok(None)
    }

    fn read_error(&self, at: Offset, stumble: Stumble) -> ReadError {
        match stumble {
            Stumble::Damage { error, .. } => ReadError::Damaged { at, source: error },
            Stumble::Io(source) => ReadError::Storage { at, source },
        }
    }
}
