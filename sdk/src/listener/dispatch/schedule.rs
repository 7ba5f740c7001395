//! The order of starts: records of ready lanes, then those that overflowed, then the backlog in its
//! order.

use super::batch::{RecordMeta, RecordRef};
use super::dispatcher::Dispatcher;
use super::worker::{Step, Worker};
use crate::listener::commit::PartitionNo;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Placement {
    /// The record runs, waits in a lane, has finished, or was discarded.
    Placed,
    /// The record stays where it is until a slot is free.
    NoFreeSlot,
}

impl<W: Worker> Dispatcher<W> {
    /// Makes parked lanes ready whose wait is over.
    pub(super) fn unpark(&mut self) {
        while let Some(lane) = self.parked.pop_due(self.now) {
            self.ready.push_back(lane);
        }
    }

    /// Starts ready lanes while there are free slots.
    pub(super) fn start_ready(&mut self) {
        while self.budget > 0 && self.slots.next_free().is_some() {
            let Some(lane) = self.ready.pop_front() else {
                return;
            };
            // Its partition may have been halted or drained while the lane waited for a slot.
            if !self.may_start(lane) {
                self.leave_current(lane);
                if !self.take_next(lane) {
                    self.lanes.close(lane);
                    continue;
                }
            }
            let Some(slot) = self.slots.occupy(lane) else {
                return;
            };
            let step = self.start(lane, slot);
            self.run(lane, slot, step);
        }
    }

    /// Places records that had to wait for room in the tracker of their partition.
    pub(super) fn start_overflowing(&mut self) {
        let mut at = 0;
        while let Some(&number) = self.overflowing.get(at) {
            if self.start_overflow_of(number) {
                self.overflowing.swap_remove(at);
            } else {
                at += 1;
            }
        }
    }

    /// Returns whether nothing of the partition overflows any more.
    fn start_overflow_of(&mut self, number: PartitionNo) -> bool {
        loop {
            let partition = self.partitions.at(number);
            if partition.overflow.is_empty() {
                return true;
            }
            let has_room =
                !partition.tracker.is_full() && self.budget > 0 && self.slots.next_free().is_some();
            // Records of a partition that is not active are discarded, which needs no room.
            if partition.is_active() && !has_room {
                return false;
            }
            let overflow = &mut self.partitions.at_mut(number).overflow;
            let Some((record, _)) = overflow.pop(&mut self.batches) else {
                return true;
            };
            let placement = self.place(record, self.batches.meta(record));
            debug_assert_eq!(placement, Placement::Placed, "there was a free slot");
        }
    }

    /// Goes through the backlog in its order until the slots or the budget of the turn run out.
    ///
    /// The scan stops at the first record that finds no free slot, although later ones could join
    /// the lane of their key: a record never overtakes an older one that could run as well.
    pub(super) fn scan(&mut self) {
        while let Some((batch, next)) = self.backlog.front() {
            for index in next..self.batches.records_in(batch) {
                if self.budget == 0 {
                    return self.backlog.stop_at(index);
                }
                let record = RecordRef { batch, index };
                let meta = self.batches.meta(record);
                if self.partitions.at(meta.partition).overflows() {
                    self.push_overflow(record, meta.partition);
                } else if self.place(record, meta) == Placement::NoFreeSlot {
                    return self.backlog.stop_at(index);
                }
            }
            self.backlog.pop();
        }
    }

    /// Discards a record, chains it behind its key, or starts it.
    fn place(&mut self, record: RecordRef, meta: RecordMeta) -> Placement {
        if !self.partitions.at(meta.partition).is_active() {
            self.leave(record, meta);
            return Placement::Placed;
        }
        // Before the question for a slot: to wait behind its own key a record needs none, and it
        // must not run beside that key's current record.
        if let Some(lane) = meta.key.and_then(|key| self.lanes.of_key(key)) {
            let tracker = &mut self.partitions.at_mut(meta.partition).tracker;
            let sequence = tracker.begin(meta.offset);
            let waiting = &mut self.lanes.at_mut(lane).waiting;
            waiting.push(&mut self.batches, record, Some(sequence));
            return Placement::Placed;
        }
        let Some(slot) = self.slots.next_free() else {
            return Placement::NoFreeSlot;
        };
        let Some(at) = self.batches.locate(record) else {
            return Placement::Placed;
        };
        // The budget counts starts, not time: a turn ends after so many of them, so that messages
        // of the poll thread and wakers of running handlers get their turn too.
        self.budget = self.budget.saturating_sub(1);
        let step = self.worker.start(slot, at, None);
        // Nearly all records end here: without a lane, a slot, or an entry in the key table. That
        // is what makes a handler that is ready at once cost next to nothing.
        if matches!(step, Step::Finished) {
            let tracker = &mut self.partitions.at_mut(meta.partition).tracker;
            tracker.pass(meta.offset);
            self.leave(record, meta);
            return Placement::Placed;
        }
        let lane = self.open_lane(record, meta);
        self.slots.occupy(lane);
        self.run(lane, slot, step);
        Placement::Placed
    }

    fn push_overflow(&mut self, record: RecordRef, number: PartitionNo) {
        let overflow = &mut self.partitions.at_mut(number).overflow;
        if overflow.is_empty() {
            self.overflowing.push(number);
        }
        // Without a sequence: it gets one when the tracker has room.
        overflow.push(&mut self.batches, record, None);
    }
}
