//! The two sparse indexes of a segment: from offset and from time to a place in the file.
//!
//! They live in memory and are written when the segment closes, in Kafka's own layout. Losing them
//! costs a walk through the segment, never a record.

use crate::types::{Offset, Timestamp};

/// Entries of an index file, oldest first.
#[derive(Debug, Default)]
pub(super) struct Indexes {
    offsets: Vec<OffsetEntry>,
    times: Vec<TimeEntry>,
}

/// The batch that ends at this offset starts at this position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct OffsetEntry {
    relative: u32,
    position: u32,
}

/// No record up to this offset is later than this time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct TimeEntry {
    time: Timestamp,
    relative: u32,
}

/// The start of a batch, as an index knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// In the file.
    pub(super) position: u64,
    /// The batch's last offset, counted from the segment's base; `None` for the first batch.
    pub(super) last: Option<i64>,
}

impl Place {
    const START: Self = Self {
        position: 0,
        last: None,
    };
}

impl OffsetEntry {
    const SIZE: usize = 8;
}

impl TimeEntry {
    const SIZE: usize = 12;
}

impl Indexes {
    /// Notes that the batch ending at `last`, counted from the segment's base, starts at
    /// `position`.
    ///
    /// An entry whose numbers do not fit is left out: a sparse index may miss any entry.
    pub(super) fn note_batch(&mut self, last: i64, position: u64) {
        if let (Ok(relative), Ok(position)) = (u32::try_from(last), u32::try_from(position)) {
            self.offsets.push(OffsetEntry { relative, position });
        }
    }

    /// Notes the latest time so far, and the last offset of the batch that has it. Earlier times
    /// are left out.
    pub(super) fn note_time(&mut self, latest: LatestTime, base: Offset) {
        let newer = self.times.last().is_none_or(|last| last.time < latest.time);
        if let (true, Ok(relative)) = (newer, u32::try_from(latest.offset.since(base))) {
            self.times.push(TimeEntry {
                time: latest.time,
                relative,
            });
        }
    }

    /// Returns a batch at or before the one that contains the offset with this distance from the
    /// base.
    pub(super) fn place_of(&self, relative: i64) -> Place {
        let after = self
            .offsets
            .partition_point(|entry| i64::from(entry.relative) <= relative);
        let entry = after.checked_sub(1).and_then(|at| self.offsets.get(at));
        entry.map_or(Place::START, |entry| Place {
            position: entry.position.into(),
            last: Some(entry.relative.into()),
        })
    }

    /// Returns a batch at or before the first with a record as late as `time`.
    pub(super) fn place_of_time(&self, time: Timestamp) -> Place {
        let after = self.times.partition_point(|entry| entry.time < time);
        let floor = after.checked_sub(1).and_then(|at| self.times.get(at));
        floor.map_or(Place::START, |entry| self.place_of(entry.relative.into()))
    }

    /// Returns the position that the last entry points to.
    pub(super) fn last_position(&self) -> u64 {
        self.offsets.last().map_or(0, |entry| entry.position.into())
    }

    /// Returns the last time entry; in a closed segment that is its latest time.
    pub(super) fn latest_time(&self, base: Offset) -> Option<LatestTime> {
        let entry = self.times.last()?;
        Some(LatestTime {
            time: entry.time,
            offset: base.plus(entry.relative.into()),
        })
    }

    /// Returns the content of the two files, `.index` and `.timeindex`.
    pub(super) fn encode(&self) -> (Vec<u8>, Vec<u8>) {
        let offsets = self
            .offsets
            .iter()
            .flat_map(|entry| [entry.relative, entry.position])
            .flat_map(u32::to_be_bytes);
        let mut times = Vec::with_capacity(self.times.len() * TimeEntry::SIZE);
        for entry in &self.times {
            times.extend_from_slice(&entry.time.0.to_be_bytes());
            times.extend_from_slice(&entry.relative.to_be_bytes());
        }
        (offsets.collect(), times)
    }

    /// Reads the two files back, or `None` if they can't belong to a segment of `size` bytes.
    pub(super) fn decode(offsets: &[u8], times: &[u8], size: u64) -> Option<Self> {
        if !offsets.len().is_multiple_of(OffsetEntry::SIZE)
            || !times.len().is_multiple_of(TimeEntry::SIZE)
        {
            return None;
        }
        let offsets: Vec<_> = offsets
            .chunks_exact(OffsetEntry::SIZE)
            .filter_map(OffsetEntry::decode)
            .collect();
        let times: Vec<_> = times
            .chunks_exact(TimeEntry::SIZE)
            .filter_map(TimeEntry::decode)
            .collect();
        let rising = offsets
            .is_sorted_by(|a, b| a.relative < b.relative && a.position < b.position)
            && times.is_sorted_by(|a, b| a.time < b.time && a.relative < b.relative);
        let inside = offsets
            .last()
            .is_none_or(|last| u64::from(last.position) < size);
        (rising && inside).then_some(Self { offsets, times })
    }
}

impl OffsetEntry {
    fn decode(bytes: &[u8]) -> Option<Self> {
        let (relative, position) = bytes.split_first_chunk()?;
        Some(Self {
            relative: u32::from_be_bytes(*relative),
            position: u32::from_be_bytes(position.try_into().ok()?),
        })
    }
}

impl TimeEntry {
    fn decode(bytes: &[u8]) -> Option<Self> {
        let (time, relative) = bytes.split_first_chunk()?;
        Some(Self {
            time: Timestamp(i64::from_be_bytes(*time)),
            relative: u32::from_be_bytes(relative.try_into().ok()?),
        })
    }
}

/// The latest time of any record, and the last offset of the first batch that has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LatestTime {
    pub(super) time: Timestamp,
    pub(super) offset: Offset,
}

/// Any bytes as the two indexes of a segment; the first says where one ends and the other begins.
#[cfg(fuzzing)]
pub(crate) fn fuzz(input: &[u8]) {
    let Some((at, rest)) = input.split_first() else {
        return;
    };
    let (offsets, times) = rest.split_at(usize::from(*at).min(rest.len()));
    let Some(indexes) = Indexes::decode(offsets, times, u64::from(u32::MAX)) else {
        return;
    };
    assert_eq!(
        indexes.encode(),
        (offsets.to_vec(), times.to_vec()),
        "read and written back"
    );
    indexes.place_of(indexes.place_of_time(Timestamp(0)).position.cast_signed());
    indexes.latest_time(Offset(1));
}
