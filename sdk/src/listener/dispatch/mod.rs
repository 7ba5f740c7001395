//! Which record runs next: the core of the engine.
//!
//! Records come in parcels and are looked at in the order they came. A record whose key has a lane waits
//! in that lane and needs no slot; any other is started in a free slot and polled once. Nearly all finish
//! right there and leave no trace but a moved commit; the others open a lane. When a record ends, its
//! slot takes the next record of the same lane, so that the oldest record that may run is always the next
//! to run, without a queue of runnable records. A record that waits for a retry leaves its slot and keeps
//! its lane: its key waits with it, other keys do not.
//!
//! What running a record means is the [`Worker`]'s business. There is no I/O here, no clock and no lock.
//!
//! Invariants, checked by the properties next door: a key has at most one running record; a record that
//! waits in a lane has the lane's key; every record leaves exactly once; a commit never passes an
//! unfinished record and never goes back.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::keys::KeyTable;
use super::lane::{Chain, Lane};
use super::parcel::{Head, Link, OpenParcel, Parcel, RecordRef};
use super::partition::{Partition, PartitionState};
use super::progress::{Drain, Progress};
use super::slab::Slab;

/// Runs records. A slot holds one running record at a time.
pub(super) trait Worker {
    /// The bytes of a parcel's records, shared.
    type Batch;
    /// What a record that waits for a retry brings back with it.
    type Held;

    /// Begins a record in a slot and polls it once. `held` is what it left behind when it was parked.
    fn start(
        &mut self,
        slot: usize,
        at: Delivery<'_, Self::Batch>,
        held: Option<Self::Held>,
    ) -> Step<Self::Held>;

    /// Polls the record in a slot again.
    fn poll(&mut self, slot: usize, at: Delivery<'_, Self::Batch>) -> Step<Self::Held>;

    /// Drops the record in a slot where it stands.
    fn cancel(&mut self, slot: usize);
}

/// Where the worker finds a record.
#[derive(Debug)]
pub(super) struct Delivery<'a, B> {
    pub(super) batch: &'a B,
    pub(super) index: usize,
}

/// How far a poll brought a record.
#[derive(Debug)]
pub(super) enum Step<H> {
    /// It waits for something and will be polled again. Every other step empties the slot.
    Pending,
    /// It is finished.
    Finished,
    /// It is to be started again after a wait.
    Park { wait: Duration, held: H },
    /// Its partition waits at it.
    Halt,
}

/// What has left the engine since the last turn: room in the budget.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Released {
    pub(super) records: u64,
    pub(super) bytes: u64,
}

/// What a turn left to do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turn {
    /// The turn ended by its budget and not for want of work.
    pub(super) more: bool,
    /// When the next waiting retry is due.
    pub(super) next_due: Option<Instant>,
    /// Slots that have nothing to run.
    pub(super) idle_slots: usize,
}

/// Decides what runs next, and keeps the books of what has run.
#[derive(Debug)]
pub(super) struct Dispatcher<W: Worker> {
    worker: W,
    /// The lane that runs in each slot.
    slots: Vec<Option<usize>>,
    free: Vec<usize>,
    lanes: Slab<Lane<W::Held>>,
    keys: KeyTable,
    parcels: Slab<OpenParcel<W::Batch>>,
    /// Parcels with records that were not looked at yet, and how far the first of them is.
    backlog: VecDeque<usize>,
    looked_at: usize,
    /// Lanes that may run and have no slot: they are older than everything in the backlog.
    ready: VecDeque<usize>,
    /// Lanes that wait for a retry.
    parked: BinaryHeap<Reverse<(Instant, usize)>>,
    partitions: Vec<Partition>,
    dirty: Vec<usize>,
    overflowing: Vec<usize>,
    drains: Vec<Arc<Drain>>,
    released: Released,
    spare_heads: Vec<Vec<Head>>,
    spare_links: Vec<Vec<Link>>,
    now: Instant,
    budget: u32,
    span: u64,
}

impl<W: Worker> Dispatcher<W> {
    /// Records that a turn starts or polls at most, so that other tasks of the runtime have theirs.
    pub(super) const TURN: u32 = 256;

    /// Longest distance between a partition's lowest unfinished record and its newest one.
    pub(super) const SPAN: u64 = 1 << 16;

    pub(super) fn new(worker: W, slots: usize, span: u64, now: Instant) -> Self {
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
            spare_heads: Vec::new(),
            spare_links: Vec::new(),
            now,
            budget: Self::TURN,
            span,
        }
    }

    /// A partition was assigned under `number`, which no record in the engine carries.
    pub(super) fn assign(&mut self, number: usize, progress: Arc<Progress>) {
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
    pub(super) fn admit(&mut self, parcel: Parcel<W::Batch>) {
        if parcel.heads.is_empty() {
            self.spare_heads.push(parcel.heads);
            return;
        }
        let links = self.spare_links.pop().unwrap_or_default();
        let number = self.parcels.insert(OpenParcel::new(parcel, links));
        self.backlog.push_back(number);
    }

    /// Partitions are to be given back: nothing of them is started from now on.
    pub(super) fn drain(&mut self, drain: Arc<Drain>) {
        for &number in &drain.partitions {
            self.partition_mut(number).state = PartitionState::Draining;
        }
        self.drains.push(drain);
        self.drop_what_waits();
    }

    /// Polls the slots that were woken and starts whatever may start, [`TURN`](Self::TURN) records in
    /// all at most, and publishes the results. Of `woken` it takes no more than it polls.
    pub(super) fn turn(&mut self, now: Instant, woken: &mut dyn Iterator<Item = usize>) -> Turn {
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
        let idle_slots = if self.backlog.is_empty() && self.ready.is_empty() { self.free.len() } else { 0 };
        Turn { more, next_due: self.parked.peek().map(|Reverse((due, _))| *due), idle_slots }
    }

    /// Room in the budget since the last call.
    pub(super) fn take_released(&mut self) -> Released {
        std::mem::take(&mut self.released)
    }

    /// Emptied head vectors, to be filled again.
    pub(super) fn take_spare(&mut self) -> Option<Vec<Head>> {
        self.spare_heads.pop()
    }

    fn poll(&mut self, slot: usize) {
        // A waker may outlive its record and wake the slot's next one, or nobody.
        let Some(lane) = self.slots.get(slot).copied().flatten() else { return };
        let Some((record, _)) = self.lanes.at(lane).current else { return };
        self.budget = self.budget.saturating_sub(1);
        let parcel = self.parcels.at(record.parcel);
        let Some(batch) = &parcel.batch else { return };
        let step = self.worker.poll(slot, Delivery { batch, index: record.index });
        self.run(lane, slot, step);
    }

    /// Sends lanes whose wait is over to the ready ones.
    fn unpark(&mut self) {
        while let Some(&Reverse((due, lane))) = self.parked.peek() {
            if due > self.now {
                return;
            }
            self.parked.pop();
            self.ready.push_back(lane);
        }
    }

    fn start_ready(&mut self) {
        while self.budget > 0 {
            if self.ready.is_empty() {
                return;
            }
            let Some(slot) = self.free.pop() else { return };
            let Some(lane) = self.ready.pop_front() else { return };
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
    fn start_overflowing(&mut self) {
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
    fn start_overflow_of(&mut self, number: usize) -> bool {
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
    fn scan(&mut self) {
        while let Some(&parcel) = self.backlog.front() {
            let records = self.parcels.at(parcel).heads.len();
            while self.looked_at < records {
                if self.budget == 0 {
                    return;
                }
                let record = RecordRef { parcel, index: self.looked_at };
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
    fn place(&mut self, record: RecordRef, head: Head) -> Placed {
        if !self.partition(head.partition).admits() {
            self.leave(record, head);
            return Placed::Taken;
        }
        if let Some(lane) = head.key.and_then(|key| self.keys.get(key)) {
            let ticket = self.partition_mut(head.partition).tracker.begin(head.offset);
            self.lanes.at_mut(lane).waiting.push(&mut self.parcels, record, Some(ticket));
            return Placed::Taken;
        }
        let Some(&slot) = self.free.last() else { return Placed::NoSlot };
        let Some(batch) = &self.parcels.at(record.parcel).batch else { return Placed::Taken };
        self.budget = self.budget.saturating_sub(1);
        let step = self.worker.start(slot, Delivery { batch, index: record.index }, None);
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

    /// Acts on `step` of the record that runs in `slot`, then runs those that wait behind it.
    fn run(&mut self, lane: usize, slot: usize, mut step: Step<W::Held>) {
        loop {
            match step {
                Step::Pending => return,
                Step::Finished => self.finish_current(lane),
                Step::Park { wait, held } if self.is_admitted(lane) => {
                    self.lanes.at_mut(lane).held = Some(held);
                    self.parked.push(Reverse((self.now + wait, lane)));
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

    fn start(&mut self, lane: usize, slot: usize) -> Step<W::Held> {
        self.budget = self.budget.saturating_sub(1);
        let lane = self.lanes.at_mut(lane);
        let held = lane.held.take();
        let Some((record, _)) = lane.current else { return Step::Finished };
        let Some(batch) = &self.parcels.at(record.parcel).batch else { return Step::Finished };
        self.worker.start(slot, Delivery { batch, index: record.index }, held)
    }

    fn finish_current(&mut self, lane: usize) {
        let Some((record, ticket)) = self.lanes.at_mut(lane).current.take() else { return };
        let head = self.head(record);
        self.partition_mut(head.partition).tracker.finish(ticket);
        self.leave(record, head);
    }

    /// The current record leaves unfinished: its tracker keeps the commit below it.
    fn leave_current(&mut self, lane: usize) {
        let lane = self.lanes.at_mut(lane);
        lane.held = None;
        let Some((record, _)) = lane.current.take() else { return };
        let head = self.head(record);
        self.leave(record, head);
    }

    fn halt_at_current(&mut self, lane: usize) {
        let Some((record, _)) = self.lanes.at(lane).current else { return };
        let number = self.head(record).partition;
        let partition = self.partition_mut(number);
        if partition.state == PartitionState::Active {
            partition.state = PartitionState::Halted;
            partition.progress.halt();
        }
        self.leave_current(lane);
        self.drop_what_waits();
    }

    /// Makes the next waiting record of a lane the current one, and discards those that may not run.
    /// Answers `false` when nothing is left.
    fn take_next(&mut self, lane: usize) -> bool {
        loop {
            let Some((record, ticket)) = self.lanes.at_mut(lane).waiting.pop(&mut self.parcels) else {
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

    fn open_lane(&mut self, record: RecordRef, head: Head) -> usize {
        let ticket = self.partition_mut(head.partition).tracker.begin(head.offset);
        let current = Some((record, ticket));
        let lane = self.lanes.insert(Lane { key: head.key, current, waiting: Chain::default(), held: None });
        if let Some(key) = head.key {
            self.keys.insert(key, lane);
        }
        lane
    }

    fn close_lane(&mut self, lane: usize) {
        if let Some(key) = self.lanes.remove(lane).key {
            self.keys.remove(key);
        }
    }

    fn occupy(&mut self, slot: usize, lane: usize) {
        if let Some(place) = self.slots.get_mut(slot) {
            *place = Some(lane);
        }
    }

    fn vacate(&mut self, slot: usize) {
        if let Some(place) = self.slots.get_mut(slot) {
            *place = None;
        }
        self.free.push(slot);
    }

    /// A record leaves the engine: finished, given up, or discarded unstarted.
    fn leave(&mut self, record: RecordRef, head: Head) {
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
            let (heads, links) = self.parcels.remove(record.parcel).into_vectors();
            self.spare_heads.push(heads);
            self.spare_links.push(links);
        }
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

    /// Lanes that wait for a retry of a partition that runs no more need not wait for their time.
    fn drop_what_waits(&mut self) {
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
    fn serve_drains(&mut self) {
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

    fn running_in(&self, drain: &Drain) -> Vec<usize> {
        let is_of_drain = |lane: &usize| {
            let current = self.lanes.at(*lane).current;
            current.is_some_and(|(record, _)| drain.partitions.contains(&self.head(record).partition))
        };
        let occupied = self.slots.iter().enumerate();
        occupied.filter(|(_, lane)| lane.as_ref().is_some_and(is_of_drain)).map(|(slot, _)| slot).collect()
    }

    fn cancel(&mut self, slot: usize) {
        self.worker.cancel(slot);
        let Some(lane) = self.slots.get(slot).copied().flatten() else { return };
        self.leave_current(lane);
        if self.take_next(lane) {
            self.ready.push_back(lane);
        } else {
            self.close_lane(lane);
        }
        self.vacate(slot);
    }

    fn let_go(&mut self, drain: &Drain) {
        for &number in &drain.partitions {
            let partition = self.partition_mut(number);
            partition.state = PartitionState::Gone;
            partition.publish();
            partition.progress.let_go();
        }
        // After the last publication: who waits reads the commit next.
        drain.report(0);
    }

    fn publish(&mut self) {
        while let Some(number) = self.dirty.pop() {
            self.partition_mut(number).publish();
        }
    }

    fn is_admitted(&self, lane: usize) -> bool {
        let current = self.lanes.at(lane).current;
        current.is_some_and(|(record, _)| self.partition(self.head(record).partition).admits())
    }

    fn head(&self, record: RecordRef) -> Head {
        self.parcels.at(record.parcel).head(record.index)
    }

    #[expect(clippy::indexing_slicing, reason = "a record is only sent after its partition was assigned")]
    fn partition(&self, number: usize) -> &Partition {
        &self.partitions[number]
    }

    #[expect(clippy::indexing_slicing, reason = "a record is only sent after its partition was assigned")]
    fn partition_mut(&mut self, number: usize) -> &mut Partition {
        &mut self.partitions[number]
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Placed {
    /// It runs, waits in a lane, has finished, or was discarded.
    Taken,
    /// It stays where it is until a slot is free.
    NoSlot,
}

#[cfg(test)]
mod tests;
