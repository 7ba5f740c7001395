//! The offset that is safe to commit while records finish out of order.
//!
//! Records of a partition begin in the order of their offsets and finish in any order; Kafka
//! remembers one number per partition. A tracker numbers the records it is told of densely (offsets
//! have holes: compaction removes records and transaction markers occupy offsets), keeps one bit
//! for each in a ring, and knows the highest number below which every bit is set. It holds no
//! clock, no I/O and no lock.

use std::collections::VecDeque;

use crate::types::Offset;

/// The number of a record within its tracker, from 0 and without holes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::listener) struct Sequence(u64);

/// Follows the records of one partition, from its assignment to its revocation.
#[derive(Debug)]
pub(in crate::listener) struct OffsetTracker {
    /// The lowest number that has not finished.
    head: u64,
    /// The number of the next record.
    next: u64,
    /// One bit per number from the word that holds `head` on; set when it has finished.
    finished: VecDeque<u64>,
    /// The offsets of the numbers from `head` on.
    offsets: VecDeque<Offset>,
    commit: Option<Offset>,
    span: u64,
}

impl OffsetTracker {
    /// Returns a tracker that is full once `span` records lie between the lowest unfinished one and
    /// the newest.
    ///
    /// The bound is on the distance and not on what is unfinished: otherwise one record that is
    /// stuck would let the ring grow without limit.
    pub(in crate::listener) fn new(span: u64) -> Self {
        Self {
            head: 0,
            next: 0,
            finished: VecDeque::new(),
            offsets: VecDeque::new(),
            commit: None,
            span,
        }
    }

    /// Returns the offset to commit: the *next offset to read*, as `OffsetCommit` wants it.
    /// `None` until a first record has finished.
    pub(in crate::listener) fn commit(&self) -> Option<Offset> {
        self.commit
    }

    /// Whether the next record has to wait until older ones finish.
    pub(in crate::listener) fn is_full(&self) -> bool {
        self.next - self.head >= self.span
    }

    /// Notes a record that has finished at its first poll, as nearly all do. With nothing open it
    /// only moves the commit.
    pub(in crate::listener) fn pass(&mut self, offset: Offset) {
        if self.head == self.next {
            self.commit = Some(offset.next());
        } else {
            let sequence = self.begin(offset);
            self.finish(sequence);
        }
    }

    /// Notes a record that is under way.
    pub(in crate::listener) fn begin(&mut self, offset: Offset) -> Sequence {
        let number = self.next;
        self.next += 1;
        self.offsets.push_back(offset);
        let words = number / 64 - self.head / 64;
        if words >= self.finished.len() as u64 {
            self.finished.push_back(0);
        }
        Sequence(number)
    }

    /// Notes that a record is done. Finishing it twice changes nothing.
    pub(in crate::listener) fn finish(&mut self, sequence: Sequence) {
        let Sequence(number) = sequence;
        if number < self.head || number >= self.next {
            return;
        }
        let word = usize::try_from(number / 64 - self.head / 64).unwrap_or(usize::MAX);
        if let Some(bits) = self.finished.get_mut(word) {
            *bits |= 1 << (number % 64);
        }
        if number == self.head {
            self.advance();
        }
    }

    /// Moves the head over every finished number that follows it, a word at a time.
    fn advance(&mut self) {
        while let Some(&bits) = self.finished.front() {
            let at = self.head % 64;
            let in_word = (!(bits >> at)).trailing_zeros();
            let run = u64::from(in_word).min(64 - at);
            for _ in 0..run {
                self.commit = self.offsets.pop_front().map(Offset::next).or(self.commit);
            }
            self.head += run;
            if run == 0 || !self.head.is_multiple_of(64) {
                break;
            }
            self.finished.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    /// Runs a script (`b5` begins offset 5, `f5` finishes it, `p5` passes it) and says the commit.
    fn check(script: &str, commit: Option<i64>) {
        let mut tracker = OffsetTracker::new(1 << 16);
        let mut sequences = HashMap::new();
        for step in script.split_whitespace() {
            let offset = step[1..].parse().unwrap();
            match &step[..1] {
                "b" => drop(sequences.insert(offset, tracker.begin(Offset(offset)))),
                "f" => tracker.finish(sequences[&offset]),
                "p" => tracker.pass(Offset(offset)),
                other => panic!("no such step: {other}"),
            }
        }
        assert_eq!(tracker.commit(), commit.map(Offset), "{script}");
    }

    #[test]
    fn nothing_is_committed_before_a_record_has_finished() {
        check("", None);
        check("b5 b6", None);
    }

    #[test]
    fn a_slow_record_holds_back_the_commit() {
        check("b5 b6 f6", None);
        check("b5 b6 f6 f5", Some(7));
        check("p4 b5 b6 p7 f6", Some(5));
        check("p4 b5 b6 p7 f6 f5", Some(8));
    }

    #[test]
    fn holes_are_passed() {
        check("b5 b9 f9 f5", Some(10));
        check("p5 p90", Some(91));
    }

    #[test]
    fn finishing_twice_changes_nothing() {
        check("b5 b6 f5 f5", Some(6));
        check("b5 b6 f6 f6 f5 f6", Some(7));
    }

    #[test]
    fn it_is_full_by_distance_and_not_by_number() {
        let mut tracker = OffsetTracker::new(3);
        let stuck = tracker.begin(Offset(0));
        tracker.pass(Offset(1));
        assert!(!tracker.is_full());
        tracker.pass(Offset(2));
        assert!(tracker.is_full());
        tracker.finish(stuck);
        assert!(!tracker.is_full());
        assert_eq!(tracker.commit(), Some(Offset(3)));
    }

    #[test]
    fn it_agrees_with_a_plain_set_for_any_order() {
        for seed in 0..200 {
            let mut random = crate::listener::random::Random::new(seed);
            let mut tracker = OffsetTracker::new(u64::MAX);
            let mut open: Vec<(Sequence, i64)> = Vec::new();
            let (mut offset, mut delivered) = (0, None);
            for _ in 0..500 {
                if random.below(2) == 0 {
                    offset += 1 + i64::try_from(random.below(3)).unwrap();
                    delivered = Some(offset + 1);
                    open.push((tracker.begin(Offset(offset)), offset));
                } else if !open.is_empty() {
                    let (sequence, _) = open.swap_remove(random.below(open.len()));
                    tracker.finish(sequence);
                }
                let lowest_open = open.iter().map(|(_, offset)| *offset).min();
                let commit = tracker.commit().map(|Offset(next)| next);
                match lowest_open {
                    None => assert_eq!(commit, delivered, "seed {seed}"),
                    Some(lowest) => {
                        assert!(commit.is_none_or(|next| next <= lowest), "seed {seed}")
                    }
                }
            }
        }
    }
}
