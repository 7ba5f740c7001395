//! The dispatcher's state, its interface to the engine, and the course of a turn.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use super::backlog::Backlog;
use super::batch::{Batches, PolledBatch, RecordMeta, RecordRef};
use super::ids::{LaneId, SlotId};
use super::lanes::Lanes;
use super::parked::Parked;
use super::partition::Partitions;
use super::slots::Slots;
use super::worker::Worker;
use crate::listener::commit::{Drain, PartitionNo, Progress};

/// Longest distance between a partition's lowest unfinished record and its newest one, in records.
///
/// Bounds the memory of a tracker, and the number of records that can finish before one that is
/// stuck and be delivered again after a crash.
pub(in crate::listener) const MAX_SPAN: u64 = 1 << 16;

/// Decides which record runs next, and follows what has run.
///
/// Every lane is in exactly one of three places: in a slot, among the ready lanes, or parked.
#[derive(Debug)]
pub(in crate::listener) struct Dispatcher<W: Worker> {
    pub(super) worker: W,
    pub(super) slots: Slots,
    pub(super) lanes: Lanes<W::Held>,
    /// Lanes that may run and have no slot. Their records are older than the whole backlog.
    pub(super) ready: VecDeque<LaneId>,
    /// Lanes that wait for the time of their retry.
    pub(super) parked: Parked,
    pub(super) batches: Batches<W::Batch>,
    pub(super) backlog: Backlog,
    pub(super) partitions: Partitions,
    /// Partitions whose overflow is not empty.
    pub(super) overflowing: Vec<PartitionNo>,
    pub(super) drains: Vec<Arc<Drain>>,
    pub(super) released: Released,
    /// The time at which the turn began.
    pub(super) now: Instant,
    /// Starts and polls that are left to the turn.
    pub(super) budget: u32,
}

/// Records and bytes that have left the engine, and so make room for others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::listener) struct Released {
    pub(in crate::listener) records: u64,
    pub(in crate::listener) bytes: u64,
}

/// The work that is left after a turn.
#[derive(Clone, Copy, Debug)]
pub(in crate::listener) struct Turn {
    /// Whether the turn ended because its budget was spent, and not for lack of work.
    pub(in crate::listener) has_more: bool,
    /// When the next parked lane is due.
    pub(in crate::listener) next_due: Option<Instant>,
    /// Slots that found nothing to run.
    pub(in crate::listener) idle_slots: usize,
}

impl<W: Worker> Dispatcher<W> {
    pub(in crate::listener) fn new(worker: W, slots: usize, max_span: u64, now: Instant) -> Self {
        Self {
            worker,
            slots: Slots::new(slots),
            lanes: Lanes::with_room_for(slots),
            ready: VecDeque::new(),
            parked: Parked::default(),
            batches: Batches::new(),
            backlog: Backlog::default(),
            partitions: Partitions::new(max_span),
            overflowing: Vec::new(),
            drains: Vec::new(),
            released: Released::default(),
            now,
            budget: 0,
        }
    }

    /// Begins an assignment of a partition under `number`, which no record in the engine carries.
    pub(in crate::listener) fn assign(&mut self, number: PartitionNo, progress: Arc<Progress>) {
        self.partitions.assign(number, progress);
    }

    /// Takes records in. They are started in later turns.
    pub(in crate::listener) fn admit(&mut self, polled: PolledBatch<W::Batch>) {
        if let Some(batch) = self.batches.admit(polled) {
            self.backlog.push(batch);
        }
    }

    /// Begins to give partitions back: from now on none of their records is started.
    pub(in crate::listener) fn drain(&mut self, drain: Arc<Drain>) {
        for &number in &drain.partitions {
            self.partitions.at_mut(number).drain();
        }
        self.drains.push(drain);
        self.end_futile_waits();
    }

    /// Runs one turn: polls the slots that were woken, starts what may start, and publishes the
    /// results.
    ///
    /// A turn takes at most `steps` steps, each a start or a poll of a handler. It takes no more
    /// from `woken` than it polls; the rest stays for the next turn.
    pub(in crate::listener) fn turn(
        &mut self,
        now: Instant,
        steps: u32,
        woken: &mut dyn Iterator<Item = SlotId>,
    ) -> Turn {
        self.now = now;
        self.budget = steps;
        // Oldest work first. What runs comes before what waits, since it holds a slot; ready lanes
        // and overflowing records arrived before everything in the backlog.
        while self.budget > 0
            && let Some(slot) = woken.next()
        {
            self.poll(slot);
        }
        self.unpark();
        self.start_ready();
        self.start_overflowing();
        self.scan();
        self.serve_drains();
        self.partitions.publish();
        let has_more = self.budget == 0;
        // A free slot is idle only if nothing waits for one: the poll thread takes it as a sign
        // that all records it sent belong to keys that run already.
        let nothing_waits = self.backlog.is_empty() && self.ready.is_empty();
        Turn {
            has_more,
            next_due: self.parked.next_due(),
            idle_slots: if nothing_waits { self.slots.free() } else { 0 },
        }
    }

    /// Returns what has left the engine since the last call.
    pub(in crate::listener) fn take_released(&mut self) -> Released {
        std::mem::take(&mut self.released)
    }

    /// Returns a batch whose records have all left, so that its memory can be used again.
    pub(in crate::listener) fn take_spent(&mut self) -> Option<PolledBatch<W::Batch>> {
        self.batches.take_spent()
    }

    fn poll(&mut self, slot: SlotId) {
        // A waker may outlive its record. It then wakes the next record of the slot, or none.
        let Some(lane) = self.slots.lane_in(slot) else {
            return;
        };
        let Some((record, _)) = self.lanes.at(lane).current else {
            return;
        };
        self.budget = self.budget.saturating_sub(1);
        let Some(at) = self.batches.locate(record) else {
            return;
        };
        let step = self.worker.poll(slot, at);
        self.run(lane, slot, step);
    }

    /// Lets a record leave the engine: finished, given up, or discarded before it started.
    pub(super) fn leave(&mut self, record: RecordRef, meta: RecordMeta) {
        self.released.records += 1;
        self.released.bytes += u64::from(meta.bytes);
        self.partitions.count_departed(meta.partition);
        self.batches.leave(record);
    }

    /// Whether the current record of a lane may be started.
    pub(super) fn may_start(&self, lane: LaneId) -> bool {
        let current = self.lanes.at(lane).current;
        current.is_some_and(|(record, _)| {
            let partition = self.batches.meta(record).partition;
            self.partitions.at(partition).is_active()
        })
    }
}
