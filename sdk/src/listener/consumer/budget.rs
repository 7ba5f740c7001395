//! The budget of unfinished records, and so how many to take now. Pure.
//!
//! When the budget is spent the client's queue is not drained. librdkafka stops fetching at its own
//! limits, and the consumer stays in its group, because events are served independently.

use crate::listener::dispatch::Released;

/// Bytes that a record counts for in addition to its own.
pub(super) const OVERHEAD: usize = 65;

/// Least room worth a drain, since a batch has a cost of its own.
const MIN_DRAIN: u64 = 64;

/// The records and bytes of one consumer that may be unfinished at the same time.
#[derive(Debug)]
pub(super) struct Budget {
    records: u64,
    max_records: u64,
    bytes: u64,
    taken: Released,
    /// Records that do not count, since their partitions are not fetched until they are done.
    exempt: Released,
}

impl Budget {
    /// Returns the budget for that many workers.
    ///
    /// With many keys, twice the workers keep all of them busy. Long runs of one partition, or few
    /// keys, need more.
    pub(super) fn for_workers(workers: usize) -> Self {
        let records = (workers as u64 * 4).max(8192);
        Self {
            records,
            max_records: records * 8,
            bytes: 32 << 20,
            taken: Released::default(),
            exempt: Released::default(),
        }
    }

    /// Returns how many records may be unfinished now.
    pub(super) fn records(&self) -> u64 {
        self.records
    }

    /// Returns how many records to take now, given all that has left the engine; 0 if there is too
    /// little room.
    pub(super) fn room(&self, released: Released) -> usize {
        let unfinished = self
            .taken
            .records
            .saturating_sub(released.records + self.exempt.records);
        let held = self
            .taken
            .bytes
            .saturating_sub(released.bytes + self.exempt.bytes);
        let records = self.records.saturating_sub(unfinished);
        let average = self.average();
        let fit = self.bytes.saturating_sub(held) / average;
        let nothing_is_held = unfinished == 0;
        let room = records.min(fit);
        // Few large records fit, so that half of those is worth a drain.
        let most_that_fits = (self.bytes / average / 2).max(1);
        let worth_it = room >= MIN_DRAIN.min(self.records).min(most_that_fits) || nothing_is_held;
        // One record always fits when nothing else is held, however large it is.
        if worth_it {
            usize::try_from(room.max(1)).unwrap_or(usize::MAX)
        } else {
            0
        }
    }

    /// Whether it is the number of records, and not their bytes, that leaves no room.
    pub(super) fn is_short_of_records(&self, released: Released) -> bool {
        let held = self
            .taken
            .bytes
            .saturating_sub(released.bytes + self.exempt.bytes);
        self.room(released) == 0 && held < self.bytes / 2
    }

    /// Whether more records may be left out: all of those hold four times the bytes at most.
    pub(super) fn can_exempt(&self) -> bool {
        self.exempt.bytes < self.bytes * 4
    }

    /// Leaves that many unfinished records out, in place of those that were left out before.
    pub(super) fn exempt(&mut self, records: u64) {
        self.exempt = Released {
            records,
            bytes: records * self.average(),
        };
    }

    /// Returns the average size of all records so far, in bytes.
    fn average(&self) -> u64 {
        (self.taken.bytes / self.taken.records.max(1)).max(1)
    }

    pub(super) fn take(&mut self, records: u64, bytes: u64) {
        self.taken.records += records;
        self.taken.bytes += bytes;
    }

    /// Doubles the records, for when slots are idle although the budget is spent: what waits has
    /// keys that run already, so that looking further ahead helps. Returns `false` at the
    /// limit.
    pub(super) fn widen(&mut self) -> bool {
        let before = self.records;
        self.records = (self.records * 2).min(self.max_records);
        self.records > before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn released(records: u64, bytes: u64) -> Released {
        Released { records, bytes }
    }

    #[test]
    fn there_is_room_until_the_records_are_spent() {
        let mut budget = Budget::for_workers(1);
        assert_eq!(budget.room(released(0, 0)), 8192);
        budget.take(8192, 8192);
        assert_eq!(budget.room(released(0, 0)), 0);
        assert_eq!(
            budget.room(released(63, 63)),
            0,
            "too little to be worth a drain"
        );
        assert_eq!(budget.room(released(64, 64)), 64);
    }

    #[test]
    fn large_records_spend_the_bytes_first() {
        let mut budget = Budget::for_workers(1);
        budget.take(100, 25 << 20);
        let room = budget.room(released(0, 0));
        assert_eq!(room, 0, "28 records of 256 KiB fit, which is too few");
        assert!(budget.room(released(50, 12 << 20)) >= 64);
    }

    #[test]
    fn one_large_record_that_waits_does_not_stop_the_others() {
        let mut budget = Budget::for_workers(16);
        budget.take(40, 40 * (600 << 10));
        assert_eq!(budget.room(released(39, 39 * (600 << 10))), 53);
        assert_eq!(
            budget.room(released(0, 0)),
            0,
            "a handful is not worth a drain"
        );
    }

    #[test]
    fn one_record_larger_than_the_budget_still_passes() {
        let mut budget = Budget::for_workers(1);
        budget.take(1, 64 << 20);
        assert_eq!(budget.room(released(0, 0)), 0);
        assert_eq!(budget.room(released(1, 64 << 20)), 1);
    }

    #[test]
    fn what_is_left_out_makes_room_for_others() {
        let mut budget = Budget::for_workers(1);
        budget.take(8192, 8192 * 100);
        assert_eq!(budget.room(released(0, 0)), 0);
        budget.exempt(8000);
        assert_eq!(budget.room(released(0, 0)), 8000);
        budget.exempt(0);
        assert_eq!(budget.room(released(0, 0)), 0);
        assert!(budget.can_exempt());
    }

    #[test]
    fn it_widens_eightfold_and_no_further() {
        let mut budget = Budget::for_workers(1);
        assert!(budget.widen() && budget.widen() && budget.widen());
        assert_eq!(budget.records(), 65_536);
        assert!(!budget.widen());
    }
}
