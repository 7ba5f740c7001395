//! Lanes that wait for the time of their retry.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Instant;

use super::ids::LaneId;

/// Parked lanes, the one that is due first on top.
#[derive(Debug, Default)]
pub(super) struct Parked(BinaryHeap<Reverse<(Instant, LaneId)>>);

impl Parked {
    pub(super) fn push(&mut self, due: Instant, lane: LaneId) {
        self.0.push(Reverse((due, lane)));
    }

    /// Returns the time at which the next lane is due.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.0.peek().map(|Reverse((due, _))| *due)
    }

    /// Takes a lane whose wait is over.
    pub(super) fn pop_due(&mut self, now: Instant) -> Option<LaneId> {
        if self.next_due()? > now {
            return None;
        }
        self.0.pop().map(|Reverse((_, lane))| lane)
    }

    /// Splits into the lanes that keep waiting and those that do not.
    pub(super) fn split(self, keeps_waiting: impl Fn(LaneId) -> bool) -> (Self, Vec<LaneId>) {
        let (kept, ended): (Vec<_>, Vec<_>) = self
            .0
            .into_iter()
            .partition(|Reverse((_, lane))| keeps_waiting(*lane));
        let ended = ended.into_iter().map(|Reverse((_, lane))| lane).collect();
        (Self(kept.into()), ended)
    }

    #[cfg(test)]
    pub(super) fn lanes(&self) -> impl Iterator<Item = LaneId> {
        self.0.iter().map(|Reverse((_, lane))| *lane)
    }
}
