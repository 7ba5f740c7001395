//! Runs the records of one consumer: starts and polls the units of work in its slots.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::attempt::Attempt;
use super::forward::Forward;
use super::held::{FailedRecord, Held};
use super::listener_work::ListenerWork;
use super::panics::discard;
use super::settle::Next;
use super::unit::Unit;
use crate::client::RecordBatch;
use crate::handler::Outcome;
use crate::listener::dispatch::{RecordInBatch, SlotId, Step, Worker};

/// Runs the records of one consumer.
pub(in crate::listener) struct RecordWorker {
    work: ListenerWork,
    slots: Vec<Slot>,
}

struct Slot {
    unit: Unit,
    /// Made once: a waker per record would be an allocation per record.
    waker: Waker,
}

/// The place of a record.
type At<'a> = RecordInBatch<'a, Arc<RecordBatch>>;

impl RecordWorker {
    /// Creates a worker with a slot for each waker.
    pub(in crate::listener) fn new(
        work: ListenerWork,
        wakers: impl Iterator<Item = Waker>,
    ) -> Self {
        let slots = wakers.map(|waker| Slot {
            unit: Unit::Idle,
            waker,
        });
        Self {
            work,
            slots: slots.collect(),
        }
    }

    fn poll_attempt(&mut self, slot: SlotId, at: At<'_>, mut attempt: Attempt) -> Step<Held> {
        let Some(place) = self.slots.get_mut(usize::from(slot)) else {
            return Step::Halt;
        };
        match attempt.poll(&mut Context::from_waker(&place.waker)) {
            Poll::Pending => {
                place.unit = Unit::Attempt(attempt);
                Step::Pending
            }
            Poll::Ready(outcome) => {
                let number = attempt.number();
                // Before anything follows: the future may hold what the next attempt needs.
                discard(attempt);
                self.end_attempt(slot, at, number, outcome)
            }
        }
    }

    fn end_attempt(
        &mut self,
        slot: SlotId,
        at: At<'_>,
        attempt: u32,
        outcome: Outcome,
    ) -> Step<Held> {
        let Some(verdict) = self.work.policy.judge(outcome, attempt) else {
            return Step::Finished;
        };
        let Some(record) = at.batch.record(at.index) else {
            return Step::Finished;
        };
        match self.work.settle(record, attempt, verdict) {
            Next::Step(step) => step,
            Next::Forward(failed) => self.forward(slot, failed, 1),
        }
    }

    fn forward(&mut self, slot: SlotId, failed: FailedRecord, offer: u32) -> Step<Held> {
        match self.work.forward(failed, offer) {
            Ok(forward) => self.poll_forward(slot, Box::new(forward)),
            Err(step) => step,
        }
    }

    fn poll_forward(&mut self, slot: SlotId, mut forward: Box<Forward>) -> Step<Held> {
        let Some(place) = self.slots.get_mut(usize::from(slot)) else {
            return Step::Halt;
        };
        match forward.poll(&mut Context::from_waker(&place.waker)) {
            Poll::Pending => {
                place.unit = Unit::Forward(forward);
                Step::Pending
            }
            Poll::Ready(written) => {
                let (failed, offer) = forward.into_failed();
                self.work.forwarded(failed, offer, written)
            }
        }
    }

    fn take_unit(&mut self, slot: SlotId) -> Unit {
        let place = self.slots.get_mut(usize::from(slot));
        place.map_or(Unit::Idle, |place| {
            std::mem::replace(&mut place.unit, Unit::Idle)
        })
    }
}

impl Worker for RecordWorker {
    type Batch = Arc<RecordBatch>;
    type Held = Held;

    fn start(&mut self, slot: SlotId, at: At<'_>, held: Option<Held>) -> Step<Held> {
        let number = match held {
            None => 1,
            Some(Held::Retry { attempt }) => attempt,
            Some(Held::Forward { failed, offer }) => return self.forward(slot, *failed, offer),
        };
        let Some(record) = at.batch.record(at.index) else {
            return Step::Finished;
        };
        let cx = self.work.contexts.context(record, number);
        match Attempt::start(&self.work.handler, cx) {
            Ok(attempt) => self.poll_attempt(slot, at, attempt),
            Err(outcome) => self.end_attempt(slot, at, number, outcome),
        }
    }

    fn poll(&mut self, slot: SlotId, at: At<'_>) -> Step<Held> {
        match self.take_unit(slot) {
            Unit::Idle => Step::Finished,
            Unit::Attempt(attempt) => self.poll_attempt(slot, at, attempt),
            Unit::Forward(forward) => self.poll_forward(slot, forward),
        }
    }

    fn cancel(&mut self, slot: SlotId) {
        discard(self.take_unit(slot));
    }
}

impl Drop for RecordWorker {
    fn drop(&mut self) {
        for place in &mut self.slots {
            discard(std::mem::replace(&mut place.unit, Unit::Idle));
        }
    }
}

impl std::fmt::Debug for RecordWorker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RecordWorker")
            .field("slots", &self.slots.len())
            .finish_non_exhaustive()
    }
}
