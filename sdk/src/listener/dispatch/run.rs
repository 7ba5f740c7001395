//! A lane at work: the steps of its record, and the records behind it.

use super::batch::{RecordMeta, RecordRef};
use super::dispatcher::Dispatcher;
use super::ids::{LaneId, SlotId};
use super::worker::{Step, Worker};
use crate::runtime::later;

impl<W: Worker> Dispatcher<W> {
    /// Acts on `step` of the record that runs in `slot`, then runs those that wait behind it.
    pub(super) fn run(&mut self, lane: LaneId, slot: SlotId, mut step: Step<W::Held>) {
        loop {
            match step {
                Step::Pending => return,
                Step::Finished => self.finish_current(lane),
                Step::Park { wait, held } if self.may_start(lane) => {
                    self.lanes.at_mut(lane).held = Some(held);
                    self.parked.push(later(self.now, wait), lane);
                    // The lane stays: its key waits with the record, and other keys get the slot.
                    return self.slots.vacate(slot);
                }
                Step::Park { .. } => self.leave_current(lane),
                Step::Halt => self.halt_at_current(lane),
            }
            if !self.take_next(lane) {
                self.lanes.close(lane);
                return self.slots.vacate(slot);
            }
            // A long chain of one key must not keep the turn, nor the slot.
            if self.budget == 0 {
                self.ready.push_back(lane);
                return self.slots.vacate(slot);
            }
            step = self.start(lane, slot);
        }
    }

    /// Starts the current record of a lane in a slot that the lane has.
    pub(super) fn start(&mut self, lane: LaneId, slot: SlotId) -> Step<W::Held> {
        self.budget = self.budget.saturating_sub(1);
        let lane = self.lanes.at_mut(lane);
        let held = lane.held.take();
        // A lane that is started has a current record, and its batch stays until that record has
        // left. Were it otherwise, to finish nothing is the harmless end.
        let Some((record, _)) = lane.current else {
            return Step::Finished;
        };
        let Some(at) = self.batches.locate(record) else {
            return Step::Finished;
        };
        self.worker.start(slot, at, held)
    }

    fn finish_current(&mut self, lane: LaneId) {
        let Some((record, sequence)) = self.lanes.at_mut(lane).current.take() else {
            return;
        };
        let meta = self.batches.meta(record);
        let tracker = &mut self.partitions.at_mut(meta.partition).tracker;
        tracker.finish(sequence);
        self.leave(record, meta);
    }

    /// Lets the current record leave unfinished. Its tracker keeps the commit below it.
    pub(super) fn leave_current(&mut self, lane: LaneId) {
        let lane = self.lanes.at_mut(lane);
        // Before the batch can be recycled: what is held may share its memory.
        lane.held = None;
        let Some((record, _)) = lane.current.take() else {
            return;
        };
        self.leave(record, self.batches.meta(record));
    }

    fn halt_at_current(&mut self, lane: LaneId) {
        let Some((record, _)) = self.lanes.at(lane).current else {
            return;
        };
        let number = self.batches.meta(record).partition;
        self.partitions.at_mut(number).halt();
        self.leave_current(lane);
        self.end_futile_waits();
    }

    /// Makes the next waiting record of a lane the current one, and discards those that may not
    /// start. Returns `false` when none is left.
    pub(super) fn take_next(&mut self, lane: LaneId) -> bool {
        loop {
            let waiting = &mut self.lanes.at_mut(lane).waiting;
            let Some((record, sequence)) = waiting.pop(&mut self.batches) else {
                return false;
            };
            let meta = self.batches.meta(record);
            match sequence {
                Some(sequence) if self.partitions.at(meta.partition).is_active() => {
                    self.lanes.at_mut(lane).current = Some((record, sequence));
                    return true;
                }
                // Unfinished records of an inactive partition leave without a trace: the commit
                // stays below them, and the next owner gets them.
                _ => self.leave(record, meta),
            }
        }
    }

    pub(super) fn open_lane(&mut self, record: RecordRef, meta: RecordMeta) -> LaneId {
        let tracker = &mut self.partitions.at_mut(meta.partition).tracker;
        let sequence = tracker.begin(meta.offset);
        self.lanes.open(meta.key, record, sequence)
    }

    /// Goes on with the next record of a lane that has no slot, or closes the lane.
    pub(super) fn advance(&mut self, lane: LaneId) {
        if self.take_next(lane) {
            self.ready.push_back(lane);
        } else {
            self.lanes.close(lane);
        }
    }
}
