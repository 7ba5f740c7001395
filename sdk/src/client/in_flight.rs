//! Records in flight: bounded by the memory they take, and countable for a flush.
//!
//! Memory is a semaphore whose permits are bytes, so senders get room in the order they asked.
//! A flush waits for what was sent before it and not for what comes after: records are counted in
//! two waves, and a flush sends new records to the other wave before it waits for the old one to be
//! empty.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Notify, Semaphore};

/// The records of one producer that have been sent and not been answered, with those that wait for
/// room.
#[derive(Debug)]
pub(crate) struct Flight {
    /// One permit per byte that is free.
    room: Semaphore,
    memory: u32,
    /// How many records of each wave are in flight.
    waves: [AtomicUsize; 2],
    /// The wave that new records join; its parity counts.
    current: AtomicUsize,
    /// Rung when a wave has become empty.
    empty: Notify,
    /// One flush at a time turns the waves.
    turn: tokio::sync::Mutex<()>,
}

/// A record that counts as in flight as long as this lives.
#[derive(Debug)]
pub(crate) struct Place {
    flight: Arc<Flight>,
    wave: usize,
}

/// A place with memory for the record, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    place: Place,
    bytes: u32,
}

impl Flight {
    /// Room for `memory` bytes of records, at most 2 GiB.
    pub(crate) fn new(memory: usize) -> Arc<Self> {
        let memory = u32::try_from(memory).unwrap_or(u32::MAX).clamp(1, 1 << 31);
        Arc::new(Self {
            room: Semaphore::new(memory as usize),
            memory,
            waves: [AtomicUsize::new(0), AtomicUsize::new(0)],
            current: AtomicUsize::new(0),
            empty: Notify::new(),
            turn: tokio::sync::Mutex::new(()),
        })
    }

    /// A place and room for a record of `bytes` bytes; `None` when there is no room now.
    pub(crate) fn try_board(self: &Arc<Self>, bytes: usize) -> Option<Seat> {
        let bytes = self.charge(bytes);
        self.room.try_acquire_many(bytes).ok()?.forget();
        Some(Seat {
            place: self.place(),
            bytes,
        })
    }

    /// A place for a record that has no room yet.
    pub(crate) fn place(self: &Arc<Self>) -> Place {
        let wave = self.current.load(Ordering::SeqCst);
        self.wave(wave).fetch_add(1, Ordering::SeqCst);
        Place {
            flight: Arc::clone(self),
            wave,
        }
    }

    /// How many records are in flight.
    pub(crate) fn records(&self) -> usize {
        self.waves
            .iter()
            .map(|wave| wave.load(Ordering::SeqCst))
            .sum()
    }

    /// Waits until every record that was taken before this call has been answered.
    ///
    /// # Cancel safety
    /// Dropping the future stops the wait; the records stay in flight.
    pub(crate) async fn landed(&self) {
        let _turn = self.turn.lock().await;
        // A flush that was given up may have left records in the other wave, which nothing joins
        // now.
        let current = self.current.load(Ordering::SeqCst);
        self.wave_is_empty(current ^ 1).await;
        self.current.store(current ^ 1, Ordering::SeqCst);
        self.wave_is_empty(current).await;
    }

    async fn wave_is_empty(&self, wave: usize) {
        loop {
            // Made before the look, so that a wave that empties in between is heard.
            let rung = self.empty.notified();
            if self.wave(wave).load(Ordering::SeqCst) == 0 {
                return;
            }
            rung.await;
        }
    }

    /// A record larger than all the memory flies alone.
    fn charge(&self, bytes: usize) -> u32 {
        u32::try_from(bytes).unwrap_or(u32::MAX).min(self.memory)
    }

    const fn wave(&self, wave: usize) -> &AtomicUsize {
        let [even, odd] = &self.waves;
        if wave & 1 == 0 { even } else { odd }
    }
}

impl Place {
    /// Takes room for a record of `bytes` bytes as soon as there is some. Who asked first gets it
    /// first.
    ///
    /// # Cancel safety
    /// Dropping the future gives up the place and nothing else.
    pub(crate) async fn board(self, bytes: usize) -> Seat {
        let bytes = self.flight.charge(bytes);
        if let Ok(permit) = self.flight.room.acquire_many(bytes).await {
            permit.forget();
        }
        Seat { place: self, bytes }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.flight.wave(self.wave).fetch_sub(1, Ordering::SeqCst) == 1 {
            self.flight.empty.notify_waiters();
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.place.flight.room.add_permits(self.bytes as usize);
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[test]
    fn memory_is_bounded_and_given_back() {
        let flight = Flight::new(100);
        let first = flight.try_board(60).unwrap();
        assert!(flight.try_board(60).is_none());
        let mut waiting = Box::pin(flight.place().board(60));
        assert!(waiting.as_mut().now_or_never().is_none());
        drop(first);
        assert!(waiting.now_or_never().is_some());
    }

    #[test]
    fn a_record_larger_than_all_the_memory_flies_alone() {
        let flight = Flight::new(100);
        let huge = flight.try_board(5000).unwrap();
        assert!(flight.try_board(1).is_none());
        drop(huge);
        assert!(flight.try_board(1).is_some());
    }

    #[test]
    fn a_flush_waits_for_what_came_before_and_not_for_what_comes_after() {
        let flight = Flight::new(100);
        let before = flight.try_board(1).unwrap();
        let mut flush = Box::pin(flight.landed());
        assert!(flush.as_mut().now_or_never().is_none());
        let _after = flight.try_board(1).unwrap();
        drop(before);
        assert!(flush.now_or_never().is_some());
        assert_eq!(flight.records(), 1);
    }

    #[test]
    fn a_flush_waits_for_what_has_a_place_and_no_room_yet() {
        let flight = Flight::new(100);
        let place = flight.place();
        let mut flush = Box::pin(flight.landed());
        assert!(flush.as_mut().now_or_never().is_none());
        // It gets its room after the flush began, and belongs to what came before all the same.
        let seat = place.board(1).now_or_never().unwrap();
        assert!(flush.as_mut().now_or_never().is_none());
        drop(seat);
        assert!(flush.now_or_never().is_some());
    }

    #[test]
    fn a_flush_after_one_that_was_given_up_waits_for_both() {
        let flight = Flight::new(100);
        let first = flight.try_board(1).unwrap();
        assert!(flight.landed().now_or_never().is_none());
        let second = flight.try_board(1).unwrap();
        let mut flush = Box::pin(flight.landed());
        drop(second);
        assert!(flush.as_mut().now_or_never().is_none());
        drop(first);
        assert!(flush.now_or_never().is_some());
    }
}
