//! The definition of a listener, and its builder.

use super::options::{ConsumingSettings, FailingSettings, ProcessingSettings};
use super::{Ordering, Setting};
use crate::handler::{BoxHandler, Handler};
use crate::retry::{Classifier, OnExhausted, RetryPolicy};

/// A listener that has not been started: what it reads, as whom, how, and what it does.
///
/// ```
/// use wellspring::endpoint::{Endpoint, Ordering};
/// use wellspring::extract::RecordContext;
///
/// let endpoint = Endpoint::builder("card.topups", "campus-card")
///     .workers(16)
///     .ordering(Ordering::Key)
///     .handler(|cx: RecordContext| async move { println!("{}", cx.record().offset()) });
/// ```
#[derive(Debug, Clone)]
pub struct Endpoint {
    pub(crate) options: EndpointBuilder,
    pub(crate) handler: BoxHandler,
}

/// The options of a listener, before it has a handler.
#[derive(Debug, Clone)]
#[must_use]
pub struct EndpointBuilder {
    pub(crate) id: Option<String>,
    pub(crate) topics: Vec<String>,
    pub(crate) event_topic: Option<&'static str>,
    pub(crate) group: String,
    pub(super) consuming: ConsumingSettings,
    pub(super) processing: ProcessingSettings,
    pub(super) failing: FailingSettings,
    pub(crate) properties: Vec<(String, String)>,
}

impl Endpoint {
    /// A listener to `topic` in `group`. Both may hold placeholders.
    pub fn builder(topic: impl Into<String>, group: impl Into<String>) -> EndpointBuilder {
        EndpointBuilder {
            topics: vec![topic.into()],
            ..Self::for_event(group)
        }
    }

    /// A listener to the topic that the handler's `Event` argument names, in `group`.
    pub fn for_event(group: impl Into<String>) -> EndpointBuilder {
        EndpointBuilder {
            id: None,
            topics: Vec::new(),
            event_topic: None,
            group: group.into(),
            consuming: ConsumingSettings::default(),
            processing: ProcessingSettings::default(),
            failing: FailingSettings::default(),
            properties: Vec::new(),
        }
    }
}

impl EndpointBuilder {
    /// Name in logs, health and configuration (`listeners.<id>.*`). Default: the group.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// One more topic to read.
    pub fn topic(mut self, topic: impl Into<String>) -> Self {
        self.topics.push(topic.into());
        self
    }

    /// Consumers, each with its own connections and its share of the partitions. Default: 1.
    pub fn concurrency(mut self, consumers: impl Into<Setting<usize>>) -> Self {
        self.consuming.concurrency = Some(consumers.into());
        self
    }

    /// Records each consumer handles at the same time. Default: 1.
    pub fn workers(mut self, workers: impl Into<Setting<usize>>) -> Self {
        self.processing.workers = Some(workers.into());
        self
    }

    /// Sets the order that is kept. Default: by partition, and by key once `workers` is above 1.
    pub fn ordering(mut self, ordering: impl Into<Setting<Ordering>>) -> Self {
        self.processing.ordering = Some(ordering.into());
        self
    }

    /// Retries in place. Default: three, from 500 ms, doubling.
    pub fn retry(mut self, policy: impl Into<Setting<RetryPolicy>>) -> Self {
        self.failing.retry = Some(policy.into());
        self
    }

    /// Sets the end of a record whose attempts are used up. Default: [`OnExhausted::Halt`].
    pub fn on_exhausted(mut self, action: impl Into<Setting<OnExhausted>>) -> Self {
        self.failing.on_exhausted = Some(action.into());
        self
    }

    /// Writes such records to the dead-letter topic `<topic>-dlt`, at the same partition.
    pub fn dead_letter(self) -> Self {
        self.on_exhausted(OnExhausted::DeadLetter)
    }

    /// Writes such records to a dead-letter topic of this name.
    pub fn dead_letter_to(mut self, topic: impl Into<String>) -> Self {
        self.failing.dead_letter_topic = Some(topic.into());
        self.on_exhausted(OnExhausted::DeadLetter)
    }

    /// Says what kind of failure an error is. Default: every error a handler returns is retried.
    pub fn classify(mut self, classifier: Classifier) -> Self {
        self.failing.classifier = classifier;
        self
    }

    /// Retries records whose handler panicked, too. Default: they are not retried.
    pub fn retry_panics(mut self) -> Self {
        self.failing.retry_panics = true;
        self
    }

    /// Retries records that do not decode, too. Default: they are not retried.
    pub fn retry_rejections(mut self) -> Self {
        self.failing.retry_rejections = true;
        self
    }

    /// Whether it starts with the application. Default: true.
    pub fn auto_startup(mut self, auto: impl Into<Setting<bool>>) -> Self {
        self.consuming.auto_startup = Some(auto.into());
        self
    }

    /// A librdkafka property for this listener's consumers alone. The value may hold placeholders.
    pub fn property(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.properties.push((key.into(), value.into()));
        self
    }

    /// Completes the definition with its handler.
    #[must_use]
    pub fn handler<Args: 'static, H: Handler<Args>>(mut self, handler: H) -> Endpoint {
        self.event_topic = H::TOPIC;
        Endpoint {
            options: self,
            handler: BoxHandler::new(handler),
        }
    }
}
