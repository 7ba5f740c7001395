//! The position in a partition, and whether the next record follows from it. Pure.
//!
//! A broker that lost the end of a log goes on writing at offsets that were read before, under a
//! new leader epoch (KIP-101). librdkafka checks for that when it learns of the epoch from the
//! cluster's metadata, but not if it has no leader at that moment, or if a fetch was out of range
//! before: then it starts at the first record. So a record that is not behind the last one, or is
//! of a later epoch, is not taken at once. The client seeks to the current position *with the epoch
//! of the last record*, which makes it ask the leader whether that record is still there (KIP-320).

use super::leader_epochs::LeaderEpochs;
use crate::types::{LeaderEpoch, Offset, Position};

/// Attempts to validate a position while the answers do not look like a truncation. The last
/// attempt seeks without an epoch, so that no leader is asked, and takes what is there.
const MAX_ATTEMPTS: u8 = 3;

/// The position up to which one assigned partition was read.
#[derive(Debug)]
pub(super) struct FetchPosition {
    /// The next offset to read: no record before it is expected any more.
    next: Offset,
    /// The epoch of the record before it.
    epoch: LeaderEpoch,
    /// The leader epochs of the records that were taken.
    epochs: LeaderEpochs,
    stage: Stage,
    /// The number of times the leader was asked about this position.
    attempts: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Records follow one another.
    Fetching,
    /// The leader has to be asked. Nothing is taken before that.
    AwaitsValidation,
    /// The leader was asked: wherever the next record is, that is right.
    Validated,
}

/// The decision about a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// The next record.
    Taken,
    /// The leader has to be asked first. The record comes again, or another one in its place.
    Unvalidated,
    /// The log was truncated, and this is the first record behind that: what was read of the
    /// partition has to be forgotten.
    Truncated,
}

impl FetchPosition {
    /// Starts at the committed position. If it has a leader epoch, the client has validated it at
    /// the assignment.
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
            Stage::Validated
        } else {
            Stage::Fetching
        };
        Self {
            next,
            epoch,
            epochs,
            stage,
            attempts: 1,
        }
    }

    pub(super) const fn next(&self) -> Offset {
        self.next
    }

    /// Whether records can be taken.
    pub(super) fn is_open(&self) -> bool {
        self.stage != Stage::AwaitsValidation
    }

    /// Whether nothing has to be asked, and no answer has to expire.
    pub(super) fn is_validated(&self) -> bool {
        self.stage == Stage::Fetching
    }

    /// Returns what becomes of the next record.
    pub(super) fn admits(&mut self, offset: Offset, epoch: LeaderEpoch) -> Admission {
        let is_next = offset >= self.next;
        if !is_next || epoch != self.epoch || self.stage != Stage::Fetching {
            let admission = self.check(is_next, epoch);
            if admission != Admission::Taken {
                return admission;
            }
            self.epochs.note(offset, epoch);
            (self.epoch, self.stage, self.attempts) = (epoch, Stage::Fetching, 0);
        }
        self.next = offset.next();
        Admission::Taken
    }

    fn check(&mut self, is_next: bool, epoch: LeaderEpoch) -> Admission {
        let can_validate =
            self.epoch.is_known() && self.next > Offset(0) && self.attempts < MAX_ATTEMPTS;
        // Behind a truncation only a later leader has written. Anything else is left from an
        // earlier fetch: one that was out of range sends the client to the first record,
        // even if it has sought another one since.
        let is_suspect = match self.stage {
            Stage::AwaitsValidation => return Admission::Unvalidated,
            Stage::Fetching => !is_next || epoch > self.epoch,
            Stage::Validated => !is_next && epoch <= self.epoch,
        };
        match (is_suspect && can_validate, is_next) {
            (true, _) => {
                self.stage = Stage::AwaitsValidation;
                Admission::Unvalidated
            }
            (false, true) => Admission::Taken,
            (false, false) => Admission::Truncated,
        }
    }

    /// Returns the position to ask the leader about, if it has to be asked.
    pub(super) fn to_validate(&self) -> Option<Position> {
        // A leader that says an epoch ended before records of that epoch contradicts its own log.
        // Without an epoch the client does not ask it again.
        let leader_epoch = if self.attempts + 1 < MAX_ATTEMPTS {
            self.epoch
        } else {
            LeaderEpoch::UNKNOWN
        };
        (self.stage == Stage::AwaitsValidation).then_some(Position {
            next: self.next,
            leader_epoch,
        })
    }

    /// Notes that the leader was asked.
    pub(super) fn validation_sent(&mut self) {
        (self.stage, self.attempts) = (Stage::Validated, self.attempts.saturating_add(1));
    }

    /// Drops an answer that is old and was followed by no record: there may be another leader
    /// since.
    pub(super) fn expire_validation(&mut self) {
        if self.stage == Stage::Validated {
            (self.stage, self.attempts) = (Stage::Fetching, 0);
        }
    }

    /// Returns the position of a group that has handled everything before `next`.
    pub(super) fn committed(&mut self, next: Offset) -> Position {
        self.epochs.position(next)
    }
}

#[cfg(test)]
mod tests {
    use Admission::{Taken, Truncated, Unvalidated};

    use super::*;

    fn committed(next: i64, epoch: i32) -> FetchPosition {
        FetchPosition::from(Some(Position {
            next: Offset(next),
            leader_epoch: LeaderEpoch(epoch),
        }))
    }

    /// Offers records (`980/1`: offset and epoch) and says what becomes of them.
    fn offer(position: &mut FetchPosition, records: &str) -> Vec<Admission> {
        let one = |text: &str| {
            let (offset, epoch) = text.split_once('/').unwrap();
            position.admits(
                Offset(offset.parse().unwrap()),
                LeaderEpoch(epoch.parse().unwrap()),
            )
        };
        records.split(' ').map(one).collect()
    }

    #[test]
    fn a_record_of_a_later_leader_below_the_commit_shows_a_cut() {
        let mut position = committed(1000, 0);
        assert_eq!(offer(&mut position, "980/1"), [Truncated]);
    }

    #[test]
    fn a_listener_that_stayed_does_not_take_a_new_epoch_on_trust() {
        // The broker lost 980 to 999 and wrote 40 records since: 1000 is there, and not the record
        // that follows 999.
        let mut position = FetchPosition::from(None);
        assert_eq!(
            offer(&mut position, "998/0 999/0 1000/1 1001/1"),
            [Taken, Taken, Unvalidated, Unvalidated]
        );
        let asked_about = Position {
            next: Offset(1000),
            leader_epoch: LeaderEpoch(0),
        };
        assert_eq!(position.to_validate(), Some(asked_about));
        position.validation_sent();
        assert_eq!(offer(&mut position, "980/1"), [Truncated]);
    }

    #[test]
    fn a_new_leader_that_lost_nothing_is_asked_once() {
        let mut position = FetchPosition::from(None);
        assert_eq!(
            offer(&mut position, "0/3 1/3 2/5"),
            [Taken, Taken, Unvalidated]
        );
        position.validation_sent();
        assert_eq!(offer(&mut position, "2/5 3/5"), [Taken, Taken]);
        assert!(position.is_validated());
    }

    #[test]
    fn a_jump_to_the_first_record_is_no_cut_unless_the_leader_says_so_again_and_again() {
        let mut position = committed(1000, 4);
        assert_eq!(offer(&mut position, "0/0"), [Unvalidated]);
        position.validation_sent();
        assert_eq!(offer(&mut position, "980/5"), [Truncated]);

        let mut position = committed(1000, 4);
        for _ in 1..MAX_ATTEMPTS {
            assert_eq!(offer(&mut position, "0/0"), [Unvalidated]);
            position.validation_sent();
        }
        assert_eq!(offer(&mut position, "0/0"), [Truncated]);
    }

    #[test]
    fn a_leader_that_contradicts_its_log_does_not_send_the_listener_round_in_circles() {
        let mut position = FetchPosition::from(None);
        assert_eq!(
            offer(&mut position, "4/0 5/0 6/1"),
            [Taken, Taken, Unvalidated]
        );
        for _ in 1..MAX_ATTEMPTS {
            assert_eq!(
                position.to_validate().map(|at| at.leader_epoch),
                Some(LeaderEpoch(0))
            );
            position.validation_sent();
            // It says that epoch 0 ended at 4, where a record of epoch 0 is.
            assert_eq!(offer(&mut position, "4/0"), [Unvalidated]);
        }
        assert_eq!(
            position.to_validate().map(|at| at.leader_epoch),
            Some(LeaderEpoch::UNKNOWN)
        );
        position.validation_sent();
        assert_eq!(offer(&mut position, "6/1 7/1"), [Taken, Taken]);
    }

    #[test]
    fn an_answer_is_about_the_leader_of_its_time() {
        let mut position = committed(1000, 0);
        position.expire_validation();
        assert_eq!(offer(&mut position, "1000/1"), [Unvalidated]);
    }

    #[test]
    fn a_commit_carries_the_epoch_of_the_record_before_it() {
        let mut position = committed(7, 2);
        position.expire_validation();
        offer(&mut position, "7/2 8/3");
        position.validation_sent();
        offer(&mut position, "8/3 9/3");
        let epochs = [7, 8, 9, 10].map(|next| position.committed(Offset(next)).leader_epoch.0);
        assert_eq!(epochs, [2, 2, 3, 3]);
    }

    #[test]
    fn holes_are_no_reason_to_ask() {
        let mut position = committed(5, 0);
        assert_eq!(offer(&mut position, "5/0 9/0 100/0"), [Taken, Taken, Taken]);
    }

    #[test]
    fn brokers_without_epochs_are_read_without_validation() {
        let mut position = committed(7, -1);
        assert_eq!(
            offer(&mut position, "7/-1 8/-1 3/-1"),
            [Taken, Taken, Truncated]
        );
    }
}
