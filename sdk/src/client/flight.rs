//! Records in flight: bounded by the memory they take, and countable for a flush.
//!
//! Memory is a semaphore whose permits are bytes, so senders get room in the order they asked.
//! A flush waits for what was sent before it and not for what comes after: records are counted in two
//! waves, and a flush sends new records to the other wave before it waits for the old one to be empty.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Notify, Semaphore};

use super::{Delivery, Report, delivery};

/// The records of one producer that have been taken and not been answered.
#[derive(Debug)]
pub struct Flight {
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

/// What one record holds until it is answered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seat {
    bytes: u32,
    wave: usize,
}

impl Flight {
    /// Room for `memory` bytes of records, at most 2 GiB.
    #[must_use]
    pub fn new(memory: usize) -> Arc<Self> {
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

    /// Takes room for a record of `bytes` bytes; `None` when there is none now.
    #[must_use]
    pub fn try_board(self: &Arc<Self>, bytes: usize) -> Option<(Report, Delivery)> {
        let bytes = self.charge(bytes);
        self.room.try_acquire_many(bytes).ok()?.forget();
        Some(self.seat(bytes))
    }

    /// Takes room for a record of `bytes` bytes as soon as there is some. Who asked first gets it first.
    ///
    /// # Cancel safety
    /// Dropping the future gives up the place in the line and nothing else.
    pub async fn board(self: &Arc<Self>, bytes: usize) -> (Report, Delivery) {
        let bytes = self.charge(bytes);
        if let Ok(permit) = self.room.acquire_many(bytes).await {
            permit.forget();
        }
        self.seat(bytes)
    }

    /// How many records are in flight.
    #[must_use]
    pub fn records(&self) -> usize {
        self.waves.iter().map(|wave| wave.load(Ordering::SeqCst)).sum()
    }

    /// Waits until every record that was taken before this call has been answered.
    ///
    /// # Cancel safety
    /// Dropping the future stops the wait; the records stay in flight.
    pub async fn landed(&self) {
        let _turn = self.turn.lock().await;
        // A flush that was given up may have left records in the other wave, which nothing joins now.
        let current = self.current.load(Ordering::SeqCst);
        self.wave_is_empty(current ^ 1).await;
        self.current.store(current ^ 1, Ordering::SeqCst);
        self.wave_is_empty(current).await;
    }

    /// Gives back what a record held.
    pub(super) fn land(&self, seat: Seat) {
        self.room.add_permits(seat.bytes as usize);
        if self.wave(seat.wave).fetch_sub(1, Ordering::SeqCst) == 1 {
            self.empty.notify_waiters();
        }
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

    fn seat(self: &Arc<Self>, bytes: u32) -> (Report, Delivery) {
        let wave = self.current.load(Ordering::SeqCst);
        self.wave(wave).fetch_add(1, Ordering::SeqCst);
        delivery::delivery(Arc::clone(self), Seat { bytes, wave })
    }

    const fn wave(&self, wave: usize) -> &AtomicUsize {
        let [even, odd] = &self.waves;
        if wave & 1 == 0 { even } else { odd }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;
    use crate::client::{Acknowledgement, ProduceError};
    use crate::types::{Offset, PartitionId, Timestamp};

    const WRITTEN: Acknowledgement =
        Acknowledgement { partition: PartitionId(1), offset: Offset(7), timestamp: Timestamp(9) };

    #[test]
    fn a_report_reaches_the_one_who_waits() {
        let flight = Flight::new(100);
        let (report, mut delivery) = flight.try_board(10).unwrap();
        assert!((&mut delivery).now_or_never().is_none());
        report.resolve(Ok(WRITTEN));
        assert_eq!(delivery.now_or_never(), Some(Ok(WRITTEN)));
        assert_eq!(flight.records(), 0);
    }

    #[test]
    fn a_lost_report_is_an_answer_too() {
        let flight = Flight::new(100);
        let (report, delivery) = flight.try_board(10).unwrap();
        drop(report);
        assert_eq!(delivery.now_or_never(), Some(Err(ProduceError::Closed)));
    }

    #[test]
    fn memory_is_bounded_and_given_back() {
        let flight = Flight::new(100);
        let (first, _) = flight.try_board(60).unwrap();
        assert!(flight.try_board(60).is_none());
        let mut waiting = Box::pin(flight.board(60));
        assert!(waiting.as_mut().now_or_never().is_none());
        first.resolve(Ok(WRITTEN));
        assert!(waiting.now_or_never().is_some());
    }

    #[test]
    fn a_record_larger_than_all_the_memory_flies_alone() {
        let flight = Flight::new(100);
        let (huge, _) = flight.try_board(5000).unwrap();
        assert!(flight.try_board(1).is_none());
        huge.resolve(Ok(WRITTEN));
        assert!(flight.try_board(1).is_some());
    }

    #[test]
    fn a_flush_waits_for_what_came_before_and_not_for_what_comes_after() {
        let flight = Flight::new(100);
        let (before, _) = flight.try_board(1).unwrap();
        let mut flush = Box::pin(flight.landed());
        assert!(flush.as_mut().now_or_never().is_none());
        let (_after, _) = flight.try_board(1).unwrap();
        before.resolve(Ok(WRITTEN));
        assert!(flush.now_or_never().is_some());
        assert_eq!(flight.records(), 1);
    }

    #[test]
    fn a_flush_after_one_that_was_given_up_waits_for_both() {
        let flight = Flight::new(100);
        let (first, _) = flight.try_board(1).unwrap();
        assert!(flight.landed().now_or_never().is_none());
        let (second, _) = flight.try_board(1).unwrap();
        let mut flush = Box::pin(flight.landed());
        second.resolve(Ok(WRITTEN));
        assert!(flush.as_mut().now_or_never().is_none());
        first.resolve(Ok(WRITTEN));
        assert!(flush.now_or_never().is_some());
    }
}
