//! Producing in a scenario: every record acknowledged before it goes on.

use std::time::Duration;

use futures::future::try_join_all;
use rdkafka::error::KafkaError;
use rdkafka::message::OwnedMessage;
use rdkafka::producer::{FutureProducer, FutureRecord};

use super::Cluster;
use crate::records::Record;

const SEND_TIMEOUT: Duration = Duration::from_secs(30);

impl Cluster {
    /// A producer that waits for all replicas, with the given settings on top.
    ///
    /// # Errors
    ///
    /// When the client library refuses a setting.
    pub fn producer(&self, settings: &[(&str, &str)]) -> Result<FutureProducer, KafkaError> {
        let mut client = self.client();
        client.set("acks", "all");
        for (key, value) in settings {
            client.set(*key, *value);
        }
        client.create()
    }

    /// Produces to one partition, in this order, and waits for all acknowledgements.
    ///
    /// # Errors
    ///
    /// The first refusal; other records may have been written.
    ///
    /// # Cancel safety
    ///
    /// What was handed to the producer is still sent.
    pub async fn produce(
        &self,
        producer: &FutureProducer,
        topic: &str,
        partition: Option<i32>,
        records: &[Record],
    ) -> Result<(), KafkaError> {
        let sends = records.iter().map(|record| async move {
            let mut send = FutureRecord::<[u8], [u8]>::to(topic).headers(record.client_headers());
            send.key = record.key.as_deref();
            send.payload = record.value.as_deref();
            send.partition = partition;
            producer
                .send(send, SEND_TIMEOUT)
                .await
                .map(drop)
                .map_err(|(refusal, _): (_, OwnedMessage)| refusal)
        });
        try_join_all(sends).await.map(drop)
    }

    /// Produces one record to partition 0 with a timestamp of its own, in milliseconds.
    ///
    /// # Errors
    ///
    /// The refusal.
    ///
    /// # Cancel safety
    ///
    /// What was handed to the producer is still sent.
    pub async fn produce_at(
        &self,
        producer: &FutureProducer,
        topic: &str,
        timestamp: i64,
        record: &Record,
    ) -> Result<(), KafkaError> {
        let mut send = FutureRecord::<[u8], [u8]>::to(topic)
            .partition(0)
            .timestamp(timestamp);
        send.key = record.key.as_deref();
        send.payload = record.value.as_deref();
        producer
            .send(send, SEND_TIMEOUT)
            .await
            .map(drop)
            .map_err(|(refusal, _)| refusal)
    }
}
