//! The template: what services send through.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::outlet::{Outgoing, Outlet};
use super::sending::Sent;
use super::topics::Topics;
use super::{FlushError, KafkaTemplateBuilder, OutgoingRecord, ProducerHealth, SendError, Sending};
use crate::client::{ProduceError, ProducerRecord};
use crate::codec::Event;
use crate::observe;
use crate::runtime::Clock;

/// Sends records. Cloning is cheap; clones share one client, its buffer and its connections.
///
/// A client can fail for good (KIP-360): when a broker has lost records that it acknowledged, for
/// example. Then a new one takes over behind the same template. Records that the old one had are
/// answered with [`SendError::Fatal`], which says whether they may have been written; records that
/// are sent meanwhile wait, at most `max_block`, and keep their order.
///
/// When the last clone is dropped, records in flight are still sent in the background for 5 s. To
/// know that all were written, [`close`](KafkaTemplate::close) it first.
#[derive(Clone)]
pub struct KafkaTemplate {
    shared: Arc<Shared>,
}

pub(super) struct Shared {
    pub(super) outlet: Arc<Outlet>,
    pub(super) topics: Topics,
    /// How long the client tries to have a record acknowledged.
    pub(super) delivery_timeout: Duration,
    pub(super) closed: AtomicBool,
}

impl KafkaTemplate {
    /// A template for the brokers at `bootstrap` (`host:port`, several separated by commas).
    pub fn builder(bootstrap: impl Into<String>) -> KafkaTemplateBuilder {
        KafkaTemplateBuilder::new(bootstrap)
    }

    pub(super) fn of(shared: Shared) -> Self {
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Sends an event to its topic, with its key.
    ///
    /// # Errors
    /// The answer is a [`SendError`] when the event has no bytes, when there is no room for it
    /// within `max_block`, or when it is not acknowledged within `delivery.timeout.ms`.
    ///
    /// # Cancel safety
    /// Dropping the answer does not take the record back: it may still be written. One that waits
    /// for room is given up.
    pub fn send<E: Event>(&self, event: &E) -> Sending {
        self.record(E::TOPIC).payload(event).send()
    }

    /// Begins a record for `topic`, which may hold placeholders when the template was given a
    /// resolver.
    pub fn record(&self, topic: impl AsRef<str>) -> OutgoingRecord<'_> {
        OutgoingRecord::new(self, self.shared.topics.named(topic.as_ref()))
    }

    /// Sends a record as it is. [`record`](Self::record) is the usual way to make one.
    ///
    /// # Cancel safety
    /// Dropping the answer does not take the record back: it may still be written. One that waits
    /// for room is given up.
    pub fn send_record(&self, mut record: ProducerRecord) -> Sending {
        let shared = &self.shared;
        let sent = shared.note(&record);
        let span = observe::send_span(&record);
        let refused = |reason, sent| {
            let error = SendError::of(reason, sent);
            observe::failed(&span, &error);
            Sending::failed(error)
        };
        if shared.closed.load(Ordering::Acquire) {
            return refused(ProduceError::Closed, sent);
        }
        observe::inject(&mut record.headers);
        match shared.outlet.send(record) {
            Outgoing::Taken(delivery) => Sending::in_flight(delivery, sent, span),
            Outgoing::InLine(handed_over) => Sending::in_line(handed_over, sent, span),
            Outgoing::Refused(reason) => refused(reason, sent),
        }
    }

    /// How many records have been sent and not been answered, with those that wait for room.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.shared.outlet.flight.records()
    }

    /// How it is doing: what was last acknowledged, what waits, and since when nothing moves.
    #[must_use]
    pub fn health(&self) -> ProducerHealth {
        let outlet = &self.shared.outlet;
        ProducerHealth::of(outlet.status(), self.in_flight(), Clock::system().now())
    }

    /// Waits until every record that was sent before has its answer, also one that waits for room,
    /// at most `within`. Needs no more than `linger.ms` and the broker's time.
    ///
    /// # Errors
    /// When records are still unanswered then. They stay in flight.
    ///
    /// # Cancel safety
    /// Dropping the future stops the wait and nothing else.
    pub async fn flush(&self, within: Duration) -> Result<(), FlushError> {
        let Outlet { flight, clock, .. } = &*self.shared.outlet;
        match clock.timeout(within, flight.landed()).await {
            Ok(()) => Ok(()),
            Err(_) => Err(FlushError {
                pending: flight.records(),
                within,
            }),
        }
    }

    /// Takes no more records, from any clone, and flushes. What was sent before is sent, also what
    /// waits for room.
    ///
    /// # Errors
    /// When records are still unanswered after `within`. The client goes on trying until it is
    /// dropped.
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
            delivery_timeout: self.delivery_timeout,
            max_block: self.outlet.max_block,
        }
    }
}

impl fmt::Debug for KafkaTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KafkaTemplate")
            .field("in_flight", &self.in_flight())
            .finish_non_exhaustive()
    }
}
