//! How many records may be unfinished, and so how many to take now. Pure.
//!
//! When the budget is spent the client's queue is simply not drained: librdkafka stops fetching
//! when its own limits are reached, and the membership lives on, because events are served all the
//! same.

use crate::listener::dispatch::Released;

/// What a record counts for beside its bytes.
pub(super) const OVERHEAD: usize = 65;

/// Least room worth a drain: what a batch costs is paid per batch.
const LEAST: u64 = 64;

/// The records and bytes of one consumer that may be unfinished at the same time.
#[derive(Debug)]
pub(super) struct Budget {
    records: u64,
    widest: u64,
    bytes: u64,
    taken: Released,
    /// Records that do not count: of partitions that are not fetched until they are done.
    exempt: Released,
}

impl Budget {
    /// Twice the workers already reach the ideal when keys are many; blocks of one partition in a
    /// row and few keys want more.
    pub(super) fn for_workers(workers: usize) -> Self {
        let records = (workers as u64 * 4).max(8192);
        Self {
            records,
            widest: records * 8,
            bytes: 32 << 20,
            taken: Released::default(),
            exempt: Released::default(),
        }
    }

    /// The records that may be unfinished now.
    pub(super) fn records(&self) -> u64 {
        self.records
    }

    /// Records to take now, given all that has left the engine; 0 when there is too little room.
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
        // Of large records, half of all that ever fit is much.
        let most_that_fits = (self.bytes / average / 2).max(1);
        let worth_it = room >= LEAST.min(self.records).min(most_that_fits) || nothing_is_held;
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

    /// The average size of all records so far, in bytes.
    fn average(&self) -> u64 {
        (self.taken.bytes / self.taken.records.max(1)).max(1)
    }

    pub(super) fn take(&mut self, records: u64, bytes: u64) {
        self.taken.records += records;
        self.taken.bytes += bytes;
    }

    /// Slots are idle while the budget is spent: what waits is of keys that run already, so looking
    /// further ahead is what helps. Answers `false` when it cannot be widened.
    pub(super) fn widen(&mut self) -> bool {
        let before = self.records;
        self.records = (self.records * 2).min(self.widest);
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
