//! Where records go out: at once while there is room, and in a line once there is none.
//!
//! The line has one server, a task that is there while anybody waits. It hands records to the
//! client one after the other, so that they stay in the order of their sends, whoever polls which
//! answer when.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::client::{
    Delivery, Flight, Place, ProduceError, Producer, ProducerRecord, ProducerStatus, delivery,
};
use crate::runtime::{Clock, Tasks};

/// The client was full although there was room by our count; how long until it is asked again.
const FULL_AGAIN: Duration = Duration::from_millis(5);

/// A line of this length, and each that is twice as long, is cleared of records that were given up.
const FIRST_SWEEP: usize = 1024;

/// One client, the memory for its records, and the line in front of it.
pub(super) struct Outlet {
    producer: Box<dyn Producer>,
    pub(super) flight: Arc<Flight>,
    pub(super) clock: Clock,
    /// Longest wait for room.
    pub(super) max_block: Duration,
    /// Guards the line; held for a push, a pop or a sweep.
    line: Mutex<Line>,
    /// Whether anybody stands in line or is just being handed over: new records go behind them.
    /// Changes under the lock of the line.
    is_served: AtomicBool,
}

/// Whoever stands in it waits for an answer and is bounded by that; who gave up is cleared away.
struct Line {
    records: VecDeque<Waiting>,
    /// Where the server runs: the runtime that the template was made in, or the first that needed
    /// it.
    tasks: Option<Arc<Tasks>>,
    sweep_at: usize,
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
        let tasks = Handle::try_current()
            .ok()
            .map(|runtime| Arc::new(Tasks::on(runtime)));
        Arc::new(Self {
            producer: Box::new(producer),
            flight: Flight::new(buffer_memory),
            clock,
            max_block,
            line: Mutex::new(Line {
                records: VecDeque::new(),
                tasks,
                sweep_at: FIRST_SWEEP,
            }),
            is_served: AtomicBool::new(false),
        })
    }

    /// How its client is doing.
    pub(super) fn status(&self) -> ProducerStatus {
        self.producer.status()
    }

    /// Hands the record to the client, or has it stand in line.
    pub(super) fn send(self: &Arc<Self>, record: ProducerRecord) -> Outgoing {
        let is_free = !self.is_served.load(Ordering::Acquire);
        let Some(seat) = is_free
            .then(|| self.flight.try_board(record.footprint()))
            .flatten()
        else {
            return self.line_up(record, self.flight.place(), ProduceError::QueueFull);
        };
        let (report, answer) = delivery(seat);
        match self.producer.produce(&record, report) {
            Ok(()) => Outgoing::Taken(answer),
            // Its new place is counted before the old one is given up: a flush must not slip
            // through.
            Err((reason, _report)) if reason.is_no_room_yet() => {
                self.line_up(record, self.flight.place(), reason)
            }
            Err((reason, _)) => Outgoing::Refused(reason),
        }
    }

    /// `reason` is why it has to.
    fn line_up(
        self: &Arc<Self>,
        record: ProducerRecord,
        place: Place,
        reason: ProduceError,
    ) -> Outgoing {
        let (tell, handed_over) = oneshot::channel();
        let deadline = self.clock.after(self.max_block);
        let mut line = self.line();
        // Outside of any runtime there is nobody who could wait.
        let Some(tasks) = line.tasks() else {
            return Outgoing::Refused(reason);
        };
        let given_up = line.sweep();
        line.records.push_back(Waiting {
            record,
            place,
            deadline,
            tell,
        });
        let is_served = self.is_served.swap(true, Ordering::AcqRel);
        drop(line);
        drop(given_up);
        if !is_served {
            let server = Server {
                outlet: Arc::clone(self),
                is_dismissed: false,
            };
            tasks.spawn("a producer's line", server.serve());
        }
        Outgoing::InLine(handed_over)
    }

    /// The next in line; without one the server is dismissed.
    fn next(&self) -> Option<Waiting> {
        let mut line = self.line();
        let next = line.records.pop_front();
        if next.is_none() {
            self.is_served.store(false, Ordering::Release);
        }
        next
    }

    /// Hands one record over, unless nobody waits for its answer any more.
    async fn hand_over(&self, waiting: Waiting) {
        let Waiting {
            record,
            place,
            deadline,
            mut tell,
        } = waiting;
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

    async fn produce(
        &self,
        record: &ProducerRecord,
        place: Place,
        deadline: Instant,
    ) -> HandedOver {
        let left = deadline.saturating_duration_since(self.clock.now());
        let seat = self
            .clock
            .timeout(left, place.board(record.footprint()))
            .await;
        let (mut report, answer) = delivery(seat.map_err(|_| ProduceError::QueueFull)?);
        loop {
            match self.producer.produce(record, report) {
                Ok(()) => return Ok(answer),
                Err((reason, same)) if reason.is_no_room_yet() && self.clock.now() < deadline => {
                    report = same;
                }
                Err((reason, _)) => return Err(reason),
            }
            self.clock.sleep(FULL_AGAIN).await;
        }
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line {
    fn tasks(&mut self) -> Option<Arc<Tasks>> {
        if self.tasks.is_none() {
            self.tasks = Handle::try_current()
                .ok()
                .map(|runtime| Arc::new(Tasks::on(runtime)));
        }
        self.tasks.clone()
    }

    /// Takes out the records that nobody waits for any more, now and then.
    fn sweep(&mut self) -> VecDeque<Waiting> {
        if self.records.len() < self.sweep_at {
            return VecDeque::new();
        }
        let (given_up, kept) = std::mem::take(&mut self.records)
            .into_iter()
            .partition(|waiting| waiting.tell.is_closed());
        self.records = kept;
        self.sweep_at = FIRST_SWEEP.max(self.records.len() * 2);
        given_up
    }
}

/// Serves the line until it is empty. If its runtime ends before, those in line hear that there was
/// no room, and the next send gets a new server where it is made.
struct Server {
    outlet: Arc<Outlet>,
    is_dismissed: bool,
}

impl Server {
    async fn serve(mut self) {
        while let Some(next) = self.outlet.next() {
            self.outlet.hand_over(next).await;
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
        let left = std::mem::take(&mut line.records);
        let tasks = line.tasks.take();
        self.outlet.is_served.store(false, Ordering::Release);
        drop(line);
        // Their answers are told here, without the lock.
        drop(left);
        drop(tasks);
    }
}
