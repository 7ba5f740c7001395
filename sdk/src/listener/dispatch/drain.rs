//! Giving partitions back.
//!
//! None of their records is started any more. Those that run may end until the poll thread asks to
//! cancel them, those that wait are discarded. The last progress is published before the poll
//! thread is told that the drain is done.

use super::dispatcher::Dispatcher;
use super::ids::{LaneId, SlotId};
use super::worker::Worker;
use crate::listener::commit::Drain;

impl<W: Worker> Dispatcher<W> {
    /// Ends the waits for retries that will not take place, because their partition is not active.
    ///
    /// Otherwise a revocation would last as long as the longest back-off.
    pub(super) fn end_futile_waits(&mut self) {
        let parked = std::mem::take(&mut self.parked);
        let (parked, futile) = parked.split(|lane| self.may_start(lane));
        self.parked = parked;
        for lane in futile {
            self.leave_current(lane);
            self.advance(lane);
        }
    }

    /// Reports how many records of each drain still run. Ends the drains that have none, or that
    /// are to be cancelled.
    pub(super) fn serve_drains(&mut self) {
        let mut at = 0;
        while let Some(drain) = self.drains.get(at).cloned() {
            let running = self.running_in(&drain);
            if running.is_empty() || drain.is_cancel_requested() {
                for (slot, lane) in running {
                    drain.note_cancelled();
                    self.cancel(slot, lane);
                }
                self.drains.swap_remove(at);
                self.release(&drain);
            } else {
                drain.report(running.len());
                at += 1;
            }
        }
    }

    fn running_in(&self, drain: &Drain) -> Vec<(SlotId, LaneId)> {
        let is_drained = |(_, lane): &(SlotId, LaneId)| {
            let current = self.lanes.at(*lane).current;
            current.is_some_and(|(record, _)| {
                let partition = self.batches.meta(record).partition;
                drain.partitions.contains(&partition)
            })
        };
        self.slots.running().filter(is_drained).collect()
    }

    fn cancel(&mut self, slot: SlotId, lane: LaneId) {
        self.worker.cancel(slot);
        self.leave_current(lane);
        // The lane's next record may belong to a partition that stays: a key is hashed with its
        // topic only, and so its records may come from several partitions.
        self.advance(lane);
        self.slots.vacate(slot);
    }

    fn release(&mut self, drain: &Drain) {
        for &number in &drain.partitions {
            self.partitions.at_mut(number).release();
        }
        // After the last publication: the thread that waits for this reads the commit next.
        drain.report(0);
    }
}
