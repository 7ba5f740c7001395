//! The template: what services send through.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::task::unconstrained;
use tracing::Span;

use super::sending::Sent;
use super::topics::Topics;
use super::{FlushError, KafkaTemplateBuilder, OutgoingRecord, SendError, SendResult, Sending};
use crate::client::{Delivery, Flight, ProduceError, Producer, ProducerRecord, Report};
use crate::codec::Event;
use crate::observe;
use crate::runtime::Clock;

/// Sends records. Cloning is cheap; clones share one client, its buffer and its connections.
///
/// When the last clone is dropped, records in flight are still sent in the background for 5 s. To know
/// that all were written, [`close`](KafkaTemplate::close) it first.
#[derive(Clone)]
pub struct KafkaTemplate {
    shared: Arc<Shared>,
}

pub(super) struct Shared {
    pub(super) producer: Box<dyn Producer>,
    pub(super) flight: Arc<Flight>,
    pub(super) topics: Topics,
    pub(super) clock: Clock,
    /// Longest wait for room.
    pub(super) max_block: Duration,
    /// How long the client tries to have a record acknowledged.
    pub(super) delivery_timeout: Duration,
    pub(super) closed: AtomicBool,
}

/// The client was full although there was room by our count; how long until it is asked again.
const FULL_AGAIN: Duration = Duration::from_millis(5);

impl KafkaTemplate {
    /// A template for the brokers at `bootstrap` (`host:port`, several separated by commas).
    pub fn builder(bootstrap: impl Into<String>) -> KafkaTemplateBuilder {
        KafkaTemplateBuilder::new(bootstrap)
    }

    pub(super) fn of(shared: Shared) -> Self {
        Self { shared: Arc::new(shared) }
    }

    /// Sends an event to its topic, with its key.
    ///
    /// # Errors
    /// The answer is a [`SendError`] when the event has no bytes, when there is no room for it within
    /// `max_block`, or when it is not acknowledged within `delivery.timeout.ms`.
    ///
    /// # Cancel safety
    /// Dropping the answer does not take the record back: it may still be written.
    pub fn send<E: Event>(&self, event: &E) -> Sending {
        self.record(E::TOPIC).payload(event).send()
    }

    /// Begins a record for `topic`, which may hold placeholders when the template was given a resolver.
    pub fn record(&self, topic: impl AsRef<str>) -> OutgoingRecord<'_> {
        OutgoingRecord::new(self, self.shared.topics.named(topic.as_ref()))
    }

    /// Sends a record as it is. [`record`](Self::record) is the usual way to make one.
    ///
    /// # Cancel safety
    /// Dropping the answer does not take the record back: it may still be written.
    pub fn send_record(&self, mut record: ProducerRecord) -> Sending {
        let shared = &self.shared;
        let sent = shared.note(&record);
        if shared.closed.load(Ordering::Acquire) {
            return Sending::failed(SendError::of(ProduceError::Closed, sent));
        }
        let span = observe::send_span(&record);
        observe::inject(&mut record.headers);
        let Some((report, delivery)) = shared.flight.try_board(record.footprint()) else {
            return shared.line_up(record, span);
        };
        match shared.producer.produce(&record, report) {
            Ok(()) => Sending::in_flight(delivery, sent, span),
            Err((ProduceError::QueueFull, _)) => shared.line_up(record, span),
            Err((reason, _)) => Sending::failed(SendError::of(reason, sent)),
        }
    }

    /// Whether both are clones of one template.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// How many records have been taken and not been answered.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.shared.flight.records()
    }

    /// Waits until every record that was sent before has its answer, at most `within`. Needs no more than
    /// `linger.ms` and the broker's time.
    ///
    /// # Errors
    /// When records are still unanswered then. They stay in flight.
    ///
    /// # Cancel safety
    /// Dropping the future stops the wait and nothing else.
    pub async fn flush(&self, within: Duration) -> Result<(), FlushError> {
        let flight = &self.shared.flight;
        match self.shared.clock.timeout(within, flight.landed()).await {
            Ok(()) => Ok(()),
            Err(_) => Err(FlushError { pending: flight.records(), within }),
        }
    }

    /// Takes no more records, from any clone, and flushes.
    ///
    /// # Errors
    /// When records are still unanswered after `within`. The client goes on trying until it is dropped.
    ///
    /// # Cancel safety
    /// Dropping the future leaves the template closed.
    pub async fn close(&self, within: Duration) -> Result<(), FlushError> {
        self.shared.closed.store(true, Ordering::Release);
        self.flush(within).await
    }
}

impl Shared {
    fn note(&self, record: &ProducerRecord) -> Sent {
        Sent {
            topic: record.topic.clone(),
            partition: record.partition,
            bytes: record.size(),
            waited: self.delivery_timeout,
        }
    }

    /// The slow way: the record waits for room, at most `max_block`. Its place in the line is that of the
    /// call and not of the first poll, so that records stay in order.
    fn line_up(self: &Arc<Self>, record: ProducerRecord, span: Span) -> Sending {
        let deadline = self.clock.after(self.max_block);
        let (flight, bytes) = (Arc::clone(&self.flight), record.footprint());
        // A task that has used up its turn would not get its place at once.
        let mut boarding = unconstrained(async move { flight.board(bytes).await }).boxed();
        let boarding = match (&mut boarding).now_or_never() {
            Some(seat) => std::future::ready(seat).boxed(),
            None => boarding,
        };
        Sending::waiting(Arc::clone(self).send_when_there_is_room(record, boarding, deadline, span))
    }

    async fn send_when_there_is_room(
        self: Arc<Self>,
        record: ProducerRecord,
        mut boarding: BoxFuture<'static, (Report, Delivery)>,
        deadline: Instant,
        span: Span,
    ) -> SendResult {
        let full = || SendError::QueueFull { topic: record.topic.clone(), waited: self.max_block };
        loop {
            let left = deadline.saturating_duration_since(self.clock.now());
            let (report, delivery) = self.clock.timeout(left, boarding).await.map_err(|_| full())?;
            match self.producer.produce(&record, report) {
                Ok(()) => return Sending::in_flight(delivery, self.note(&record), span).await,
                Err((ProduceError::QueueFull, _)) if self.clock.now() >= deadline => return Err(full()),
                Err((ProduceError::QueueFull, _)) => self.clock.sleep(FULL_AGAIN).await,
                Err((reason, _)) => return Err(SendError::of(reason, self.note(&record))),
            }
            let (flight, bytes) = (Arc::clone(&self.flight), record.footprint());
            boarding = async move { flight.board(bytes).await }.boxed();
        }
    }
}

impl fmt::Debug for KafkaTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KafkaTemplate").field("in_flight", &self.in_flight()).finish_non_exhaustive()
    }
}
