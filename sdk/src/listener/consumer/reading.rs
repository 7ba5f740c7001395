//! How far a partition was read, and whether what comes next fits to it. Pure.
//!
//! A broker that lost the end of a log goes on writing at offsets that were read before, under a
//! new leader epoch (KIP-101). librdkafka looks for that when it learns of the epoch from the
//! cluster's metadata, unless it has no leader at that moment, or a fetch was out of range before:
//! then it begins at the first record. So a record that is not behind the last one, or is of a
//! later epoch, is not taken on trust: the client seeks to where we are *with the epoch of the last
//! record*, and so has to ask the leader whether that record is still there (KIP-320).

use super::leader_epochs::LeaderEpochs;
use crate::types::{LeaderEpoch, Offset, Position};

/// How often the leader is asked while its answers do not look like a cut. The last time it is not
/// asked: the client goes to the place as it is, and what is there is taken.
const ASKS: u8 = 3;

/// How far one assigned partition was read.
#[derive(Debug)]
pub(super) struct Reading {
    /// No record in front of this one is expected any more.
    next: Offset,
    /// The epoch of the record before it.
    epoch: LeaderEpoch,
    /// Who wrote the records that were taken.
    epochs: LeaderEpochs,
    stage: Stage,
    /// How often the leader was asked about this place.
    asks: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Records come one behind the other.
    Steady,
    /// The leader is to be asked. Nothing is taken before that.
    Doubtful,
    /// The leader was asked: where the next record stands is right.
    Asked,
}

/// What becomes of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// It is the next one.
    Taken,
    /// The leader has to be asked first; the record comes again, or another one in its place.
    Doubtful,
    /// The log was cut, and this is the first record behind the cut: what was read of the partition
    /// is to be forgotten.
    Rewound,
}

impl Reading {
    /// A partition that is read from there on. With a leader epoch, the client has asked about it
    /// at the assignment.
    pub(super) fn from(committed: Option<Position>) -> Self {
        let start = Position {
            next: Offset(0),
            leader_epoch: LeaderEpoch::UNKNOWN,
        };
        let Position {
            next,
            leader_epoch: epoch,
        } = committed.unwrap_or(start);
        let mut epochs = LeaderEpochs::default();
        if next > Offset(0) {
            epochs.note(Offset(next.0 - 1), epoch);
        }
        let stage = if epoch.is_known() && next > Offset(0) {
            Stage::Asked
        } else {
            Stage::Steady
        };
        Self {
            next,
            epoch,
            epochs,
            stage,
            asks: 1,
        }
    }

    pub(super) const fn next(&self) -> Offset {
        self.next
    }

    /// Whether records can be taken.
    pub(super) fn is_open(&self) -> bool {
        self.stage != Stage::Doubtful
    }

    /// Whether nothing is to be asked, nor an answer to be forgotten.
    pub(super) fn is_settled(&self) -> bool {
        self.stage == Stage::Steady
    }

    /// What becomes of the next record.
    pub(super) fn admits(&mut self, offset: Offset, epoch: LeaderEpoch) -> Admission {
        let is_next = offset >= self.next;
        if !is_next || epoch != self.epoch || self.stage != Stage::Steady {
            let admission = self.doubts(is_next, epoch);
            if admission != Admission::Taken {
                return admission;
            }
            self.epochs.note(offset, epoch);
            (self.epoch, self.stage, self.asks) = (epoch, Stage::Steady, 0);
        }
        self.next = offset.next();
        Admission::Taken
    }

    fn doubts(&mut self, is_next: bool, epoch: LeaderEpoch) -> Admission {
        let can_ask = self.epoch.is_known() && self.next > Offset(0) && self.asks < ASKS;
        // Behind a cut only a later leader has written. Anything else is the answer to an older
        // question: a fetch that was out of range sends the client to the first record,
        // even when it has sought meanwhile.
        let is_doubtful = match self.stage {
            Stage::Doubtful => return Admission::Doubtful,
            Stage::Steady => !is_next || epoch > self.epoch,
            Stage::Asked => !is_next && epoch <= self.epoch,
        };
        match (is_doubtful && can_ask, is_next) {
            (true, _) => {
                self.stage = Stage::Doubtful;
                Admission::Doubtful
            }
            (false, true) => Admission::Taken,
            (false, false) => Admission::Rewound,
        }
    }

    /// The position that the leader is to be asked about, if it is.
    pub(super) fn question(&self) -> Option<Position> {
        // A leader that calls an epoch over in front of records of that epoch contradicts its log.
        let leader_epoch = if self.asks + 1 < ASKS {
            self.epoch
        } else {
            LeaderEpoch::UNKNOWN
        };
        (self.stage == Stage::Doubtful).then_some(Position {
            next: self.next,
            leader_epoch,
        })
    }

    /// The leader was asked.
    pub(super) fn asked(&mut self) {
        (self.stage, self.asks) = (Stage::Asked, self.asks.saturating_add(1));
    }

    /// What the leader said was a while ago, and no record has come: there may be another leader
    /// since.
    pub(super) fn forget_the_answer(&mut self) {
        if self.stage == Stage::Asked {
            (self.stage, self.asks) = (Stage::Steady, 0);
        }
    }

    /// The position of a group that has handled everything in front of `next`.
    pub(super) fn committed(&mut self, next: Offset) -> Position {
        self.epochs.position(next)
    }
}

#[cfg(test)]
mod tests {
    use Admission::{Doubtful, Rewound, Taken};

    use super::*;

    fn committed(next: i64, epoch: i32) -> Reading {
        Reading::from(Some(Position {
            next: Offset(next),
            leader_epoch: LeaderEpoch(epoch),
        }))
    }

    /// Offers records (`980/1`: offset and epoch) and says what becomes of them.
    fn offer(reading: &mut Reading, records: &str) -> Vec<Admission> {
        let one = |text: &str| {
            let (offset, epoch) = text.split_once('/').unwrap();
            reading.admits(
                Offset(offset.parse().unwrap()),
                LeaderEpoch(epoch.parse().unwrap()),
            )
        };
        records.split(' ').map(one).collect()
    }

    #[test]
    fn a_record_of_a_later_leader_below_the_commit_shows_a_cut() {
        let mut reading = committed(1000, 0);
        assert_eq!(offer(&mut reading, "980/1"), [Rewound]);
    }

    #[test]
    fn a_listener_that_stayed_does_not_take_a_new_epoch_on_trust() {
        // The broker lost 980 to 999 and wrote 40 records since: 1000 is there, and not the record
        // that follows 999.
        let mut reading = Reading::from(None);
        assert_eq!(
            offer(&mut reading, "998/0 999/0 1000/1 1001/1"),
            [Taken, Taken, Doubtful, Doubtful]
        );
        let question = Position {
            next: Offset(1000),
            leader_epoch: LeaderEpoch(0),
        };
        assert_eq!(reading.question(), Some(question));
        reading.asked();
        assert_eq!(offer(&mut reading, "980/1"), [Rewound]);
    }

    #[test]
    fn a_new_leader_that_lost_nothing_is_asked_once() {
        let mut reading = Reading::from(None);
        assert_eq!(offer(&mut reading, "0/3 1/3 2/5"), [Taken, Taken, Doubtful]);
        reading.asked();
        assert_eq!(offer(&mut reading, "2/5 3/5"), [Taken, Taken]);
        assert!(reading.is_settled());
    }

    #[test]
    fn a_jump_to_the_first_record_is_no_cut_unless_the_leader_says_so_again_and_again() {
        let mut reading = committed(1000, 4);
        assert_eq!(offer(&mut reading, "0/0"), [Doubtful]);
        reading.asked();
        assert_eq!(offer(&mut reading, "980/5"), [Rewound]);

        let mut reading = committed(1000, 4);
        for _ in 1..ASKS {
            assert_eq!(offer(&mut reading, "0/0"), [Doubtful]);
            reading.asked();
        }
        assert_eq!(offer(&mut reading, "0/0"), [Rewound]);
    }

    #[test]
    fn a_leader_that_contradicts_its_log_does_not_send_the_listener_round_in_circles() {
        let mut reading = Reading::from(None);
        assert_eq!(offer(&mut reading, "4/0 5/0 6/1"), [Taken, Taken, Doubtful]);
        for _ in 1..ASKS {
            assert_eq!(
                reading.question().map(|at| at.leader_epoch),
                Some(LeaderEpoch(0))
            );
            reading.asked();
            // It says that epoch 0 ended at 4, where a record of epoch 0 is.
            assert_eq!(offer(&mut reading, "4/0"), [Doubtful]);
        }
        assert_eq!(
            reading.question().map(|at| at.leader_epoch),
            Some(LeaderEpoch::UNKNOWN)
        );
        reading.asked();
        assert_eq!(offer(&mut reading, "6/1 7/1"), [Taken, Taken]);
    }

    #[test]
    fn an_answer_is_about_the_leader_of_its_time() {
        let mut reading = committed(1000, 0);
        reading.forget_the_answer();
        assert_eq!(offer(&mut reading, "1000/1"), [Doubtful]);
    }

    #[test]
    fn a_commit_carries_the_epoch_of_the_record_before_it() {
        let mut reading = committed(7, 2);
        reading.forget_the_answer();
        offer(&mut reading, "7/2 8/3");
        reading.asked();
        offer(&mut reading, "8/3 9/3");
        let epochs = [7, 8, 9, 10].map(|next| reading.committed(Offset(next)).leader_epoch.0);
        assert_eq!(epochs, [2, 2, 3, 3]);
    }

    #[test]
    fn holes_are_no_reason_to_ask() {
        let mut reading = committed(5, 0);
        assert_eq!(offer(&mut reading, "5/0 9/0 100/0"), [Taken, Taken, Taken]);
    }

    #[test]
    fn brokers_without_epochs_are_read_as_ever() {
        let mut reading = committed(7, -1);
        assert_eq!(
            offer(&mut reading, "7/-1 8/-1 3/-1"),
            [Taken, Taken, Rewound]
        );
    }
}
