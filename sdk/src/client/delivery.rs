//! One record on its way: the client's end reports, the sender's end waits.
//!
//! Both ends share one small allocation. A report that is dropped without an answer says that the
//! client was closed, so that every sender gets an answer.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use super::in_flight::BufferPermit;
use super::produce_error::{Acknowledgement, ProduceError};

/// The client's end: says what became of the record.
#[derive(Debug)]
pub struct Report(Option<Arc<Slot>>);

/// The sender's end: resolves to what the client reports.
///
/// # Cancel safety
/// Dropping it does not take the record back.
#[derive(Debug)]
#[must_use = "a delivery tells nothing unless it is awaited"]
pub struct DeliveryFuture(Arc<Slot>);

pub(super) type Answer = Result<Acknowledgement, ProduceError>;

/// The state that both ends share.
#[derive(Debug)]
pub(super) struct Slot {
    /// Guards the state of this record alone; held for a move.
    state: Mutex<State>,
}

#[derive(Debug)]
enum State {
    /// The record is in flight, and keeps its memory.
    Waiting(Option<Waker>, BufferPermit),
    Answered(Answer),
    Taken,
}

/// The two ends of a record whose memory is reserved.
pub(crate) fn delivery(permit: BufferPermit) -> (Report, DeliveryFuture) {
    let slot = Arc::new(Slot {
        state: Mutex::new(State::Waiting(None, permit)),
    });
    (Report(Some(Arc::clone(&slot))), DeliveryFuture(slot))
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
        if let State::Waiting(waker, permit) = before {
            // The memory goes back first: the sender that wakes up may send the next record.
            drop(permit);
            if let Some(waker) = waker {
                waker.wake();
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Future for DeliveryFuture {
    type Output = Answer;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Answer> {
        let mut state = self.0.lock();
        match std::mem::replace(&mut *state, State::Taken) {
            State::Answered(answer) => Poll::Ready(answer),
            State::Waiting(known, permit) => {
                let waker = known.filter(|known| known.will_wake(cx.waker()));
                *state = State::Waiting(Some(waker.unwrap_or_else(|| cx.waker().clone())), permit);
                Poll::Pending
            }
            State::Taken => Poll::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;
    use crate::client::in_flight::InFlight;
    use crate::types::{Offset, PartitionId, Timestamp};

    const WRITTEN: Acknowledgement = Acknowledgement {
        partition: PartitionId(1),
        offset: Offset(7),
        timestamp: Timestamp(9),
    };

    #[test]
    fn a_report_reaches_the_one_who_waits_and_frees_the_seat() {
        let in_flight = InFlight::new(100);
        let (report, mut answer) = delivery(in_flight.try_reserve(100).unwrap());
        assert!((&mut answer).now_or_never().is_none());
        report.resolve(Ok(WRITTEN));
        assert!(in_flight.try_reserve(100).is_some());
        assert_eq!(answer.now_or_never(), Some(Ok(WRITTEN)));
        assert_eq!(in_flight.records(), 0);
    }

    #[test]
    fn a_lost_report_is_an_answer_too() {
        let (report, answer) = delivery(InFlight::new(100).try_reserve(10).unwrap());
        drop(report);
        assert_eq!(answer.now_or_never(), Some(Err(ProduceError::Closed)));
    }
}
