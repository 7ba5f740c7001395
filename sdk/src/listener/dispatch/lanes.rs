//! What happens in a lane: its record's steps, the records behind it, and the slot they run in.

use std::cmp::Reverse;

use super::batch::{Head, RecordRef};
use super::dispatcher::Dispatcher;
use super::lane::{Chain, Lane};
use super::partition::PartitionState;
use super::step::{Delivery, Step, Worker};
use crate::runtime::later;

impl<W: Worker> Dispatcher<W> {
    /// Acts on `step` of the record that runs in `slot`, then runs those that wait behind it.
    pub(super) fn run(&mut self, lane: usize, slot: usize, mut step: Step<W::Held>) {
        loop {
            match step {
                Step::Pending => return,
                Step::Finished => self.finish_current(lane),
                Step::Park { wait, held } if self.is_admitted(lane) => {
                    self.lanes.at_mut(lane).held = Some(held);
                    self.parked.push(Reverse((later(self.now, wait), lane)));
                    return self.vacate(slot);
                }
                Step::Park { .. } => self.leave_current(lane),
                Step::Halt => self.halt_at_current(lane),
            }
            if !self.take_next(lane) {
                self.close_lane(lane);
                return self.vacate(slot);
            }
            if self.budget == 0 {
                self.ready.push_back(lane);
                return self.vacate(slot);
            }
            step = self.start(lane, slot);
        }
    }

    pub(super) fn start(&mut self, lane: usize, slot: usize) -> Step<W::Held> {
        self.budget = self.budget.saturating_sub(1);
        let lane = self.lanes.at_mut(lane);
        let held = lane.held.take();
        let Some((record, _)) = lane.current else {
            return Step::Finished;
        };
        let Some(batch) = &self.parcels.at(record.parcel).batch else {
            return Step::Finished;
        };
        self.worker.start(
            slot,
            Delivery {
                batch,
                index: record.index,
            },
            held,
        )
    }

    pub(super) fn finish_current(&mut self, lane: usize) {
        let Some((record, ticket)) = self.lanes.at_mut(lane).current.take() else {
            return;
        };
        let head = self.head(record);
        self.partition_mut(head.partition).tracker.finish(ticket);
        self.leave(record, head);
    }

    /// The current record leaves unfinished: its tracker keeps the commit below it.
    pub(super) fn leave_current(&mut self, lane: usize) {
        let lane = self.lanes.at_mut(lane);
        lane.held = None;
        let Some((record, _)) = lane.current.take() else {
            return;
        };
        let head = self.head(record);
        self.leave(record, head);
    }

    pub(super) fn halt_at_current(&mut self, lane: usize) {
        let Some((record, _)) = self.lanes.at(lane).current else {
            return;
        };
        let number = self.head(record).partition;
        let partition = self.partition_mut(number);
        if partition.state == PartitionState::Active {
            partition.state = PartitionState::Halted;
            partition.progress.halt();
        }
        self.leave_current(lane);
        self.drop_what_waits();
    }

    /// Makes the next waiting record of a lane the current one, and discards those that may not
    /// run. Answers `false` when nothing is left.
    pub(super) fn take_next(&mut self, lane: usize) -> bool {
        loop {
            let Some((record, ticket)) = self.lanes.at_mut(lane).waiting.pop(&mut self.parcels)
            else {
                return false;
            };
            let head = self.head(record);
            match ticket {
                Some(ticket) if self.partition(head.partition).admits() => {
                    self.lanes.at_mut(lane).current = Some((record, ticket));
                    return true;
                }
                _ => self.leave(record, head),
            }
        }
    }

    pub(super) fn open_lane(&mut self, record: RecordRef, head: Head) -> usize {
        let ticket = self
            .partition_mut(head.partition)
            .tracker
            .begin(head.offset);
        let current = Some((record, ticket));
        let lane = self.lanes.insert(Lane {
            key: head.key,
            current,
            waiting: Chain::default(),
            held: None,
        });
        if let Some(key) = head.key {
            self.keys.insert(key, lane);
        }
        lane
    }

    pub(super) fn close_lane(&mut self, lane: usize) {
        if let Some(key) = self.lanes.remove(lane).key {
            self.keys.remove(key);
        }
    }

    pub(super) fn occupy(&mut self, slot: usize, lane: usize) {
        if let Some(place) = self.slots.get_mut(slot) {
            *place = Some(lane);
        }
    }

    pub(super) fn vacate(&mut self, slot: usize) {
        if let Some(place) = self.slots.get_mut(slot) {
            *place = None;
        }
        self.free.push(slot);
    }
}
