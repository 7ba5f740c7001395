//! An application before its start: its parts.

use std::panic::Location;
use std::sync::{Arc, OnceLock};

use super::error::{StartError, StartProblem};
use super::producer::{LazyProducer, RefusedLetters};
use crate::actuator::HealthSources;
use crate::admin::Topic;
use crate::config::{Config, ConfigError, Entry, Loader, OnFatalError, Origin};
use crate::dead_letter::DeadLetterSink;
use crate::endpoint::{Endpoint, Registration};
use crate::extract::StateMap;
use crate::producer::KafkaTemplate;
use crate::retry::RetryPolicy;
use crate::runtime::Clock;

/// An application: listeners, their state, the topics they want, and the configuration.
///
/// An `App` is a plain value: several can run in one process.
///
/// ```no_run
/// // Runs until it is stopped, and needs a Kafka.
/// use wellspring::app::App;
/// use wellspring::endpoint::Endpoint;
/// use wellspring::extract::{RecordContext, State};
///
/// #[derive(Clone)]
/// struct Greeting(&'static str);
///
/// async fn greet(State(greeting): State<Greeting>, cx: RecordContext) {
///     println!("{} {}", greeting.0, cx.record().offset());
/// }
///
/// # async fn demo() -> wellspring::Result {
/// App::from_env()?
///     .state(Greeting("hello"))
///     .topic("greetings", 4)
///     .endpoint(Endpoint::builder("greetings", "greeter").handler(greet))
///     .run()
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "an application does nothing until it is run or started"]
pub struct App {
    pub(super) config: Config,
    pub(super) settings: Vec<Entry>,
    pub(super) state: StateMap,
    pub(super) state_names: Vec<&'static str>,
    pub(super) sources: Vec<Source>,
    pub(super) discover: bool,
    pub(super) topics: Vec<Topic>,
    pub(super) problems: Vec<StartProblem>,
    pub(super) producer: OnceLock<LazyProducer>,
    pub(super) refused_letters: Option<RefusedLetters>,
    pub(super) clock: Clock,
    pub(super) watched_by: Option<HealthSources>,
}

/// The source location of a listener.
#[derive(Debug)]
pub(super) enum Source {
    Built(Box<Endpoint>),
    Annotated(&'static Registration),
}

impl App {
    /// An application with the configuration of this process: `wellspring.toml`, the profile's file
    /// and the environment.
    ///
    /// # Errors
    /// When the configuration has mistakes; the error lists all of them.
    pub fn from_env() -> Result<Self, ConfigError> {
        Loader::from_process()
            .retry_rule(retry_rule)
            .load()
            .map(Self::new)
    }

    /// An application with this configuration.
    pub fn new(config: Config) -> Self {
        Self {
            config,
            settings: Vec::new(),
            state: StateMap::new(),
            state_names: Vec::new(),
            sources: Vec::new(),
            discover: false,
            topics: Vec::new(),
            problems: Vec::new(),
            producer: OnceLock::new(),
            refused_letters: None,
            clock: Clock::system(),
            watched_by: None,
        }
    }

    /// Shares `value` with the handlers, which find it by its type: `State<S>`, or `self` of a
    /// listener method.
    pub fn state<S: Send + Sync + 'static>(mut self, value: S) -> Self {
        let type_name = std::any::type_name::<S>();
        if self.state.insert(value) {
            self.state_names.push(type_name);
        } else {
            self.problems.push(StartProblem::TwoStates { type_name });
        }
        self
    }

    /// Adds every function of this binary that carries `#[kafka_listener]`.
    ///
    /// The linker drops a crate that nothing references, and its listeners with it: name the crate
    /// once in the binary, `use my_listeners as _;`. In a test binary this finds the listeners of
    /// all tests.
    pub const fn discover(mut self) -> Self {
        self.discover = true;
        self
    }

    /// Adds one function that carries `#[kafka_listener]`.
    pub fn listener<F: 'static>(mut self, function: F) -> Self {
        match Registration::of::<F>() {
            Some(registration) => self.sources.push(Source::Annotated(registration)),
            None => {
                let function = std::any::type_name_of_val(&function);
                self.problems.push(StartProblem::NotAnnotated { function });
            }
        }
        self
    }

    /// Adds a listener that was built by hand.
    pub fn endpoint(mut self, endpoint: Endpoint) -> Self {
        self.sources.push(Source::Built(Box::new(endpoint)));
        self
    }

    /// Declares a topic, which is created at start if it is missing, with the broker's replication
    /// and settings. The name may hold placeholders.
    pub fn topic(self, name: impl Into<String>, partitions: u16) -> Self {
        self.declare(Topic::new(name, partitions))
    }

    /// Declares a topic, which is created at start if it is missing.
    pub fn declare(mut self, topic: Topic) -> Self {
        self.topics.push(topic);
        self
    }

    /// Returns the producer of this application, as it is configured so far, for state that sends.
    ///
    /// Call it after [`set`](App::set): a setting of the producer that comes later is a start-up
    /// error.
    ///
    /// The application need not run. After [`start`](App::start) it has the same producer.
    ///
    /// # Errors
    /// When the configuration has mistakes, or librdkafka refuses a property.
    pub fn template(&self) -> Result<KafkaTemplate, StartError> {
        if let Some(producer) = self.producer.get() {
            return producer.template();
        }
        let config = self.config.clone().and_set(self.settings.clone())?;
        self.producer
            .get_or_init(|| LazyProducer::new(config))
            .template()
    }

    /// Sets what happens when a Kafka client has failed for good: `app.on-fatal-error`. Default:
    /// heal.
    #[track_caller]
    pub fn on_fatal_error(self, what: OnFatalError) -> Self {
        self.set("app.on-fatal-error", what)
    }

    /// Sets the sink for dead letters that their topic refuses for good, or ten times for want of a
    /// topic or a right, in the place of `app.on-refused-dead-letter`: a
    /// [`DeadLetterFile`](crate::dead_letter::DeadLetterFile), a table, another topic.
    pub fn refused_dead_letters(mut self, sink: impl DeadLetterSink) -> Self {
        self.refused_letters = Some(RefusedLetters(Arc::new(sink)));
        self
    }

    /// Sets the clock of the listeners, for retries, commits and stop deadlines. Default: the
    /// system's. The start deadline always uses the system's.
    ///
    /// A test of a retry after ten minutes passes a [`ManualClock`](crate::runtime::ManualClock)
    /// and advances it.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Tells `sources` where its health can be asked for, once it starts.
    #[cfg(feature = "testing")]
    pub(crate) fn watched_by(mut self, sources: HealthSources) -> Self {
        self.watched_by = Some(sources);
        self
    }

    /// Sets a key, with precedence over all files and the environment. It is checked at start.
    #[track_caller]
    pub fn set(mut self, key: impl Into<String>, value: impl ToString) -> Self {
        let origin = Origin::code(Location::caller());
        self.settings.push(Entry {
            key: key.into(),
            value: value.to_string(),
            origin,
        });
        self
    }
}

/// Whether a text is a retry policy, for the configuration, which lies below `retry`.
pub(super) fn retry_rule(text: &str) -> Result<(), String> {
    text.parse::<RetryPolicy>()
        .map(drop)
        .map_err(|invalid| invalid.to_string())
}
