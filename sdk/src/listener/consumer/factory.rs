//! The source of a listener's consumers.

use std::sync::Arc;

use super::properties::consumer_properties;
use crate::client::{ClientError, Consumer, ConsumerHooks, InitialOffsets, KafkaConsumer};
use crate::config::ClientProperties;
use crate::endpoint::ResolvedEndpoint;

/// Makes the consumers of one listener.
pub(in crate::listener) trait ConsumerFactory: Send + Sync {
    /// Makes the consumer with that number, counted from 0, which reports to `hooks`.
    ///
    /// Called on the thread that will poll it.
    fn make(
        &self,
        number: usize,
        hooks: Arc<dyn ConsumerHooks>,
    ) -> Result<Box<dyn Consumer>, ClientError>;
}

/// Makes consumers that are members of a group on a Kafka cluster.
pub(in crate::listener) struct KafkaConsumerFactory {
    /// The properties of each consumer, by its number.
    properties: Vec<ClientProperties>,
    /// The position of the consumers without a commit: the same for all of them.
    initial: Arc<InitialOffsets>,
}

impl KafkaConsumerFactory {
    pub(in crate::listener) fn new(endpoint: &ResolvedEndpoint, client: &ClientProperties) -> Self {
        let of = |number| consumer_properties(endpoint, client.clone(), number);
        Self {
            properties: (0..endpoint.consuming.concurrency.get()).map(of).collect(),
            initial: Arc::new(InitialOffsets::new(endpoint.topics.clone(), &of(0))),
        }
    }
}

impl ConsumerFactory for KafkaConsumerFactory {
    fn make(
        &self,
        number: usize,
        hooks: Arc<dyn ConsumerHooks>,
    ) -> Result<Box<dyn Consumer>, ClientError> {
        let properties = self.properties.get(number).cloned().unwrap_or_default();
        let consumer = KafkaConsumer::new(&properties, hooks, self.initial.clone())?;
        Ok(Box::new(consumer))
    }
}
