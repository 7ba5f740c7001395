//! What a chapter does with the Kafka it runs on: topics, applications, and waiting.

use std::path::{Path, PathBuf};
use std::time::Duration;

use uuid::Uuid;
use wellspring::admin::{OnMissing, ensure_topics};
use wellspring::client::{Admin, TopicSpec};
use wellspring::config::{ClientProperties, ConfigError, Loader};
use wellspring::prelude::*;
use wellspring::runtime::Clock;
use wellspring::types::TopicName;

use super::inspect::Inspector;

/// Longest wait for anything that is not a matter of a broker's own time.
pub const SOON: Duration = Duration::from_secs(30);

/// Longest wait for the first answer of a Kafka.
const FIRST_ANSWER: Duration = Duration::from_secs(10);

/// Time between two looks at a condition.
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// A Kafka, by its address.
#[derive(Debug, Clone)]
pub struct Client {
    bootstrap_servers: String,
    properties: ClientProperties,
    log_dir: Option<PathBuf>,
    clock: Clock,
}

impl Client {
    /// The Kafka at these addresses, with the properties that are configured for every client.
    ///
    /// # Errors
    /// When the configuration has mistakes.
    pub fn new(bootstrap_servers: &str) -> Result<Self, ConfigError> {
        let config = Loader::from_process()
            .set("kafka.bootstrap-servers", bootstrap_servers)
            .load()?;
        Ok(Self {
            bootstrap_servers: bootstrap_servers.to_owned(),
            properties: config.admin_properties(),
            log_dir: None,
            clock: Clock::system(),
        })
    }

    /// The same, with the folder that its broker keeps partitions in (`log.dirs`).
    #[must_use]
    pub fn with_log_dir(mut self, folder: Option<PathBuf>) -> Self {
        self.log_dir = folder;
        self
    }

    /// The folder that its broker keeps partitions in; `None` when it is out of reach.
    #[must_use]
    pub fn log_dir(&self) -> Option<&Path> {
        self.log_dir.as_deref()
    }

    /// The addresses.
    #[must_use]
    pub fn bootstrap_servers(&self) -> &str {
        &self.bootstrap_servers
    }

    /// The clock.
    #[must_use]
    pub const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// An application on this Kafka whose listeners and producers know `topic` and `group`.
    ///
    /// # Errors
    /// When the configuration has mistakes.
    pub fn app(&self, topic: &str, group: &str) -> wellspring::Result<App> {
        Ok(App::from_env()?
            .set("kafka.bootstrap-servers", &self.bootstrap_servers)
            .set("doing.topic", topic)
            .set("doing.group", group)
            // What is shown here takes a second; nothing that runs at the end needs 25.
            .set("app.drain-deadline", "2s"))
    }

    /// Asks it for its topics, so that a Kafka that is not there is told before any chapter.
    ///
    /// # Errors
    /// When no broker answers within ten seconds.
    pub async fn check(&self) -> wellspring::Result {
        Admin::new(&self.properties)?.topics(FIRST_ANSWER).await?;
        Ok(())
    }

    /// Makes a topic whose name begins with `name` and that nobody else has, so that a chapter can
    /// be repeated. It has as many copies as the cluster gives a topic by default.
    ///
    /// # Errors
    /// When the cluster refuses or does not answer.
    pub async fn new_topic(
        &self,
        name: &str,
        partitions: u16,
        settings: &[(&str, &str)],
    ) -> wellspring::Result<String> {
        let mut spec = TopicSpec::new(TopicName::new(unique(name))?, partitions);
        let settings = settings.iter();
        spec.settings = settings
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        let name = spec.name.to_string();
        let admin = Admin::new(&self.properties)?;
        ensure_topics(&admin, &self.clock, &[spec], OnMissing::Create, SOON).await?;
        Ok(name)
    }

    /// Removes a topic: an own broker forgets everything anyway, another one should not keep it.
    pub async fn remove(&self, topic: &str) {
        if let Err(error) = self.inspector().delete_topic(topic).await {
            tracing::warn!(topic, %error, "the topic of a chapter is left; delete it by hand");
        }
    }

    /// What the SDK has no way to ask.
    #[must_use]
    pub fn inspector(&self) -> Inspector {
        Inspector::new(&self.properties)
    }

    /// Looks again and again until there is something to see, at most for `within`.
    ///
    /// # Errors
    /// When there was nothing in time; the error says what was waited for.
    ///
    /// # Cancel safety
    /// Dropping the future abandons the look in progress and nothing else.
    pub async fn until<T>(
        &self,
        what: &str,
        within: Duration,
        mut look: impl AsyncFnMut() -> Option<T>,
    ) -> wellspring::Result<T> {
        let deadline = self.clock.after(within);
        loop {
            if let Some(seen) = look().await {
                return Ok(seen);
            }
            if self.clock.now() >= deadline {
                return Err(format!("waited {within:?} in vain for {what}").into());
            }
            self.clock.sleep(BETWEEN_LOOKS).await;
        }
    }
}

/// A name that no other run has.
#[must_use]
pub fn unique(name: &str) -> String {
    let id = Uuid::new_v4().simple().to_string();
    let suffix: String = id.chars().take(6).collect();
    format!("doing-{name}-{suffix}")
}
