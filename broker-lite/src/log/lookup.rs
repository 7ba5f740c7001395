//! Finds the offset of a time or of an end of the log, for ListOffsets.
//!
//! The ends are known at once. A time is searched for, and the search needs no lock.

use super::Log;
use super::range::{Expected, FileRange, ReadTrouble};
use super::walk::{Found, Walk};
use crate::types::{LeaderEpoch, Offset, Timestamp};
use crate::wire::record_batch::{BatchError, BatchHeader, TimestampType, outline};

/// The offset to look up. The comments give the numbers that ListOffsets uses.
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

/// The result of a look-up, or the search that finds it.
#[derive(Debug)]
pub(crate) enum Lookup {
    /// The offset, or `None` if there is none.
    Known(Option<FoundOffset>),
    /// The log has to be searched.
    Search(TimeSearch),
}

/// A search for the first record that is as late as a time.
#[derive(Debug)]
pub(crate) struct TimeSearch {
    time: Timestamp,
    /// Records in front of it are deleted.
    start: Offset,
    /// The segments that may have such a record, each from a position before it.
    ranges: Vec<FileRange>,
}

impl Log {
    /// Looks up an offset.
    pub(crate) fn lookup(&self, spec: OffsetSpec) -> Lookup {
        let place = |offset, leader_epoch| {
            Lookup::Known(Some(FoundOffset {
                offset,
                timestamp: None,
                leader_epoch,
            }))
        };
        match spec {
            OffsetSpec::Latest => place(self.end, Some(self.epoch)),
            OffsetSpec::Earliest | OffsetSpec::EarliestLocal => {
                place(self.start, self.epochs.of(self.start))
            }
            OffsetSpec::LatestTiered => Lookup::Known(None),
            OffsetSpec::MaxTimestamp => {
                match self
                    .segments()
                    .filter_map(|segment| segment.latest)
                    .map(|l| l.time)
                    .max()
                {
                    Some(latest) => Lookup::Search(self.search(latest)),
                    None => Lookup::Known(None),
                }
            }
            OffsetSpec::AtOrAfter(time) => Lookup::Search(self.search(time)),
        }
    }

    fn search(&self, time: Timestamp) -> TimeSearch {
        let late_enough = self
            .segments()
            .filter(|segment| segment.latest.is_some_and(|latest| latest.time >= time));
        let ranges = late_enough
            .map(|segment| segment.range_from_time(time))
            .collect();
        TimeSearch {
            time,
            start: self.start,
            ranges,
        }
    }
}

impl TimeSearch {
    /// Runs the search; returns `None` if no record is that late.
    pub(crate) fn run(self) -> Result<Option<FoundOffset>, ReadTrouble> {
        for FileRange {
            file,
            at,
            first,
            end,
        } in &self.ranges
        {
            let mut walk = Walk::new(&**file, *at, *end);
            let mut expected = *first;
            while let Some(batch) = walk.next()? {
                if !file.is_kept(batch.position) {
                    // A rotten bit in a time would have the search pass over records.
                    let checked =
                        BatchHeader::check(&batch.bytes).and_then(|header| expected.check(&header));
                    checked.map_err(ReadTrouble::Damage)?;
                }
                expected = Expected::Base(batch.header.last_offset().next());
                if batch.header.max_timestamp < self.time || batch.header.last_offset() < self.start
                {
                    continue;
                }
                if let Some(found) = self.look_into(&batch).map_err(ReadTrouble::Damage)? {
                    return Ok(Some(found));
                }
            }
        }
        Ok(None)
    }

    /// Searches one batch, since Kafka promises the offset of the record and not of its batch.
    fn look_into(&self, batch: &Found) -> Result<Option<FoundOffset>, BatchError> {
        let header = &batch.header;
        let mut found = None;
        // Its decompressed size was checked when it was appended.
        outline(&batch.bytes, header, usize::MAX, |record| {
            let timestamp = match header.timestamp_type() {
                TimestampType::CreateTime => record.timestamp,
                TimestampType::LogAppendTime => header.max_timestamp,
            };
            let offset = header.base_offset.plus(record.index.into());
            if found.is_none() && timestamp >= self.time && offset >= self.start {
                let (timestamp, leader_epoch) = (Some(timestamp), Some(header.leader_epoch));
                found = Some(FoundOffset {
                    offset,
                    timestamp,
                    leader_epoch,
                });
            }
        })?;
        Ok(found)
    }
}
