//! The offset at which each leader epoch begins (KIP-101).
//!
//! An epoch is noted when its leader starts, with the end that the log has then, and not only when
//! the leader writes. If the log was truncated, readers that had read further learn from it up to
//! which offset the records they have are still the log's (KIP-320).

use crate::types::{LeaderEpoch, Offset};

/// The first offset of each leader epoch, oldest first. Of those that begin at one offset only the
/// newest is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LeaderEpochs(Vec<(LeaderEpoch, Offset)>);

/// The end of a leader epoch, for OffsetForLeaderEpoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EpochEnd {
    /// The largest epoch that is not larger than the one asked for.
    pub(crate) epoch: LeaderEpoch,
    /// The offset after its last record.
    pub(crate) end: Offset,
}

impl LeaderEpochs {
    /// Returns the newest epoch.
    pub(super) fn latest(&self) -> Option<LeaderEpoch> {
        self.0.last().map(|(epoch, _)| *epoch)
    }

    /// Returns the epoch of the leader that wrote the record at `offset`.
    pub(super) fn of(&self, offset: Offset) -> Option<LeaderEpoch> {
        let after = self.0.partition_point(|(_, start)| *start <= offset);
        after
            .checked_sub(1)
            .and_then(|at| self.0.get(at))
            .map(|(epoch, _)| *epoch)
    }

    /// Notes that `epoch`, if it is a new one, begins at `offset`. Earlier epochs without a record
    /// before that offset are forgotten.
    pub(super) fn note(&mut self, epoch: LeaderEpoch, offset: Offset) {
        if self.latest() < Some(epoch) {
            // An epoch that wrote nothing begins at the same offset and ends there.
            self.cut_at(offset);
            self.0.push((epoch, offset));
        }
    }

    /// Returns where epoch `asked` ends, in a log that ends at `end` under the leader of epoch
    /// `current`.
    ///
    /// `None` for an epoch that has not begun. For an epoch without records it is the one before
    /// it.
    pub(super) fn end_of(
        &self,
        asked: LeaderEpoch,
        current: LeaderEpoch,
        end: Offset,
    ) -> Option<EpochEnd> {
        if asked == current {
            return Some(EpochEnd {
                epoch: current,
                end,
            });
        }
        if asked > current || asked < LeaderEpoch::ZERO {
            return None;
        }
        let after = self.0.partition_point(|(epoch, _)| *epoch <= asked);
        let end = self.0.get(after).map_or(end, |(_, start)| *start);
        let floor = after
            .checked_sub(1)
            .and_then(|at| self.0.get(at))
            .map(|(epoch, _)| *epoch);
        Some(EpochEnd {
            epoch: floor.unwrap_or(asked),
            end,
        })
    }

    /// Forgets epochs without a record before `end`.
    pub(super) fn cut_at(&mut self, end: Offset) {
        self.0.retain(|(_, start)| *start < end);
    }

    /// Forgets epochs without records at or after `start`. The epoch that `start` lies in begins
    /// there now.
    pub(super) fn start_at(&mut self, start: Offset) {
        let after = self.0.partition_point(|(_, first)| *first <= start);
        self.0.drain(..after.saturating_sub(1));
        if let Some((_, first)) = self.0.first_mut() {
            *first = (*first).max(start);
        }
    }

    /// Returns the content of the checkpoint file in Kafka's format: version, count, then
    /// `epoch offset` lines.
    pub(super) fn encode(&self) -> String {
        let lines = self
            .0
            .iter()
            .map(|(epoch, start)| format!("{epoch} {start}\n"));
        format!("0\n{}\n{}", self.0.len(), lines.collect::<String>())
    }

    /// Reads the checkpoint file back, or `None` if it is not one.
    pub(super) fn decode(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        if lines.next()? != "0" {
            return None;
        }
        let count: usize = lines.next()?.parse().ok()?;
        let entry = |line: &str| {
            let (epoch, start) = line.split_once(' ')?;
            Some((
                LeaderEpoch(epoch.parse().ok()?),
                Offset(start.parse().ok()?),
            ))
        };
        let entries: Vec<_> = lines.map(entry).collect::<Option<_>>()?;
        let rising = entries.is_sorted_by(|a, b| a.0 < b.0 && a.1 <= b.1);
        (entries.len() == count && rising).then_some(Self(entries))
    }
}

/// Any text as a checkpoint of leader epochs.
#[cfg(fuzzing)]
pub(crate) fn fuzz(input: &[u8]) {
    let Some(epochs) = std::str::from_utf8(input)
        .ok()
        .and_then(LeaderEpochs::decode)
    else {
        return;
    };
    assert_eq!(
        LeaderEpochs::decode(&epochs.encode()),
        Some(epochs),
        "written and read back"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epochs(entries: &[(i32, i64)]) -> LeaderEpochs {
        LeaderEpochs(
            entries
                .iter()
                .map(|(epoch, start)| (LeaderEpoch(*epoch), Offset(*start)))
                .collect(),
        )
    }

    fn end_of(asked: i32) -> Option<(i32, i64)> {
        let found = epochs(&[(1, 10), (3, 20), (4, 35)]).end_of(
            LeaderEpoch(asked),
            LeaderEpoch(6),
            Offset(50),
        );
        found.map(|EpochEnd { epoch, end }| (epoch.0, end.0))
    }

    #[test]
    fn an_epoch_ends_where_the_next_one_starts() {
        assert_eq!(end_of(1), Some((1, 20)));
        assert_eq!(end_of(3), Some((3, 35)));
        assert_eq!(
            end_of(4),
            Some((4, 50)),
            "the last with records ends where the log ends"
        );
        assert_eq!(end_of(6), Some((6, 50)), "the current one too");
    }

    #[test]
    fn a_missing_epoch_is_answered_with_the_one_before_it() {
        assert_eq!(end_of(2), Some((1, 20)));
        assert_eq!(end_of(5), Some((4, 50)));
        assert_eq!(
            end_of(0),
            Some((0, 10)),
            "before the first epoch nothing was written"
        );
    }

    #[test]
    fn an_epoch_from_the_future_is_unknown() {
        assert_eq!(end_of(7), None);
        assert_eq!(end_of(-1), None);
    }

    #[test]
    fn cutting_either_end_forgets_epochs() {
        let mut log = epochs(&[(1, 10), (3, 20), (4, 35)]);
        log.start_at(Offset(25));
        assert_eq!(log, epochs(&[(3, 25), (4, 35)]));
        log.cut_at(Offset(36));
        assert_eq!(log, epochs(&[(3, 25), (4, 35)]));
        log.cut_at(Offset(35));
        assert_eq!(log, epochs(&[(3, 25)]));
        log.start_at(Offset(20));
        assert_eq!(
            log,
            epochs(&[(3, 25)]),
            "a start in front of everything changes nothing"
        );
    }

    #[test]
    fn an_epoch_that_wrote_nothing_is_replaced_by_the_next() {
        let mut log = epochs(&[(1, 10), (3, 20)]);
        log.note(LeaderEpoch(4), Offset(20));
        assert_eq!(log, epochs(&[(1, 10), (4, 20)]));
        log.note(LeaderEpoch(4), Offset(30));
        assert_eq!(
            log,
            epochs(&[(1, 10), (4, 20)]),
            "an epoch that is known begins only once"
        );
    }

    #[test]
    fn the_checkpoint_reads_back_and_rubbish_does_not() {
        let log = epochs(&[(0, 0), (7, 12)]);
        assert_eq!(log.encode(), "0\n2\n0 0\n7 12\n");
        assert_eq!(LeaderEpochs::decode(&log.encode()), Some(log));
        for rubbish in [
            "",
            "1\n0\n",
            "0\n2\n0 0\n",
            "0\n1\nx y\n",
            "0\n2\n4 9\n3 10\n",
        ] {
            assert_eq!(LeaderEpochs::decode(rubbish), None, "{rubbish:?}");
        }
    }
}
