//! Which records start: lanes that are ready, then what overflowed, then the backlog in the order
//! it came.

use std::cmp::Reverse;

use super::batch::{Head, RecordRef};
use super::dispatcher::Dispatcher;
use super::step::{Delivery, Step, Worker};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Placed {
    /// It runs, waits in a lane, has finished, or was discarded.
    Taken,
    /// It stays where it is until a slot is free.
    NoSlot,
}

impl<W: Worker> Dispatcher<W> {
    /// Sends lanes whose wait is over to the ready ones.
    pub(super) fn unpark(&mut self) {
        while let Some(&Reverse((due, lane))) = self.parked.peek() {
            if due > self.now {
                return;
            }
            self.parked.pop();
            self.ready.push_back(lane);
        }
    }

    pub(super) fn start_ready(&mut self) {
        while self.budget > 0 {
            if self.ready.is_empty() {
                return;
            }
            let Some(slot) = self.free.pop() else { return };
            let Some(lane) = self.ready.pop_front() else {
                return;
            };
            if !self.is_admitted(lane) {
                self.leave_current(lane);
                if !self.take_next(lane) {
                    self.close_lane(lane);
                    self.free.push(slot);
                    continue;
                }
            }
            self.occupy(slot, lane);
            let step = self.start(lane, slot);
            self.run(lane, slot, step);
        }
    }

    /// Places records that had to wait until their partition's tracker had room.
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

    /// Answers whether nothing overflows any more.
    pub(super) fn start_overflow_of(&mut self, number: usize) -> bool {
        loop {
            let partition = self.partition(number);
            if partition.overflow.is_empty() {
                return true;
            }
            let has_room = !partition.tracker.is_full() && self.budget > 0 && !self.free.is_empty();
            if partition.admits() && !has_room {
                return false;
            }
            let mut overflow = partition.overflow;
            let next = overflow.pop(&mut self.parcels);
            self.partition_mut(number).overflow = overflow;
            let Some((record, _)) = next else { return true };
            let head = self.head(record);
            let placed = self.place(record, head);
            debug_assert_eq!(placed, Placed::Taken, "there was a free slot");
        }
    }

    /// Looks at records in the order they came until the slots or the turn's budget run out.
    pub(super) fn scan(&mut self) {
        while let Some(&parcel) = self.backlog.front() {
            let records = self.parcels.at(parcel).heads.len();
            while self.looked_at < records {
                if self.budget == 0 {
                    return;
                }
                let record = RecordRef {
                    parcel,
                    index: self.looked_at,
                };
                let head = self.head(record);
                if self.overflows(head.partition) {
                    self.put_into_overflow(record, head.partition);
                } else if self.place(record, head) == Placed::NoSlot {
                    return;
                }
                self.looked_at += 1;
            }
            self.backlog.pop_front();
            self.looked_at = 0;
        }
    }

    /// Discards a record, chains it behind its key, or starts it.
    pub(super) fn place(&mut self, record: RecordRef, head: Head) -> Placed {
        if !self.partition(head.partition).admits() {
            self.leave(record, head);
            return Placed::Taken;
        }
        if let Some(lane) = head.key.and_then(|key| self.keys.get(key)) {
            let ticket = self
                .partition_mut(head.partition)
                .tracker
                .begin(head.offset);
            self.lanes
                .at_mut(lane)
                .waiting
                .push(&mut self.parcels, record, Some(ticket));
            return Placed::Taken;
        }
        let Some(&slot) = self.free.last() else {
            return Placed::NoSlot;
        };
        let Some(batch) = &self.parcels.at(record.parcel).batch else {
            return Placed::Taken;
        };
        self.budget = self.budget.saturating_sub(1);
        let step = self.worker.start(
            slot,
            Delivery {
                batch,
                index: record.index,
            },
            None,
        );
        if matches!(step, Step::Finished) {
            self.partition_mut(head.partition).tracker.pass(head.offset);
            self.leave(record, head);
            return Placed::Taken;
        }
        let lane = self.open_lane(record, head);
        self.free.pop();
        self.occupy(slot, lane);
        self.run(lane, slot, step);
        Placed::Taken
    }

    /// Whether the partition's records have to wait until its tracker has room.
    fn overflows(&self, number: usize) -> bool {
        let partition = self.partition(number);
        partition.admits() && (partition.tracker.is_full() || !partition.overflow.is_empty())
    }

    fn put_into_overflow(&mut self, record: RecordRef, number: usize) {
        let mut overflow = self.partition(number).overflow;
        if overflow.is_empty() {
            self.overflowing.push(number);
        }
        overflow.push(&mut self.parcels, record, None);
        self.partition_mut(number).overflow = overflow;
    }
}
