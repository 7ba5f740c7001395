//! The Kafka of a test, and what a test does to it.

use std::ops::ControlFlow;
use std::panic::Location;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use broker_lite::{Broker, BrokerHandle};

use super::failure::fail;
use super::spec::Spec;
use crate::actuator::HealthSources;
use crate::admin::{OnMissing, ensure_topics};
use crate::app::App;
use crate::client::{Admin, Inspector, ProducerRecord, Record, TopicSpec};
use crate::codec::Decode;
use crate::config::{ClientProperties, Config, Loader};
use crate::producer::{KafkaTemplate, KafkaTemplateBuilder, SendReceipt};
use crate::runtime::{Clock, error_chain};
use crate::types::TopicName;

/// A Kafka for a test. Cloning shares it.
///
/// Methods panic, as `assert!` does, if they do not succeed within the deadline.
#[derive(Debug, Clone)]
pub struct TestKafka {
    shared: Arc<Shared>,
    within: Duration,
}

#[derive(Debug)]
struct Shared {
    config: Config,
    /// The broker until it is stopped; none for a Kafka that is not ours. The lock guards the
    /// taking of it.
    broker: Mutex<Option<BrokerHandle>>,
    template: Mutex<Option<KafkaTemplate>>,
    /// The applications that were started against it.
    apps: HealthSources,
}

/// Deadline of the kit's waits unless another is set.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// Returns the kit for a Kafka that already runs at `host:port`. It creates the topics of `spec`
/// and stops nothing.
///
/// # Panics
/// When that Kafka does not answer.
#[track_caller]
pub fn external(bootstrap: &str, spec: Spec) -> impl Future<Output = TestKafka> {
    let at = Location::caller();
    let kafka = TestKafka::new(bootstrap, None, at);
    async move {
        match spec.topics() {
            Ok(topics) => kafka.make_topics(&topics, at).await,
            Err(invalid) => fail(at, invalid),
        }
        kafka
    }
}

impl TestKafka {
    /// Starts a broker with these topics.
    ///
    /// # Panics
    /// When it does not start.
    #[track_caller]
    pub fn start(spec: Spec) -> impl Future<Output = Self> {
        let at = Location::caller();
        async move {
            let topics = spec.topics().unwrap_or_else(|invalid| fail(at, invalid));
            let builder = topics
                .iter()
                .fold(Broker::builder(), |builder, (name, count)| {
                    builder.topic(name.as_str(), i32::from(*count))
                });
            // Otherwise a typo would create a topic that nothing is ever written to.
            let builder = builder.set("auto.create.topics.enable", "false");
            let settings = spec.settings().iter();
            let builder = settings.fold(builder, |builder, (name, value)| builder.set(name, value));
            match builder.start().await {
                Ok(broker) => {
                    let bootstrap = broker.bootstrap().to_owned();
                    Self::new(&bootstrap, Some(broker), at)
                }
                Err(error) => fail(
                    at,
                    format_args!("the test's broker does not start: {}", error_chain(&error)),
                ),
            }
        }
    }

    fn new(bootstrap: &str, broker: Option<BrokerHandle>, at: &Location<'_>) -> Self {
        let mut loader = Loader::new()
            .set("kafka.bootstrap-servers", bootstrap)
            .set("app.name", "test");
        if broker.is_some() {
            // Its topics exist as soon as they are created, so a missing one is an error at once.
            loader = loader.set(
                "kafka.producer.properties.topic.metadata.propagation.max.ms",
                "500",
            );
        }
        let config = loader.load().unwrap_or_else(|error| fail(at, error));
        let (broker, template) = (Mutex::new(broker), Mutex::new(None));
        let shared = Shared {
            config,
            broker,
            template,
            apps: HealthSources::default(),
        };
        Self {
            shared: Arc::new(shared),
            within: DEFAULT_TIMEOUT,
        }
    }

    /// Returns the same Kafka with another deadline for its methods. Default: 30 s.
    #[must_use]
    pub fn within(&self, deadline: Duration) -> Self {
        Self {
            within: deadline,
            ..self.clone()
        }
    }

    /// Returns `host:port`, for a client's `bootstrap.servers`.
    #[must_use]
    pub fn bootstrap(&self) -> String {
        self.shared.config.bootstrap_servers()
    }

    /// Returns an application that is configured for this Kafka alone: files and the environment
    /// are not read. When a wait of the kit fails, it reports the problems of the listeners of
    /// these applications.
    pub fn app(&self) -> App {
        App::new(self.shared.config.clone()).watched_by(self.shared.apps.clone())
    }

    /// Returns the producer for this Kafka, always the same. Placeholders in its topics take their
    /// defaults.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    #[track_caller]
    pub fn template(&self) -> KafkaTemplate {
        let at = Location::caller();
        let mut made = self
            .shared
            .template
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let config = self.shared.config.clone();
        let make = || {
            KafkaTemplateBuilder::of(config.producer_properties())
                .placeholders(move |text| Ok(config.resolve(text)?))
                .build()
        };
        match &*made {
            Some(template) => template.clone(),
            None => match make() {
                Ok(template) => made.insert(template).clone(),
                Err(error) => fail(
                    at,
                    format_args!("the test's producer cannot be made: {error}"),
                ),
            },
        }
    }

    /// Creates a topic.
    ///
    /// # Panics
    /// When the broker refuses.
    #[track_caller]
    pub fn create_topic(&self, name: &str, partitions: u16) -> impl Future<Output = ()> {
        let at = Location::caller();
        let (kafka, name) = (self.clone(), topic_name(name, at));
        async move { kafka.make_topics(&[(name, partitions)], at).await }
    }

    /// Writes a record with this key and this payload, and returns its position once the broker has
    /// acknowledged it.
    ///
    /// # Panics
    /// When there is no such topic, and when the broker does not acknowledge it within the
    /// deadline.
    #[track_caller]
    pub fn produce(
        &self,
        topic: &str,
        key: impl Into<Vec<u8>>,
        payload: impl Into<Vec<u8>>,
    ) -> impl Future<Output = SendReceipt> {
        let at = Location::caller();
        let (kafka, template) = (self.clone(), self.template());
        let topic = topic_name(topic, at);
        let mut record = ProducerRecord::new(topic.clone());
        record.key = Some(key.into().into());
        record.payload = Some(payload.into().into());
        async move {
            let failed = match Clock::system()
                .timeout(kafka.within, template.send_record(record))
                .await
            {
                Ok(Ok(receipt)) => return receipt,
                Ok(Err(error)) => format!("nothing was written to {topic}: {error}"),
                Err(_) => format!(
                    "not acknowledged within {:?}: the record for {topic}",
                    kafka.within
                ),
            };
            fail(at, kafka.missing(&topic).await.unwrap_or(failed))
        }
    }

    /// Waits for the first `count` records of a topic and returns them, in order within each
    /// partition.
    ///
    /// # Panics
    /// When there are fewer within the deadline.
    #[track_caller]
    pub fn consume(&self, topic: &str, count: usize) -> impl Future<Output = Vec<Record>> {
        let at = Location::caller();
        let (kafka, topic) = (self.clone(), topic_name(topic, at));
        async move {
            let mut records = kafka
                .read(&topic, at, move |records, _| {
                    if records.len() >= count {
                        ControlFlow::Break(())
                    } else {
                        ControlFlow::Continue(())
                    }
                })
                .await;
            if records.len() < count {
                let (seen, met) = (seen(&records), kafka.listeners_met());
                fail(
                    at,
                    format_args!(
                        "{topic} has {} records after {:?}, not {count}{seen}{met}",
                        records.len(),
                        kafka.within
                    ),
                );
            }
            records.truncate(count);
            records
        }
    }

    /// Waits for the first `count` records of a topic and returns their payloads as values: of an
    /// `Event`, `Json<T>`, `Text`, or anything else that decodes.
    ///
    /// # Panics
    /// When there are fewer within the deadline, and when one does not decode.
    #[track_caller]
    pub fn consume_as<T: Decode>(&self, topic: &str, count: usize) -> impl Future<Output = Vec<T>> {
        let at = Location::caller();
        let records = self.consume(topic, count);
        async move {
            let value = |record: &Record| {
                record.decode().unwrap_or_else(|error| {
                    let type_name = std::any::type_name::<T>();
                    fail(
                        at,
                        format_args!(
                            "{}@{} is no {type_name}: {}",
                            record.source(),
                            record.offset(),
                            error_chain(&error)
                        ),
                    )
                })
            };
            records.await.iter().map(value).collect()
        }
    }

    /// Returns all records that a topic has now, in order within each partition.
    ///
    /// # Panics
    /// When the topic does not exist or the broker does not answer.
    #[track_caller]
    pub fn records(&self, topic: &str) -> impl Future<Output = Vec<Record>> {
        let at = Location::caller();
        let (kafka, topic) = (self.clone(), topic_name(topic, at));
        async move {
            kafka
                .read(&topic, at, |_, all| {
                    if all {
                        ControlFlow::Break(())
                    } else {
                        ControlFlow::Continue(())
                    }
                })
                .await
        }
    }

    /// Stops the broker if it is the kit's own. Its clients lose their connections.
    ///
    /// # Cancel safety
    /// The stop goes on.
    pub async fn stop(&self) {
        let broker = self
            .shared
            .broker
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(broker) = broker {
            broker.stop().await;
        }
    }

    pub(super) const fn deadline(&self) -> Duration {
        self.within
    }

    pub(super) fn inspector(&self) -> Inspector {
        Inspector::new(self.admin_properties(), Clock::system())
    }

    pub(super) fn admin_properties(&self) -> ClientProperties {
        self.shared.config.admin_properties()
    }

    pub(super) fn health_sources(&self) -> &HealthSources {
        &self.shared.apps
    }

    async fn read(
        &self,
        topic: &TopicName,
        at: &Location<'_>,
        enough: impl FnMut(&[Record], bool) -> ControlFlow<()> + Send + 'static,
    ) -> Vec<Record> {
        let read = self.inspector().read(topic, self.within, enough).await;
        match read {
            Ok(records) => records,
            Err(error) => {
                let missing = self.missing(topic).await;
                fail(
                    at,
                    missing.unwrap_or_else(|| format!("{topic} cannot be read: {error}")),
                )
            }
        }
    }

    async fn make_topics(&self, topics: &[(TopicName, u16)], at: &Location<'_>) {
        let specs: Vec<TopicSpec> = topics
            .iter()
            .map(|(name, partitions)| TopicSpec::new(name.clone(), *partitions))
            .collect();
        let made = match Admin::new(&self.admin_properties()) {
            Ok(admin) => {
                ensure_topics(
                    &admin,
                    &Clock::system(),
                    &specs,
                    OnMissing::Create,
                    self.within,
                )
                .await
            }
            Err(error) => Err(error.into()),
        };
        if let Err(error) = made {
            fail(at, error);
        }
    }
}

pub(super) fn topic_name(name: &str, at: &Location<'_>) -> TopicName {
    TopicName::new(name).unwrap_or_else(|invalid| fail(at, invalid))
}

/// The last few records, for a message.
fn seen(records: &[Record]) -> String {
    let show = |record: &Record| {
        let text = |bytes: Option<&[u8]>| {
            bytes.map_or("null".to_owned(), |bytes| {
                String::from_utf8_lossy(bytes).chars().take(60).collect()
            })
        };
        format!(
            "\n  {}@{} {} = {}",
            record.source(),
            record.offset(),
            text(record.key()),
            text(record.payload())
        )
    };
    let skipped = records.len().saturating_sub(10);
    let last: String = records.iter().skip(skipped).map(show).collect();
    if skipped == 0 {
        last
    } else {
        format!("\n  ({skipped} more){last}")
    }
}
