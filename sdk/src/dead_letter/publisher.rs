//! The sink that writes dead letters to Kafka.

use futures::FutureExt;
use futures::future::BoxFuture;

use super::exception::Exception;
use super::{DeadLetter, DeadLetterError, DeadLetterSink, destination, headers};
use crate::BoxError;
use crate::client::ProducerRecord;
use crate::handler::BoxHandler;
use crate::producer::{KafkaTemplate, SendError, SendReceipt};
use crate::types::Timestamp;

/// Writes dead letters through a template: the original key, payload, headers and time, to the same partition
/// of the dead-letter topic. Where that has no such partition, the partitioner chooses by the key.
///
/// The time is that of the original record, so the retention of the dead-letter topic counts from then: give it a
/// `retention.ms` that is longer than records may be old when they fail, or -1.
///
/// Cloning is cheap; clones share the template.
#[derive(Debug, Clone)]
pub struct DeadLetterPublisher {
    template: KafkaTemplate,
    error_type: Option<&'static str>,
}

impl DeadLetterPublisher {
    /// A publisher over `template`, which should be idempotent with `acks=all`, as it is by default.
    #[must_use]
    pub const fn new(template: KafkaTemplate) -> Self {
        Self { template, error_type: None }
    }

    /// A publisher that knows the error type of this handler, and writes it as the class of its failures.
    #[must_use]
    pub fn for_handler(&self, handler: &BoxHandler) -> Self {
        Self { template: self.template.clone(), error_type: handler.error_type() }
    }

    /// Writes one dead letter, and resolves when it is acknowledged.
    ///
    /// # Errors
    /// When it has no topic to go to, or the topic did not take it. The record is as it was.
    ///
    /// # Cancel safety
    /// Dropping the future does not take the letter back: it may still be written.
    pub async fn write(&self, letter: DeadLetter) -> Result<SendReceipt, DeadLetterError> {
        let record = self.outgoing(&letter)?;
        let anywhere = ProducerRecord { partition: None, ..record.clone() };
        let first = self.template.send_record(record).await;
        let answer = match first {
            Err(SendError::UnknownPartition { topic, partition }) => {
                tracing::debug!(%topic, %partition, "the dead-letter topic has fewer partitions");
                self.template.send_record(anywhere).await
            }
            other => other,
        };
        let (at, offset) = (letter.record.source(), letter.record.offset());
        answer.map_err(|source| DeadLetterError::Send { at: at.clone(), offset, source })
    }

    fn outgoing(&self, letter: &DeadLetter) -> Result<ProducerRecord, DeadLetterError> {
        let record = &letter.record;
        let exception = Exception::of(&letter.failure, self.error_type);
        Ok(ProducerRecord {
            topic: destination(record.topic(), letter.topic.as_ref())?,
            partition: Some(record.partition()),
            timestamp: Some(record.timestamp()).filter(|time| *time > Timestamp::NONE),
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
