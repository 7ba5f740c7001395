//! The real producer: librdkafka's, whose clients live on a thread of their own.

use std::fmt;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseRecord, Producer as _};

use super::producer_error::ProducerError;
use super::producer_life::Shared;
use crate::client::{
    Headers, OnFatal, ProduceError, Producer, ProducerRecord, ProducerStatus, Report,
};
use crate::config::ClientProperties;
use crate::runtime::Clock;
use crate::types::TopicName;

/// A producer over librdkafka. It connects at once.
///
/// A client that failed for good is replaced by a new one, unless it is told otherwise.
pub struct KafkaProducer {
    shared: Arc<Shared>,
}

impl KafkaProducer {
    /// A producer with these librdkafka properties.
    ///
    /// # Errors
    /// When librdkafka refuses a property, or there is no thread to be had. An unreachable broker
    /// is no error here: the records sent to it time out.
    pub fn new(properties: &ClientProperties) -> Result<Self, ProducerError> {
        Self::with(properties, OnFatal::default())
    }

    /// A producer with these librdkafka properties, which does this when its client has failed for
    /// good.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with(properties: &ClientProperties, on_fatal: OnFatal) -> Result<Self, ProducerError> {
        if properties
            .get("bootstrap.servers")
            .is_some_and(|brokers| brokers.trim().is_empty())
        {
            return Err(ProducerError::NoBroker);
        }
        let shared = Arc::new(Shared::new(properties, on_fatal));
        let client = shared.make()?;
        let served = Arc::clone(&shared);
        std::thread::Builder::new()
            .name("wellspring-producer".to_owned())
            .spawn(move || served.serve(client))
            .map_err(|source| ProducerError::Thread { source })?;
        Ok(Self { shared })
    }
}

impl Producer for KafkaProducer {
    fn produce(
        &self,
        record: &ProducerRecord,
        report: Report,
    ) -> Result<(), (ProduceError, Report)> {
        let client = self
            .shared
            .client
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let Some(client) = &*client else {
            return Err((self.shared.refusal(), report));
        };
        let Some(slot) = report.into_slot() else {
            return Ok(());
        };
        let mut outgoing = BaseRecord::with_opaque_to(record.topic.as_str(), slot);
        outgoing.partition = record.partition.map(|partition| partition.0);
        outgoing.timestamp = record.timestamp.map(|timestamp| timestamp.0);
        outgoing.key = record.key.as_deref();
        outgoing.payload = record.payload.as_deref();
        outgoing.headers = (!record.headers.is_empty()).then(|| native(&record.headers));
        client
            .send::<[u8], [u8]>(outgoing)
            .map_err(|(error, refused)| {
                (
                    client.context().refusal(&error),
                    Report::of(refused.delivery_opaque),
                )
            })
    }

    fn sends_to(&self, topic: &TopicName) {
        self.shared.topics().sent_to(topic, Clock::system().now());
    }

    fn status(&self) -> ProducerStatus {
        self.shared.note(|status| status.clone())
    }
}

impl Drop for KafkaProducer {
    fn drop(&mut self) {
        // Its thread has the rest to do.
        self.shared.is_dropped.store(true, Ordering::Release);
    }
}

impl fmt::Debug for KafkaProducer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KafkaProducer")
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}

fn native(headers: &Headers) -> OwnedHeaders {
    headers.iter().fold(
        OwnedHeaders::new_with_capacity(headers.len()),
        |native, (key, value)| native.insert(Header { key, value }),
    )
}
