//! The producer that the chapters use.

use std::time::SystemTime;

use wellspring::prelude::*;
use wellspring::types::PartitionId;

use super::client::Client;

/// Sends orders. A customer's orders have the customer as their key.
#[kafka_producer]
pub trait Orders {
    /// Sends an order to the partition of its customer.
    #[send(topic = "${doing.topic}")]
    async fn placed(&self, #[key] customer: &str, order: &str) -> SendResult;

    /// Sends an order without a key.
    #[send(topic = "${doing.topic}")]
    async fn anonymous(&self, order: &str) -> SendResult;

    /// Sends an order that was placed earlier.
    #[send(topic = "${doing.topic}")]
    async fn placed_at(&self, #[timestamp] time: SystemTime, order: &str) -> SendResult;

    /// Sends an order to a partition of the sender's choice.
    #[send(topic = "${doing.topic}")]
    async fn placed_in(&self, #[partition] partition: PartitionId, order: &str) -> SendResult;
}

/// Makes a producer for `topic` with these librdkafka properties.
///
/// # Errors
/// When librdkafka refuses one of them.
pub fn producer(
    kafka: &Client,
    topic: &str,
    properties: &[(&str, &str)],
) -> wellspring::Result<KafkaOrders> {
    let app = properties
        .iter()
        .fold(kafka.app(topic, "none")?, |app, (name, value)| {
            app.set(format!("kafka.producer.properties.{name}"), value)
        });
    Ok(KafkaOrders::new(app.template()?))
}

/// What a sender was told, in words.
#[must_use]
pub fn told(sent: &SendResult) -> String {
    match sent {
        Ok(receipt) => receipt.to_string(),
        Err(error) => error.to_string(),
    }
}
