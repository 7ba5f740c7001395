//! The epoch of the leader that wrote the records of a partition. A commit carries it, so that the
//! next reader notices if the broker has lost the records (KIP-320). Pure.

use std::collections::VecDeque;

use crate::types::{LeaderEpoch, Offset, Position};

/// The leader epochs of the records that were taken of one assigned partition. There is rarely more
/// than one.
#[derive(Debug, Default)]
pub(super) struct LeaderEpochs(VecDeque<(Offset, LeaderEpoch)>);

impl LeaderEpochs {
    /// Notes that the record at `offset` is of `epoch`. Offsets grow.
    pub(super) fn note(&mut self, offset: Offset, epoch: LeaderEpoch) {
        if self.0.back().is_none_or(|(_, latest)| *latest != epoch) {
            self.0.push_back((offset, epoch));
        }
    }

    /// Returns the position of a group that has handled everything before `next`. Forgets earlier
    /// epochs.
    pub(super) fn position(&mut self, next: Offset) -> Position {
        while self.0.get(1).is_some_and(|(first, _)| *first < next) {
            self.0.pop_front();
        }
        let of_the_record_before = self.0.front().filter(|(first, _)| *first < next);
        Position {
            next,
            leader_epoch: of_the_record_before.map_or(LeaderEpoch::UNKNOWN, |(_, epoch)| *epoch),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epochs(noted: &[(i64, i32)]) -> LeaderEpochs {
        let mut epochs = LeaderEpochs::default();
        noted
            .iter()
            .for_each(|(offset, epoch)| epochs.note(Offset(*offset), LeaderEpoch(*epoch)));
        epochs
    }

    #[test]
    fn a_position_has_the_epoch_of_the_record_before_it() {
        let mut epochs = epochs(&[(5, 1), (6, 1), (9, 3), (10, 3), (20, 4)]);
        for (next, epoch) in [(6, 1), (7, 1), (9, 1), (10, 3), (20, 3), (21, 4), (22, 4)] {
            let position = Position {
                next: Offset(next),
                leader_epoch: LeaderEpoch(epoch),
            };
            assert_eq!(epochs.position(Offset(next)), position);
        }
    }

    #[test]
    fn what_was_not_read_here_has_no_known_epoch() {
        assert_eq!(
            epochs(&[]).position(Offset(7)).leader_epoch,
            LeaderEpoch::UNKNOWN
        );
        assert_eq!(
            epochs(&[(7, 2)]).position(Offset(7)).leader_epoch,
            LeaderEpoch::UNKNOWN
        );
    }

    #[test]
    fn only_what_may_still_be_asked_for_is_kept() {
        let mut epochs = LeaderEpochs::default();
        for epoch in 0..1_000 {
            epochs.note(Offset(i64::from(epoch) * 10), LeaderEpoch(epoch));
            epochs.position(Offset(i64::from(epoch) * 10));
        }
        assert!(epochs.0.len() <= 3, "{epochs:?}");
    }
}
