//! Whether the records of each key are handled one after the other, in the order they were sent.
//!
//! Each record carries the number of its key and its place among the records of that key. The
//! checker sees every handler begin and end. A record that begins while the one before it still
//! runs, or before its turn, is a violation. One that comes again (Kafka delivers at least once) is
//! counted apart: it breaks no order.

use std::cmp::Ordering;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{AcqRel, Relaxed};

/// Checks the order of the records of each key.
#[derive(Debug)]
pub struct OrderChecker {
    /// Of each key: how many of its records have begun, and in the lowest bit whether one runs.
    keys: Box<[AtomicU64]>,
    violations: AtomicU64,
    repeats: AtomicU64,
}

const RUNS: u64 = 1;

impl OrderChecker {
    /// A checker for keys with the numbers below `keys`.
    #[must_use]
    pub fn new(keys: u32) -> Self {
        Self {
            keys: (0..keys).map(|_| AtomicU64::new(0)).collect(),
            violations: AtomicU64::new(0),
            repeats: AtomicU64::new(0),
        }
    }

    /// Notes that the handler of the record at `place` of `key`, counted from 0, begins.
    pub fn begin(&self, key: u32, place: u32) {
        let Some(state) = self.state(key) else {
            return self.count_violation();
        };
        let begun = u64::from(place) + 1;
        let after = |state: u64| Some(((state >> 1).max(begun) << 1) | RUNS);
        let before = match state.fetch_update(AcqRel, Relaxed, after) {
            Ok(before) | Err(before) => before,
        };
        if before & RUNS == RUNS {
            return self.count_violation();
        }
        match begun.cmp(&((before >> 1) + 1)) {
            Ordering::Equal => {}
            Ordering::Greater => self.count_violation(),
            Ordering::Less => drop(self.repeats.fetch_add(1, Relaxed)),
        }
    }

    /// Notes that the handler that runs for `key` ends.
    pub fn end(&self, key: u32) {
        if let Some(state) = self.state(key) {
            state.fetch_and(!RUNS, AcqRel);
        }
    }

    /// Returns how many records began out of turn.
    #[must_use]
    pub fn violations(&self) -> u64 {
        self.violations.load(Relaxed)
    }

    /// Returns how many records came again.
    #[must_use]
    pub fn repeats(&self) -> u64 {
        self.repeats.load(Relaxed)
    }

    fn state(&self, key: u32) -> Option<&AtomicU64> {
        self.keys.get(usize::try_from(key).ok()?)
    }

    fn count_violation(&self) {
        self.violations.fetch_add(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Begins and ends the records `(key, place)` one after the other.
    fn checked(records: &[(u32, u32)]) -> OrderChecker {
        let checker = OrderChecker::new(2);
        for &(key, place) in records {
            checker.begin(key, place);
            checker.end(key);
        }
        checker
    }

    #[test]
    fn keys_may_overtake_each_other_and_records_may_come_again() {
        let checker = checked(&[(1, 0), (0, 0), (1, 1), (1, 0), (1, 1), (1, 2), (0, 1)]);
        assert_eq!((checker.violations(), checker.repeats()), (0, 2));
    }

    #[test]
    fn a_record_that_overtakes_one_of_its_key_is_found() {
        assert_eq!(checked(&[(0, 1), (0, 0)]).violations(), 1);
        assert_eq!(checked(&[(0, 0), (0, 2), (0, 1)]).violations(), 1);
    }

    #[test]
    fn two_records_of_a_key_at_the_same_time_are_found() {
        let checker = OrderChecker::new(2);
        checker.begin(0, 0);
        checker.begin(1, 0);
        assert_eq!(checker.violations(), 0);
        checker.begin(0, 1);
        assert_eq!(checker.violations(), 1);
    }

    #[test]
    fn a_key_that_cannot_be_is_found() {
        assert_eq!(checked(&[(2, 0)]).violations(), 1);
    }
}
