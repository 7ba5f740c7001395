//! Building a template.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::send_queue::SendQueue;
use super::sender::Sender;
use super::template::KafkaTemplate;
use super::topics::{Placeholders, Topics};
use crate::BoxError;
use crate::client::{KafkaProducer, OnFatal, Producer, ProducerError};
use crate::config::{ClientProperties, PRODUCER_DEFAULTS};
use crate::runtime::Clock;

/// The settings of a template.
///
/// | setting | default | Kafka's name |
/// | --- | --- | --- |
/// | idempotence | on | `enable.idempotence` |
/// | acknowledgements | all in-sync replicas | `acks` |
/// | partitioner | `murmur2_random`, as Java's | `partitioner` |
/// | delivery timeout | 120 s | `delivery.timeout.ms` |
/// | linger | 5 ms | `linger.ms` |
/// | buffer | 32 MiB | `buffer.memory` of the Java client |
/// | wait for room | 60 s | `max.block.ms` of the Java client |
#[must_use]
pub struct KafkaTemplateBuilder {
    properties: ClientProperties,
    buffer_memory: usize,
    max_block: Duration,
    placeholders: Option<Arc<Placeholders>>,
    clock: Clock,
    on_fatal: OnFatal,
}

/// librdkafka's own bound on its queue lies above ours, so that ours is the one that is met.
const MAX_QUEUED_RECORDS: &str = "1000000";

/// The most that librdkafka allows.
const MAX_MESSAGE_BYTES: &str = "1000000000";

impl KafkaTemplate {
    /// A template for the brokers at `bootstrap` (`host:port`, several separated by commas).
    pub fn builder(bootstrap: impl Into<String>) -> KafkaTemplateBuilder {
        KafkaTemplateBuilder::new(bootstrap)
    }
}

impl KafkaTemplateBuilder {
    fn new(bootstrap: impl Into<String>) -> Self {
        let mut properties = ClientProperties::new();
        properties.set("bootstrap.servers", bootstrap);
        Self::of(properties)
    }

    /// A template with these librdkafka properties, for example those of the configuration.
    pub fn of(properties: ClientProperties) -> Self {
        Self {
            properties,
            buffer_memory: 32 << 20,
            max_block: Duration::from_secs(60),
            placeholders: None,
            clock: Clock::system(),
            on_fatal: OnFatal::default(),
        }
    }

    /// A librdkafka property. The defaults give way to it.
    pub fn property(mut self, name: impl AsRef<str>, value: impl Into<String>) -> Self {
        self.properties.set(name, value);
        self
    }

    /// Memory for records in flight, in bytes. Default: 32 MiB. Sends wait for room once it is used
    /// up.
    pub const fn buffer_memory(mut self, bytes: usize) -> Self {
        self.buffer_memory = bytes;
        self
    }

    /// Longest wait of a send for room. Default: 60 s.
    pub const fn max_block(mut self, wait: Duration) -> Self {
        self.max_block = wait;
        self
    }

    /// Resolves placeholders in the names of topics. Default: each stands for its default, as there
    /// is no configuration.
    pub fn placeholders(
        mut self,
        resolve: impl Fn(&str) -> Result<String, BoxError> + Send + Sync + 'static,
    ) -> Self {
        self.placeholders = Some(Arc::new(resolve));
        self
    }

    /// The clock for deadlines. Default: the system's.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Makes it a template for dead letters: the client's own limit on sizes is lifted, so that
    /// only the topic's counts, and records are compressed with gzip, which every client reads,
    /// unless a property says otherwise.
    ///
    /// Both are `message.max.bytes` and `compression.type`. Also without it a letter is larger than
    /// its record.
    pub fn for_dead_letters(mut self) -> Self {
        self.properties.set("message.max.bytes", MAX_MESSAGE_BYTES);
        if self.properties.get("compression.codec").is_none() {
            self.properties.set_default("compression.type", "gzip");
        }
        self
    }

    /// Sets the reaction to a client that has failed for good. Default: a new client takes over.
    pub const fn on_fatal(mut self, what: OnFatal) -> Self {
        self.on_fatal = what;
        self
    }

    /// Makes the template. It connects at once, in the background.
    ///
    /// # Errors
    /// When librdkafka refuses a property. An unreachable broker is no error here.
    pub fn build(mut self) -> Result<KafkaTemplate, ProducerError> {
        for default in PRODUCER_DEFAULTS {
            self.properties.set_default(default.name, default.value);
        }
        self.properties
            .set_default("queue.buffering.max.messages", MAX_QUEUED_RECORDS);
        let producer = KafkaProducer::with(&self.properties, self.on_fatal)?;
        Ok(self.client(producer))
    }

    /// Makes the template over a client of your own: a test's, for example.
    pub fn client(self, producer: impl Producer) -> KafkaTemplate {
        let timeout = self
            .properties
            .get("delivery.timeout.ms")
            .and_then(|text| text.parse().ok());
        KafkaTemplate::of(Sender {
            queue: SendQueue::new(producer, self.buffer_memory, self.max_block, self.clock),
            topics: Topics::new(self.placeholders),
            delivery_timeout: Duration::from_millis(timeout.unwrap_or(120_000)),
            closed: AtomicBool::new(false),
        })
    }
}

impl fmt::Debug for KafkaTemplateBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KafkaTemplateBuilder")
            .field("properties", &self.properties)
            .field("buffer_memory", &self.buffer_memory)
            .field("max_block", &self.max_block)
            .finish_non_exhaustive()
    }
}
