//! Sends records at once while there is room, and queues them once there is none.
//!
//! The queue is drained by one task, which exists while records wait. It hands them to the client
//! one after the other, so that they stay in the order of their sends, no matter which answer is
//! polled when.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::client::{
    DeliveryFuture, InFlight, InFlightToken, ProduceError, Producer, ProducerRecord,
    ProducerStatus, delivery,
};
use crate::runtime::{Clock, Tasks};
use crate::types::TopicName;

/// Wait before a client is asked again that was full although there was room by our count.
const RETRY_INTERVAL: Duration = Duration::from_millis(5);

/// Shortest queue that is swept of records that were given up. The next sweep comes when it has
/// doubled.
const MIN_SWEEP: usize = 1024;

/// One client, the memory for its records, and the queue in front of it.
pub(super) struct SendQueue {
    producer: Box<dyn Producer>,
    pub(super) in_flight: Arc<InFlight>,
    pub(super) clock: Clock,
    /// Longest wait for room.
    pub(super) max_block: Duration,
    /// Guards the queue; held for a push, a pop or a sweep.
    waiting: Mutex<WaitQueue>,
    /// Whether records wait or one is just being handed over: new ones go behind them. Changes
    /// under the lock of the queue.
    is_draining: AtomicBool,
}

/// The records that wait for room. Each has a sender that waits for its answer, which bounds their
/// number; records whose sender gave up are swept away.
struct WaitQueue {
    records: VecDeque<Waiting>,
    /// The runtime of the drainer: the one that the template was made in, or else the first one
    /// that a record waited in.
    tasks: Option<Arc<Tasks>>,
    sweep_at: usize,
}

/// A record that waits for room.
struct Waiting {
    record: ProducerRecord,
    token: InFlightToken,
    deadline: Instant,
    tell: oneshot::Sender<HandedOver>,
}

/// Whether the client took a record that had waited.
pub(super) type HandedOver = Result<DeliveryFuture, ProduceError>;

/// The outcome of handing a record to the client.
pub(super) enum Handoff {
    /// The client has it.
    Accepted(DeliveryFuture),
    /// The record waits for room.
    Queued(oneshot::Receiver<HandedOver>),
    /// The record was refused.
    Refused(ProduceError),
}

impl SendQueue {
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
            in_flight: InFlight::new(buffer_memory),
            clock,
            max_block,
            waiting: Mutex::new(WaitQueue {
                records: VecDeque::new(),
                tasks,
                sweep_at: MIN_SWEEP,
            }),
            is_draining: AtomicBool::new(false),
        })
    }

    /// Tells the client that records for a topic follow that none was sent for before.
    pub(super) fn sends_to(&self, topic: &TopicName) {
        self.producer.sends_to(topic);
    }

    /// Returns the state of the client.
    pub(super) fn status(&self) -> ProducerStatus {
        self.producer.status()
    }

    /// Hands the record to the client, or queues it.
    pub(super) fn send(self: &Arc<Self>, record: ProducerRecord) -> Handoff {
        let is_free = !self.is_draining.load(Ordering::Acquire);
        let Some(permit) = is_free
            .then(|| self.in_flight.try_reserve(record.footprint()))
            .flatten()
        else {
            return self.enqueue(record, self.in_flight.token(), ProduceError::QueueFull);
        };
        let (report, answer) = delivery(permit);
        match self.producer.produce(&record, report) {
            Ok(()) => Handoff::Accepted(answer),
            // Counted again before the permit is dropped: a flush in between must not find it gone.
            Err((reason, _report)) if reason.is_no_room_yet() => {
                self.enqueue(record, self.in_flight.token(), reason)
            }
            Err((reason, _)) => Handoff::Refused(reason),
        }
    }

    /// Queues a record; `reason` is why it has to wait.
    fn enqueue(
        self: &Arc<Self>,
        record: ProducerRecord,
        token: InFlightToken,
        reason: ProduceError,
    ) -> Handoff {
        let (tell, handed_over) = oneshot::channel();
        let deadline = self.clock.after(self.max_block);
        let mut waiting = self.waiting();
        // Outside of any runtime there is no task that could drain the queue.
        let Some(tasks) = waiting.tasks() else {
            return Handoff::Refused(reason);
        };
        let given_up = waiting.sweep();
        waiting.records.push_back(Waiting {
            record,
            token,
            deadline,
            tell,
        });
        let is_draining = self.is_draining.swap(true, Ordering::AcqRel);
        drop(waiting);
        drop(given_up);
        if !is_draining {
            let drainer = Drainer {
                queue: Arc::clone(self),
                is_done: false,
            };
            tasks.spawn("a producer's send queue", drainer.run());
        }
        Handoff::Queued(handed_over)
    }

    /// Takes the next record; without one the drainer is done.
    fn next(&self) -> Option<Waiting> {
        let mut waiting = self.waiting();
        let next = waiting.records.pop_front();
        if next.is_none() {
            self.is_draining.store(false, Ordering::Release);
        }
        next
    }

    /// Hands one record over, unless its sender has given up.
    async fn hand_over(&self, waiting: Waiting) {
        let Waiting {
            record,
            token,
            deadline,
            mut tell,
        } = waiting;
        tokio::select! {
            biased;
            () = tell.closed() => {}
            handed_over = self.produce(&record, token, deadline) => {
                // The sender may have given up by now; the record is on its way nevertheless.
                if tell.send(handed_over).is_err() {
                    tracing::trace!(topic = %record.topic, "the sender of a record no longer waits for its answer");
                }
            }
        }
    }

    async fn produce(
        &self,
        record: &ProducerRecord,
        token: InFlightToken,
        deadline: Instant,
    ) -> HandedOver {
        let left = deadline.saturating_duration_since(self.clock.now());
        let permit = self
            .clock
            .timeout(left, token.reserve(record.footprint()))
            .await;
        let (mut report, answer) = delivery(permit.map_err(|_| ProduceError::QueueFull)?);
        loop {
            match self.producer.produce(record, report) {
                Ok(()) => return Ok(answer),
                Err((reason, same)) if reason.is_no_room_yet() && self.clock.now() < deadline => {
                    report = same;
                }
                Err((reason, _)) => return Err(reason),
            }
            self.clock.sleep(RETRY_INTERVAL).await;
        }
    }

    fn waiting(&self) -> MutexGuard<'_, WaitQueue> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl WaitQueue {
    fn tasks(&mut self) -> Option<Arc<Tasks>> {
        if self.tasks.is_none() {
            self.tasks = Handle::try_current()
                .ok()
                .map(|runtime| Arc::new(Tasks::on(runtime)));
        }
        self.tasks.clone()
    }

    /// Takes out the records whose senders have given up, when the queue has doubled since the last
    /// time.
    fn sweep(&mut self) -> VecDeque<Waiting> {
        if self.records.len() < self.sweep_at {
            return VecDeque::new();
        }
        let (given_up, kept) = std::mem::take(&mut self.records)
            .into_iter()
            .partition(|waiting| waiting.tell.is_closed());
        self.records = kept;
        self.sweep_at = MIN_SWEEP.max(self.records.len() * 2);
        given_up
    }
}

/// Drains the queue until it is empty. If its runtime ends first, the senders of the records left
/// are told that there was no room, and the next record starts a new drainer in its own runtime.
struct Drainer {
    queue: Arc<SendQueue>,
    is_done: bool,
}

impl Drainer {
    async fn run(mut self) {
        while let Some(next) = self.queue.next() {
            self.queue.hand_over(next).await;
        }
        self.is_done = true;
    }
}

impl Drop for Drainer {
    fn drop(&mut self) {
        if self.is_done {
            return;
        }
        let mut waiting = self.queue.waiting();
        let left = std::mem::take(&mut waiting.records);
        let tasks = waiting.tasks.take();
        self.queue.is_draining.store(false, Ordering::Release);
        drop(waiting);
        // Dropping them answers their senders, which must happen without the lock.
        drop(left);
        drop(tasks);
    }
}
