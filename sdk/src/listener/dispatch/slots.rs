//! The slots: how many records run at the same time, and which lane each of them belongs to.

use super::ids::{LaneId, SlotId};

/// Every slot is either free or runs a record of one lane.
#[derive(Debug)]
pub(super) struct Slots {
    running: Vec<Option<LaneId>>,
    /// A stack, so that the slot used last is used next: its waker and its place in the worker are
    /// still in the processor's cache.
    free: Vec<SlotId>,
}

impl Slots {
    pub(super) fn new(slots: usize) -> Self {
        Self {
            running: vec![None; slots],
            free: (0..slots).rev().map(SlotId::from).collect(),
        }
    }

    /// Returns the slot that is occupied next. It stays free until then.
    pub(super) fn next_free(&self) -> Option<SlotId> {
        self.free.last().copied()
    }

    /// Returns the number of free slots.
    pub(super) fn free(&self) -> usize {
        self.free.len()
    }

    /// Gives the next free slot to a lane.
    pub(super) fn occupy(&mut self, lane: LaneId) -> Option<SlotId> {
        let slot = self.free.pop()?;
        if let Some(place) = self.running.get_mut(usize::from(slot)) {
            *place = Some(lane);
        }
        Some(slot)
    }

    /// Frees a slot that a lane has.
    pub(super) fn vacate(&mut self, slot: SlotId) {
        let place = self.running.get_mut(usize::from(slot));
        if place.is_some_and(|lane| lane.take().is_some()) {
            self.free.push(slot);
        }
    }

    /// Returns the lane that runs in `slot`.
    pub(super) fn lane_in(&self, slot: SlotId) -> Option<LaneId> {
        self.running.get(usize::from(slot)).copied().flatten()
    }

    /// Returns the occupied slots, each with its lane.
    pub(super) fn running(&self) -> impl Iterator<Item = (SlotId, LaneId)> {
        let slots = self.running.iter().enumerate();
        slots.filter_map(|(slot, lane)| lane.map(|lane| (SlotId::from(slot), lane)))
    }
}
