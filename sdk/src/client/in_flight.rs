//! Records in flight: bounded by the memory they take, and countable for a flush.
//!
//! Memory is a semaphore whose permits are bytes, so senders get room in the order they asked.
//! A flush waits for what was sent before it and not for what comes after: records are counted in
//! two generations, and a flush directs new records to the other generation before it waits for the
//! old one to be empty.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Notify, Semaphore};

/// The records of one producer that have been sent and not been answered, with those that wait for
/// room.
#[derive(Debug)]
pub(crate) struct InFlight {
    /// One permit per byte that is free.
    room: Semaphore,
    memory: u32,
    /// Records in flight, by generation.
    generations: [AtomicUsize; 2],
    /// The generation that new records join: its lowest bit is the index.
    current: AtomicUsize,
    /// Notified when a generation has become empty.
    empty: Notify,
    /// Held by the one flush that may start a new generation.
    turn: tokio::sync::Mutex<()>,
}

/// Counts one record as in flight for as long as it lives.
#[derive(Debug)]
pub(crate) struct InFlightToken {
    in_flight: Arc<InFlight>,
    generation: usize,
}

/// Memory reserved for a record in flight, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct BufferPermit {
    token: InFlightToken,
    bytes: u32,
}

impl InFlight {
    /// With `memory` bytes for records, at most 2 GiB.
    pub(crate) fn new(memory: usize) -> Arc<Self> {
        let memory = u32::try_from(memory).unwrap_or(u32::MAX).clamp(1, 1 << 31);
        Arc::new(Self {
            room: Semaphore::new(memory as usize),
            memory,
            generations: [AtomicUsize::new(0), AtomicUsize::new(0)],
            current: AtomicUsize::new(0),
            empty: Notify::new(),
            turn: tokio::sync::Mutex::new(()),
        })
    }

    /// Reserves memory for a record of `bytes` bytes; `None` when there is not enough now.
    pub(crate) fn try_reserve(self: &Arc<Self>, bytes: usize) -> Option<BufferPermit> {
        let bytes = self.charge(bytes);
        self.room.try_acquire_many(bytes).ok()?.forget();
        Some(BufferPermit {
            token: self.token(),
            bytes,
        })
    }

    /// Counts a record that has no memory reserved yet.
    pub(crate) fn token(self: &Arc<Self>) -> InFlightToken {
        let generation = self.current.load(Ordering::SeqCst);
        self.generation(generation).fetch_add(1, Ordering::SeqCst);
        InFlightToken {
            in_flight: Arc::clone(self),
            generation,
        }
    }

    /// Returns the number of records in flight.
    pub(crate) fn records(&self) -> usize {
        self.generations
            .iter()
            .map(|generation| generation.load(Ordering::SeqCst))
            .sum()
    }

    /// Waits until every record that was taken before this call has been answered.
    ///
    /// # Cancel safety
    /// Dropping the future stops the wait; the records stay in flight.
    pub(crate) async fn drained(&self) {
        let _turn = self.turn.lock().await;
        // A flush that was given up may have left records in the other generation, which nothing
        // joins now.
        let current = self.current.load(Ordering::SeqCst);
        self.generation_is_empty(current ^ 1).await;
        self.current.store(current ^ 1, Ordering::SeqCst);
        self.generation_is_empty(current).await;
    }

    async fn generation_is_empty(&self, generation: usize) {
        loop {
            // Registered before the count is read, so that a generation that empties in between
            // still notifies.
            let emptied = self.empty.notified();
            if self.generation(generation).load(Ordering::SeqCst) == 0 {
                return;
            }
            emptied.await;
        }
    }

    /// A record larger than all the memory takes all of it, and so is sent alone.
    fn charge(&self, bytes: usize) -> u32 {
        u32::try_from(bytes).unwrap_or(u32::MAX).min(self.memory)
    }

    const fn generation(&self, generation: usize) -> &AtomicUsize {
        let [even, odd] = &self.generations;
        if generation & 1 == 0 { even } else { odd }
    }
}

impl InFlightToken {
    /// Reserves memory for the record, of `bytes` bytes, as soon as there is enough. First come,
    /// first served.
    ///
    /// # Cancel safety
    /// Dropping the future gives up the token and nothing else.
    pub(crate) async fn reserve(self, bytes: usize) -> BufferPermit {
        let bytes = self.in_flight.charge(bytes);
        if let Ok(permit) = self.in_flight.room.acquire_many(bytes).await {
            permit.forget();
        }
        BufferPermit { token: self, bytes }
    }
}

impl Drop for InFlightToken {
    fn drop(&mut self) {
        if self
            .in_flight
            .generation(self.generation)
            .fetch_sub(1, Ordering::SeqCst)
            == 1
        {
            self.in_flight.empty.notify_waiters();
        }
    }
}

impl Drop for BufferPermit {
    fn drop(&mut self) {
        self.token.in_flight.room.add_permits(self.bytes as usize);
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[test]
    fn memory_is_bounded_and_given_back() {
        let in_flight = InFlight::new(100);
        let first = in_flight.try_reserve(60).unwrap();
        assert!(in_flight.try_reserve(60).is_none());
        let mut waiting = Box::pin(in_flight.token().reserve(60));
        assert!(waiting.as_mut().now_or_never().is_none());
        drop(first);
        assert!(waiting.now_or_never().is_some());
    }

    #[test]
    fn a_record_larger_than_all_the_memory_is_sent_alone() {
        let in_flight = InFlight::new(100);
        let huge = in_flight.try_reserve(5000).unwrap();
        assert!(in_flight.try_reserve(1).is_none());
        drop(huge);
        assert!(in_flight.try_reserve(1).is_some());
    }

    #[test]
    fn a_flush_waits_for_what_came_before_and_not_for_what_comes_after() {
        let in_flight = InFlight::new(100);
        let before = in_flight.try_reserve(1).unwrap();
        let mut flush = Box::pin(in_flight.drained());
        assert!(flush.as_mut().now_or_never().is_none());
        let _after = in_flight.try_reserve(1).unwrap();
        drop(before);
        assert!(flush.now_or_never().is_some());
        assert_eq!(in_flight.records(), 1);
    }

    #[test]
    fn a_flush_waits_for_what_is_counted_and_has_no_memory_yet() {
        let in_flight = InFlight::new(100);
        let token = in_flight.token();
        let mut flush = Box::pin(in_flight.drained());
        assert!(flush.as_mut().now_or_never().is_none());
        // It gets its room after the flush began, and still belongs to what came before.
        let permit = token.reserve(1).now_or_never().unwrap();
        assert!(flush.as_mut().now_or_never().is_none());
        drop(permit);
        assert!(flush.now_or_never().is_some());
    }

    #[test]
    fn a_flush_after_one_that_was_given_up_waits_for_both() {
        let in_flight = InFlight::new(100);
        let first = in_flight.try_reserve(1).unwrap();
        assert!(in_flight.drained().now_or_never().is_none());
        let second = in_flight.try_reserve(1).unwrap();
        let mut flush = Box::pin(in_flight.drained());
        drop(second);
        assert!(flush.as_mut().now_or_never().is_none());
        drop(first);
        assert!(flush.now_or_never().is_some());
    }
}
