//! How partitions are given back: nothing new starts, what runs may end or is cancelled, what waits
//! is discarded, and the last commit is published before anybody is told.

use std::cmp::Reverse;

use super::dispatcher::Dispatcher;
use super::partition::PartitionState;
use super::step::Worker;
use crate::listener::commit::Drain;

impl<W: Worker> Dispatcher<W> {
    /// Lanes that wait for a retry of a partition that runs no more need not wait for their time.
    pub(super) fn drop_what_waits(&mut self) {
        let parked = std::mem::take(&mut self.parked);
        for Reverse((due, lane)) in parked {
            if self.is_admitted(lane) {
                self.parked.push(Reverse((due, lane)));
                continue;
            }
            self.leave_current(lane);
            if self.take_next(lane) {
                self.ready.push_back(lane);
            } else {
                self.close_lane(lane);
            }
        }
    }

    /// Says how many records of each drain still run; ends those that have none, or are cancelled.
    pub(super) fn serve_drains(&mut self) {
        let mut at = 0;
        while let Some(drain) = self.drains.get(at).cloned() {
            let running = self.running_in(&drain);
            if running.is_empty() || drain.is_cancel_requested() {
                for slot in running {
                    drain.note_cancelled();
                    self.cancel(slot);
                }
                self.drains.swap_remove(at);
                self.let_go(&drain);
            } else {
                drain.report(running.len());
                at += 1;
            }
        }
    }

    pub(super) fn running_in(&self, drain: &Drain) -> Vec<usize> {
        let is_of_drain = |lane: &usize| {
            let current = self.lanes.at(*lane).current;
            current
                .is_some_and(|(record, _)| drain.partitions.contains(&self.head(record).partition))
        };
        let occupied = self.slots.iter().enumerate();
        occupied
            .filter(|(_, lane)| lane.as_ref().is_some_and(is_of_drain))
            .map(|(slot, _)| slot)
            .collect()
    }

    pub(super) fn cancel(&mut self, slot: usize) {
        self.worker.cancel(slot);
        let Some(lane) = self.slots.get(slot).copied().flatten() else {
            return;
        };
        self.leave_current(lane);
        if self.take_next(lane) {
            self.ready.push_back(lane);
        } else {
            self.close_lane(lane);
        }
        self.vacate(slot);
    }

    pub(super) fn let_go(&mut self, drain: &Drain) {
        for &number in &drain.partitions {
            let partition = self.partition_mut(number);
            partition.state = PartitionState::Gone;
            partition.publish();
            partition.progress.let_go();
        }
        // After the last publication: who waits reads the commit next.
        drain.report(0);
    }
}
