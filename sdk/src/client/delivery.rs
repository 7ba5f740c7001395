//! One record on its way: the client's end reports, the sender's end waits.
//!
//! Both ends share one small allocation. A report that is dropped without an answer says that the
//! client was closed, so that no sender waits for ever.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use super::flight::{Flight, Seat};
use super::{Acknowledgement, ProduceError};

/// The client's end: says what became of the record.
#[derive(Debug)]
pub struct Report(Option<Arc<Slot>>);

/// The sender's end: resolves to what the client reports.
///
/// # Cancel safety
/// Dropping it does not take the record back.
#[derive(Debug)]
#[must_use = "a delivery tells nothing unless it is awaited"]
pub struct Delivery(Arc<Slot>);

pub(super) type Answer = Result<Acknowledgement, ProduceError>;

/// What both ends share.
#[derive(Debug)]
pub(super) struct Slot {
    /// Guards the state of this record alone; held for a move.
    state: Mutex<State>,
    flight: Arc<Flight>,
    seat: Seat,
}

#[derive(Debug)]
enum State {
    Waiting(Option<Waker>),
    Answered(Answer),
    Taken,
}

/// The two ends of a record that has a seat in `flight`.
pub(super) fn delivery(flight: Arc<Flight>, seat: Seat) -> (Report, Delivery) {
    let slot = Arc::new(Slot { state: Mutex::new(State::Waiting(None)), flight, seat });
    (Report(Some(Arc::clone(&slot))), Delivery(slot))
}

impl Report {
    /// Says what became of the record.
    pub fn resolve(mut self, answer: Answer) {
        if let Some(slot) = self.0.take() {
            slot.resolve(answer);
        }
    }

    /// The shared part, to be handed through a foreign client; whoever takes it must resolve it.
    pub(super) fn into_slot(mut self) -> Option<Arc<Slot>> {
        self.0.take()
    }

    /// The report of a slot that [`into_slot`](Report::into_slot) gave away.
    pub(super) const fn of(slot: Arc<Slot>) -> Self {
        Self(Some(slot))
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        if let Some(slot) = self.0.take() {
            slot.resolve(Err(ProduceError::Closed));
        }
    }
}

impl Slot {
    fn resolve(&self, answer: Answer) {
        let before = std::mem::replace(&mut *self.lock(), State::Answered(answer));
        // Give the seat back first: who is woken may want to send the next record.
        self.flight.land(self.seat);
        if let State::Waiting(Some(waker)) = before {
            waker.wake();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Future for Delivery {
    type Output = Answer;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Answer> {
        let mut state = self.0.lock();
        match std::mem::replace(&mut *state, State::Taken) {
            State::Answered(answer) => Poll::Ready(answer),
            State::Waiting(known) => {
                let waker = known.filter(|known| known.will_wake(cx.waker()));
                *state = State::Waiting(Some(waker.unwrap_or_else(|| cx.waker().clone())));
                Poll::Pending
            }
            State::Taken => Poll::Pending,
        }
    }
}
