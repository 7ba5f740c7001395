//! The template: what services send through.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::error::FlushError;
use super::health::ProducerHealth;
use super::record::OutgoingRecord;
use super::send_queue::SendQueue;
use super::sender::Sender;
use super::sending::Sending;
use crate::client::ProducerRecord;
use crate::codec::Event;
use crate::runtime::Clock;

/// Sends records. Cloning is cheap; clones share one client, its buffer and its connections.
///
/// A client can fail for good (KIP-360): when a broker has lost records that it acknowledged, for
/// example. Then a new one takes over behind the same template. Records that the old one had are
/// answered with [`SendError::Fatal`](super::SendError::Fatal), which says whether they may have
/// been written; records that are sent meanwhile wait, at most `max_block`, and keep their order.
///
/// A record for a topic that does not exist waits until it is created, at most for
/// `topic.metadata.propagation.max.ms` (30 s by default), and fails with
/// [`SendError::UnknownTopic`](super::SendError::UnknownTopic) then. A warning and
/// [`health`](Self::health) name the topic after a second.
///
/// When the last clone is dropped, records in flight are still sent in the background for 5 s. To
/// know that all were written, [`close`](KafkaTemplate::close) it first.
#[derive(Clone)]
pub struct KafkaTemplate {
    sender: Arc<Sender>,
}

impl KafkaTemplate {
    pub(super) fn of(sender: Sender) -> Self {
        Self {
            sender: Arc::new(sender),
        }
    }

    /// Sends an event to its topic, with its key.
    ///
    /// # Errors
    /// The answer is a [`SendError`](super::SendError) when the event has no bytes, when there is
    /// no room for it within `max_block`, or when it is not acknowledged within
    /// `delivery.timeout.ms`.
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
        OutgoingRecord::new(&self.sender, self.sender.topic(topic.as_ref()))
    }

    /// Sends a record as it is. [`record`](Self::record) is the usual way to make one.
    ///
    /// # Cancel safety
    /// Dropping the answer does not take the record back: it may still be written. One that waits
    /// for room is given up.
    pub fn send_record(&self, record: ProducerRecord) -> Sending {
        // A valid name resolves to itself.
        match self.sender.topic(record.topic.as_str()) {
            Ok(_) => self.sender.send(record),
            Err(error) => Sending::failed(error),
        }
    }

    /// Returns the number of records that were sent and have no answer yet, with those that wait
    /// for room.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.sender.queue.in_flight.records()
    }

    /// Returns its health: what was last acknowledged, what waits, and since when nothing moves.
    #[must_use]
    pub fn health(&self) -> ProducerHealth {
        let status = self.sender.queue.status();
        ProducerHealth::of(status, self.in_flight(), Clock::system().now())
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
        let SendQueue {
            in_flight, clock, ..
        } = &*self.sender.queue;
        match clock.timeout(within, in_flight.drained()).await {
            Ok(()) => Ok(()),
            Err(_) => Err(FlushError {
                pending: in_flight.records(),
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
        self.sender.closed.store(true, Ordering::Release);
        self.flush(within).await
    }
}

impl fmt::Debug for KafkaTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KafkaTemplate")
            .field("in_flight", &self.in_flight())
            .finish_non_exhaustive()
    }
}
