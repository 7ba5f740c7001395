//! An application under test, and the journal that its handlers write.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use wellspring::app::App;
use wellspring::config::{ConfigError, Loader};
use wellspring::prelude::Record;

use crate::cluster::Cluster;
use crate::wait::{self, TimedOut};

impl Cluster {
    /// An application that is configured for this Kafka, and by nothing else.
    ///
    /// # Errors
    ///
    /// Never, unless the keys of the configuration change.
    pub fn app(&self) -> Result<App, ConfigError> {
        app_at(self.bootstrap())
    }
}

/// The same for a program that is only told an address.
///
/// Its group notices a crash after six seconds, the least that a broker at its defaults allows.
///
/// # Errors
///
/// As [`Cluster::app`].
pub fn app_at(bootstrap: &str) -> Result<App, ConfigError> {
    let loader = Loader::new()
        .set("kafka.bootstrap-servers", bootstrap)
        .set("app.name", "scenario");
    let config = loader.load()?;
    Ok(App::new(config).set("kafka.consumer.properties.session.timeout.ms", 6_000))
}

/// The reports of handlers, in order. Cloning shares them.
#[derive(Debug, Clone, Default)]
pub struct Journal {
    /// Held for the moment of a push or a copy.
    lines: Arc<Mutex<Vec<String>>>,
}

impl Journal {
    /// Adds a line.
    pub fn note(&self, line: impl Into<String>) {
        self.lines
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(line.into());
    }

    /// All lines so far.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.lines
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Returns the number of lines equal to `line`.
    #[must_use]
    pub fn count(&self, line: &str) -> usize {
        self.lines()
            .iter()
            .filter(|written| *written == line)
            .count()
    }

    /// Waits until there are that many lines, and returns all there are.
    ///
    /// # Errors
    ///
    /// When there are not in time.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    pub async fn has(&self, count: usize, within: Duration) -> Result<Vec<String>, TimedOut> {
        wait::until(
            format!("{count} lines in the journal"),
            within,
            async || Some(self.lines()).filter(|lines| lines.len() >= count),
        )
        .await
    }
}

/// The value of a record as text.
#[must_use]
pub fn text(record: &Record) -> String {
    String::from_utf8_lossy(record.payload().unwrap_or_default()).into_owned()
}
