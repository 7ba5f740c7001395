//! Sending a record, once it is put together.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::error::SendError;
use super::send_queue::{Handoff, SendQueue};
use super::sending::Sending;
use super::sent_record::SentRecord;
use super::topics::Topics;
use crate::client::{ProduceError, ProducerRecord};
use crate::observe;
use crate::types::TopicName;

/// The state that the clones of a template share.
pub(super) struct Sender {
    pub(super) queue: Arc<SendQueue>,
    pub(super) topics: Topics,
    /// Time in which the client tries to have a record acknowledged.
    pub(super) delivery_timeout: Duration,
    /// Whether it takes no more records.
    pub(super) closed: AtomicBool,
}

impl Sender {
    /// Returns the topic that `text` names. The client is told of one that is new.
    pub(super) fn topic(&self, text: &str) -> Result<TopicName, SendError> {
        if let Some(topic) = self.topics.known(text) {
            return Ok(topic);
        }
        let topic = self.topics.named(text)?;
        self.queue.sends_to(&topic);
        Ok(topic)
    }

    /// Sends a record, with the trace headers of the current span.
    pub(super) fn send(&self, mut record: ProducerRecord) -> Sending {
        let sent = self.sent(&record);
        let span = observe::send_span(&record);
        let refused = |reason, sent| {
            let error = SendError::of(reason, sent);
            observe::failed(&span, &error);
            Sending::failed(error)
        };
        if self.closed.load(Ordering::Acquire) {
            return refused(ProduceError::Closed, sent);
        }
        observe::inject(&mut record.headers);
        match self.queue.send(record) {
            Handoff::Accepted(delivery) => Sending::in_flight(delivery, sent, span),
            Handoff::Queued(handed_over) => Sending::queued(handed_over, sent, span),
            Handoff::Refused(reason) => refused(reason, sent),
        }
    }

    fn sent(&self, record: &ProducerRecord) -> SentRecord {
        SentRecord {
            topic: record.topic.clone(),
            partition: record.partition,
            bytes: record.size(),
            delivery_timeout: self.delivery_timeout,
            max_block: self.queue.max_block,
        }
    }
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("in_flight", &self.queue.in_flight.records())
            .finish_non_exhaustive()
    }
}
