//! The sink that writes dead letters to Kafka.

use futures::FutureExt;
use futures::future::BoxFuture;

use super::exception::{Exception, Limits};
use super::{DeadLetter, DeadLetterError, DeadLetterSink, destination, headers};
use crate::BoxError;
use crate::client::ProducerRecord;
use crate::handler::BoxHandler;
use crate::producer::{KafkaTemplate, SendError, SendReceipt, SendResult};

/// Writes dead letters through a template: the original key, payload and headers, to the same
/// partition of the dead-letter topic. Where that has no such partition, the partitioner chooses by
/// the key.
///
/// The letter's time is that of its writing, as Spring Kafka has it; the original one is in a
/// header. So neither the topic's rules about times nor its retention refuse or delete what is old.
///
/// A letter is larger than its record, by its headers. With a template for
/// [dead letters](crate::producer::KafkaTemplateBuilder::for_dead_letters) only the topic's own
/// `max.message.bytes` counts, after compression; what is still too large goes without its trace
/// and with a short message.
///
/// Cloning is cheap; clones share the template.
#[derive(Debug, Clone)]
pub struct DeadLetterPublisher {
    template: KafkaTemplate,
    error_type: Option<&'static str>,
}

impl DeadLetterPublisher {
    /// A publisher over `template`, which should be idempotent with `acks=all`, as it is by
    /// default.
    #[must_use]
    pub const fn new(template: KafkaTemplate) -> Self {
        Self {
            template,
            error_type: None,
        }
    }

    /// A publisher that knows the error type of this handler, and writes it as the class of its
    /// failures.
    #[must_use]
    pub fn for_handler(&self, handler: &BoxHandler) -> Self {
        Self {
            template: self.template.clone(),
            error_type: handler.error_type(),
        }
    }

    /// Writes one dead letter, and resolves when it is acknowledged.
    ///
    /// # Errors
    /// When it has no topic to go to, or the topic did not take it. The record is as it was.
    ///
    /// # Cancel safety
    /// Dropping the future does not take the letter back: it may still be written.
    pub async fn write(&self, letter: DeadLetter) -> Result<SendReceipt, DeadLetterError> {
        let answer = match self.send(self.outgoing(&letter, Limits::USUAL)?).await {
            Err(SendError::TooLarge { topic, bytes, .. }) => {
                tracing::warn!(%topic, bytes, "a dead letter is too large: it goes with short headers");
                self.send(self.outgoing(&letter, Limits::LEAST)?).await
            }
            other => other,
        };
        let (at, offset) = (letter.record.source(), letter.record.offset());
        answer.map_err(|source| DeadLetterError::Send {
            at: at.clone(),
            offset,
            source,
        })
    }

    async fn send(&self, record: ProducerRecord) -> SendResult {
        let anywhere = ProducerRecord {
            partition: None,
            ..record.clone()
        };
        match self.template.send_record(record).await {
            Err(SendError::UnknownPartition { topic, partition }) => {
                tracing::debug!(%topic, %partition, "the dead-letter topic has fewer partitions");
                self.template.send_record(anywhere).await
            }
            other => other,
        }
    }

    fn outgoing(
        &self,
        letter: &DeadLetter,
        limits: Limits,
    ) -> Result<ProducerRecord, DeadLetterError> {
        let record = &letter.record;
        let exception = Exception::of(&letter.failure, self.error_type, limits);
        Ok(ProducerRecord {
            topic: destination(record.topic(), letter.topic.as_ref())?,
            partition: Some(record.partition()),
            timestamp: None,
            key: record.key_bytes(),
            payload: record.payload_bytes(),
            headers: headers::of(letter, &exception),
        })
    }
}

impl DeadLetterSink for DeadLetterPublisher {
    fn publish(&self, letter: DeadLetter) -> BoxFuture<'static, Result<(), BoxError>> {
        let publisher = self.clone();
        async move {
            let (at, offset) = (letter.record.source().clone(), letter.record.offset());
            let receipt = publisher.write(letter).await?;
            tracing::info!(topic = %at.topic, partition = %at.partition, %offset, letter = %receipt, "the dead letter is written");
            Ok(())
        }
        .boxed()
    }
}
