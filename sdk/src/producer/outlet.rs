//! Where records go out: at once while there is room, and in a line once there is none.
//!
//! The line has one server, a task that is there while anybody waits. It hands records to the client one after the
//! other, so that they stay in the order of their sends, whoever polls which answer when.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::client::{Delivery, Flight, Place, ProduceError, Producer, ProducerRecord, delivery};
use crate::runtime::Clock;

/// The client was full although there was room by our count; how long until it is asked again.
const FULL_AGAIN: Duration = Duration::from_millis(5);

/// One client, the memory for its records, and the line in front of it.
pub(super) struct Outlet {
    producer: Box<dyn Producer>,
    pub(super) flight: Arc<Flight>,
    pub(super) clock: Clock,
    /// Longest wait for room.
    pub(super) max_block: Duration,
    /// Where the server runs when a send comes from outside of any runtime.
    runtime: Option<Handle>,
    /// Guards the line; held for a push or a pop.
    line: Mutex<Line>,
    /// How many records stand in line or are just being handed over. New ones go behind them.
    waiting: AtomicUsize,
}

#[derive(Default)]
struct Line {
    records: VecDeque<Waiting>,
    is_served: bool,
}

/// A record in line.
struct Waiting {
    record: ProducerRecord,
    place: Place,
    deadline: Instant,
    tell: oneshot::Sender<HandedOver>,
}

/// Whether the client took a record that stood in line.
pub(super) type HandedOver = Result<Delivery, ProduceError>;

/// What became of a record that goes out.
pub(super) enum Outgoing {
    /// The client has it.
    Taken(Delivery),
    /// It stands in line.
    InLine(oneshot::Receiver<HandedOver>),
    /// It was not taken.
    Refused(ProduceError),
}

impl Outlet {
    pub(super) fn new(
        producer: impl Producer,
        buffer_memory: usize,
        max_block: Duration,
        clock: Clock,
    ) -> Arc<Self> {
        Arc::new(Self {
            producer: Box::new(producer),
            flight: Flight::new(buffer_memory),
            clock,
            max_block,
            runtime: Handle::try_current().ok(),
            line: Mutex::default(),
            waiting: AtomicUsize::new(0),
        })
    }

    /// Hands the record to the client, or has it stand in line.
    pub(super) fn send(self: &Arc<Self>, record: ProducerRecord) -> Outgoing {
        let is_free = self.waiting.load(Ordering::Acquire) == 0;
        let Some(seat) = is_free.then(|| self.flight.try_board(record.footprint())).flatten() else {
            return self.line_up(record, self.flight.place());
        };
        let (report, answer) = delivery(seat);
        match self.producer.produce(&record, report) {
            Ok(()) => Outgoing::Taken(answer),
            // Its new place is counted before the old one is given up: a flush must not slip through.
            Err((ProduceError::QueueFull, _report)) => self.line_up(record, self.flight.place()),
            Err((reason, _)) => Outgoing::Refused(reason),
        }
    }

    fn line_up(self: &Arc<Self>, record: ProducerRecord, place: Place) -> Outgoing {
        // Outside of any runtime there is nobody who could wait.
        let Some(runtime) = Handle::try_current().ok().or_else(|| self.runtime.clone()) else {
            return Outgoing::Refused(ProduceError::QueueFull);
        };
        let (tell, handed_over) = oneshot::channel();
        let deadline = self.clock.after(self.max_block);
        let mut line = self.line();
        line.records.push_back(Waiting { record, place, deadline, tell });
        self.waiting.fetch_add(1, Ordering::AcqRel);
        let is_served = std::mem::replace(&mut line.is_served, true);
        drop(line);
        if !is_served {
            let server = Server { outlet: Arc::clone(self), is_dismissed: false };
            runtime.spawn(async move { server.serve().await });
        }
        Outgoing::InLine(handed_over)
    }

    /// The next in line; without one the server is dismissed.
    fn next(&self) -> Option<Waiting> {
        let mut line = self.line();
        let next = line.records.pop_front();
        line.is_served = next.is_some();
        next
    }

    /// Hands one record over, unless nobody waits for its answer any more.
    async fn hand_over(&self, waiting: Waiting) {
        let Waiting { record, place, deadline, mut tell } = waiting;
        tokio::select! {
            biased;
            () = tell.closed() => {}
            handed_over = self.produce(&record, place, deadline) => {
                // Whoever asked may be gone by now; the record is on its way all the same.
                if tell.send(handed_over).is_err() {
                    tracing::trace!(topic = %record.topic, "nobody waits for the answer to a record");
                }
            }
        }
    }

    async fn produce(&self, record: &ProducerRecord, place: Place, deadline: Instant) -> HandedOver {
        let left = deadline.saturating_duration_since(self.clock.now());
        let seat = self.clock.timeout(left, place.board(record.footprint())).await;
        let (mut report, answer) = delivery(seat.map_err(|_| ProduceError::QueueFull)?);
        loop {
            match self.producer.produce(record, report) {
                Ok(()) => return Ok(answer),
                Err((ProduceError::QueueFull, same)) if self.clock.now() < deadline => report = same,
                Err((reason, _)) => return Err(reason),
            }
            self.clock.sleep(FULL_AGAIN).await;
        }
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Serves the line until it is empty. If its runtime ends before, those in line hear that the client is closed, and the
/// next send gets a new server.
struct Server {
    outlet: Arc<Outlet>,
    is_dismissed: bool,
}

impl Server {
    async fn serve(mut self) {
        while let Some(next) = self.outlet.next() {
            self.outlet.hand_over(next).await;
            self.outlet.waiting.fetch_sub(1, Ordering::AcqRel);
        }
        self.is_dismissed = true;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.is_dismissed {
            return;
        }
        let mut line = self.outlet.line();
        let left = std::mem::take(&mut *line);
        self.outlet.waiting.store(0, Ordering::Release);
        drop(line);
        // Their answers are told here, without the lock.
        drop(left);
    }
}
