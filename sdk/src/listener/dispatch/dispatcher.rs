//! The dispatcher's state, what is asked of it from outside, and the course of a turn.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use super::batch::{Head, Link, OpenParcel, Parcel, RecordRef};
use super::key_table::KeyTable;
use super::lane::Lane;
use super::partition::{Partition, PartitionState};
use super::slab::Slab;
use super::step::{Delivery, Worker};
use crate::listener::commit::{Drain, Progress};

/// Decides what runs next, and keeps the books of what has run.
#[derive(Debug)]
pub(in crate::listener) struct Dispatcher<W: Worker> {
    pub(super) worker: W,
    /// The lane that runs in each slot.
    pub(super) slots: Vec<Option<usize>>,
    pub(super) free: Vec<usize>,
    pub(super) lanes: Slab<Lane<W::Held>>,
    pub(super) keys: KeyTable,
    pub(super) parcels: Slab<OpenParcel<W::Batch>>,
    /// Parcels with records that were not looked at yet, and how far the first of them is.
    pub(super) backlog: VecDeque<usize>,
    pub(super) looked_at: usize,
    /// Lanes that may run and have no slot: they are older than everything in the backlog.
    pub(super) ready: VecDeque<usize>,
    /// Lanes that wait for a retry.
    pub(super) parked: BinaryHeap<Reverse<(Instant, usize)>>,
    pub(super) partitions: Vec<Partition>,
    pub(super) dirty: Vec<usize>,
    pub(super) overflowing: Vec<usize>,
    pub(super) drains: Vec<Arc<Drain>>,
    pub(super) released: Released,
    /// Parcels whose records have all left.
    pub(super) spent: Vec<Parcel<W::Batch>>,
    pub(super) spare_links: Vec<Vec<Link>>,
    pub(super) now: Instant,
    pub(super) budget: u32,
    pub(super) span: u64,
}

/// What has left the engine since the last turn: room in the budget.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::listener) struct Released {
    pub(in crate::listener) records: u64,
    pub(in crate::listener) bytes: u64,
}

/// What a turn left to do.
#[derive(Clone, Copy, Debug)]
pub(in crate::listener) struct Turn {
    /// The turn ended by its budget and not for want of work.
    pub(in crate::listener) more: bool,
    /// When the next waiting retry is due.
    pub(in crate::listener) next_due: Option<Instant>,
    /// Slots that have nothing to run.
    pub(in crate::listener) idle_slots: usize,
}

impl<W: Worker> Dispatcher<W> {
    /// Records that a turn starts or polls at most, so that other tasks of the runtime have theirs.
    pub(in crate::listener) const TURN: u32 = 256;

    /// Longest distance between a partition's lowest unfinished record and its newest one.
    pub(in crate::listener) const SPAN: u64 = 1 << 16;

    pub(in crate::listener) fn new(worker: W, slots: usize, span: u64, now: Instant) -> Self {
        Self {
            worker,
            slots: vec![None; slots],
            free: (0..slots).rev().collect(),
            lanes: Slab::new(),
            keys: KeyTable::with_room_for(slots),
            parcels: Slab::new(),
            backlog: VecDeque::new(),
            looked_at: 0,
            ready: VecDeque::new(),
            parked: BinaryHeap::new(),
            partitions: Vec::new(),
            dirty: Vec::new(),
            overflowing: Vec::new(),
            drains: Vec::new(),
            released: Released::default(),
            spent: Vec::new(),
            spare_links: Vec::new(),
            now,
            budget: Self::TURN,
            span,
        }
    }

    /// A partition was assigned under `number`, which no record in the engine carries.
    pub(in crate::listener) fn assign(&mut self, number: usize, progress: Arc<Progress>) {
        let partition = Partition::assigned(progress, self.span);
        while self.partitions.len() < number {
            let mut hole = Partition::assigned(Progress::new(), self.span);
            hole.state = PartitionState::Gone;
            self.partitions.push(hole);
        }
        match self.partitions.get_mut(number) {
            Some(place) => *place = partition,
            None => self.partitions.push(partition),
        }
    }

    /// Records came.
    pub(in crate::listener) fn admit(&mut self, parcel: Parcel<W::Batch>) {
        if parcel.heads.is_empty() {
            self.spent.push(parcel);
            return;
        }
        let links = self.spare_links.pop().unwrap_or_default();
        let number = self.parcels.insert(OpenParcel::new(parcel, links));
        self.backlog.push_back(number);
    }

    /// Partitions are to be given back: nothing of them is started from now on.
    pub(in crate::listener) fn drain(&mut self, drain: Arc<Drain>) {
        for &number in &drain.partitions {
            self.partition_mut(number).state = PartitionState::Draining;
        }
        self.drains.push(drain);
        self.drop_what_waits();
    }

    /// Polls the slots that were woken and starts whatever may start, [`TURN`](Self::TURN) records
    /// in all at most, and publishes the results. Of `woken` it takes no more than it polls.
    pub(in crate::listener) fn turn(
        &mut self,
        now: Instant,
        woken: &mut dyn Iterator<Item = usize>,
    ) -> Turn {
        self.now = now;
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
        self.publish();
        let more = self.budget == 0;
        self.budget = Self::TURN;
        let idle_slots = if self.backlog.is_empty() && self.ready.is_empty() {
            self.free.len()
        } else {
            0
        };
        Turn {
            more,
            next_due: self.parked.peek().map(|Reverse((due, _))| *due),
            idle_slots,
        }
    }

    /// Room in the budget since the last call.
    pub(in crate::listener) fn take_released(&mut self) -> Released {
        std::mem::take(&mut self.released)
    }

    /// A parcel whose records have all left: its memory can be used again.
    pub(in crate::listener) fn take_spent(&mut self) -> Option<Parcel<W::Batch>> {
        self.spent.pop()
    }

    fn poll(&mut self, slot: usize) {
        // A waker may outlive its record and wake the slot's next one, or nobody.
        let Some(lane) = self.slots.get(slot).copied().flatten() else {
            return;
        };
        let Some((record, _)) = self.lanes.at(lane).current else {
            return;
        };
        self.budget = self.budget.saturating_sub(1);
        let parcel = self.parcels.at(record.parcel);
        let Some(batch) = &parcel.batch else { return };
        let step = self.worker.poll(
            slot,
            Delivery {
                batch,
                index: record.index,
            },
        );
        self.run(lane, slot, step);
    }

    /// A record leaves the engine: finished, given up, or discarded unstarted.
    pub(super) fn leave(&mut self, record: RecordRef, head: Head) {
        self.released.records += 1;
        self.released.bytes += u64::from(head.bytes);
        let partition = self.partition_mut(head.partition);
        partition.left += 1;
        if !std::mem::replace(&mut partition.dirty, true) {
            self.dirty.push(head.partition);
        }
        let parcel = self.parcels.at_mut(record.parcel);
        parcel.open -= 1;
        if parcel.open == 0 {
            let (parcel, links) = self.parcels.remove(record.parcel).close();
            self.spent.extend(parcel);
            self.spare_links.push(links);
        }
    }

    fn publish(&mut self) {
        while let Some(number) = self.dirty.pop() {
            self.partition_mut(number).publish();
        }
    }

    pub(super) fn is_admitted(&self, lane: usize) -> bool {
        let current = self.lanes.at(lane).current;
        current.is_some_and(|(record, _)| self.partition(self.head(record).partition).admits())
    }

    pub(super) fn head(&self, record: RecordRef) -> Head {
        self.parcels.at(record.parcel).head(record.index)
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "a record is only sent after its partition was assigned"
    )]
    pub(super) fn partition(&self, number: usize) -> &Partition {
        &self.partitions[number]
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "a record is only sent after its partition was assigned"
    )]
    pub(super) fn partition_mut(&mut self, number: usize) -> &mut Partition {
        &mut self.partitions[number]
    }
}
