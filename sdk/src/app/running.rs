//! The handle of a started application.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use super::error::{RunError, StartError};
use super::healing::first_fatal;
use super::listener::Listener;
use super::listeners::Listeners;
use super::producer::LazyProducer;
use crate::actuator::{Health, HealthSource, Phase};
use crate::config::{Config, OnFatalError};
use crate::extract::ListenerId;
use crate::listener::{ListenerHealth, ListenerState, StopReport};
use crate::producer::KafkaTemplate;
use crate::runtime::{Clock, Tasks};
use crate::types::TopicPartition;

/// A running application.
///
/// Dropping it without [`stop`](Self::stop) ends its listeners without waiting for running
/// handlers: their records are delivered again after the next start.
#[derive(Debug)]
#[must_use = "the application ends when this is dropped"]
pub struct RunningApp {
    config: Config,
    pub(super) listeners: Arc<Listeners>,
    /// The application's producer, and that of its dead letters.
    producers: [LazyProducer; 2],
    tasks: Tasks,
    actuator: Option<SocketAddr>,
}

/// The report on the records of an application that was stopped.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AppStopReport {
    /// Each listener with its own report.
    pub listeners: Vec<(ListenerId, StopReport)>,
}

/// A handle on one listener of a running application. Cloning is cheap. A handle may outlive its
/// application; the listener can then no longer be started.
#[derive(Debug, Clone)]
pub struct RunningListener {
    listener: Arc<Listener>,
    /// Longest wait of a start for partitions.
    start_deadline: Duration,
}

impl RunningApp {
    pub(super) const fn new(
        config: Config,
        listeners: Arc<Listeners>,
        producers: [LazyProducer; 2],
        tasks: Tasks,
        actuator: Option<SocketAddr>,
    ) -> Self {
        Self {
            config,
            listeners,
            producers,
            tasks,
            actuator,
        }
    }

    /// Returns its health, with a reason for everything that is not well.
    #[must_use]
    pub fn health(&self) -> Health {
        self.listeners.health()
    }

    /// Returns a source of its health that can be asked after this handle was moved.
    #[must_use]
    pub fn health_source(&self) -> HealthSource {
        self.listeners.health_source()
    }

    /// Returns the routes that serve its health, to be merged into the service's own `axum` router.
    #[cfg(feature = "actuator")]
    pub fn health_router(&self) -> axum::Router {
        crate::actuator::http::router(self.health_source())
    }

    /// Whether it has no listener.
    pub(super) fn has_no_listener(&self) -> bool {
        self.listeners.len() == 0
    }

    /// Returns the address that serves its health over HTTP; `None` when `actuator.port` is not
    /// set.
    #[must_use]
    pub const fn actuator_address(&self) -> Option<SocketAddr> {
        self.actuator
    }

    /// Returns the configuration it was started with.
    #[must_use]
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// Returns its producer.
    ///
    /// # Errors
    /// When it is first used here and librdkafka refuses its properties.
    pub fn template(&self) -> Result<KafkaTemplate, StartError> {
        let [producer, _letters] = &self.producers;
        producer.template()
    }

    /// Returns all its listeners, running or not, in the order in which they were added.
    #[must_use]
    pub fn listeners(&self) -> Vec<RunningListener> {
        let start_deadline = self.config.app().start_deadline;
        let handle = |listener| RunningListener {
            listener: Arc::clone(listener),
            start_deadline,
        };
        self.listeners.iter().map(handle).collect()
    }

    /// Returns the listener with this id.
    #[must_use]
    pub fn listener(&self, id: &str) -> Option<RunningListener> {
        self.listeners()
            .into_iter()
            .find(|listener| listener.id().as_str() == id)
    }

    /// Waits until no listener runs and at least one has failed, and returns the reasons of those
    /// that did. Listeners that were stopped on purpose may be started again, so it goes on waiting
    /// while none has failed.
    ///
    /// With `app.on-fatal-error=end` it also returns when a Kafka client has failed for good.
    ///
    /// # Cancel safety
    /// Nothing is lost.
    pub async fn ended(&self) -> Vec<String> {
        let error = self.ended_with().await;
        let words = error.to_string();
        if let RunError::NoListenerLeft { listeners } = error {
            listeners
        } else {
            vec![words]
        }
    }

    /// Waits until it has ended by itself, and returns why.
    pub(super) async fn ended_with(&self) -> RunError {
        let ends = self.config.app().on_fatal_error == OnFatalError::End;
        tokio::select! {
            listeners = self.listeners.ended() => RunError::NoListenerLeft { listeners },
            reason = first_fatal(&self.listeners, &self.producers), if ends => RunError::Fatal { reason },
        }
    }

    /// Stops: takes nothing new, waits at most `within` for running handlers, commits, leaves the
    /// groups, and hands what the producer still holds to the brokers.
    ///
    /// A record whose handler was not done in time is delivered again after the next start.
    ///
    /// # Cancel safety
    /// Dropping the future ends the listeners without waiting any longer.
    pub async fn stop(self, within: Duration) -> AppStopReport {
        let clock = Clock::system();
        let deadline = clock.after(within);
        self.listeners.enter(Phase::Stopping);
        let listeners = self.listeners.stop_all(within).await;
        for template in self.producers.iter().filter_map(LazyProducer::made) {
            // The last records that handlers sent get a moment even if the handlers used up the
            // time.
            let left = deadline
                .saturating_duration_since(clock.now())
                .max(Duration::from_secs(1));
            if let Err(error) = template.flush(left).await {
                tracing::warn!(%error, "some records that were sent may not have reached a broker");
            }
        }
        self.listeners.enter(Phase::Stopped);
        // Tasks that do not end in time are named in the log.
        self.tasks.stop(&clock, Duration::from_secs(1)).await;
        tracing::info!("stopped");
        AppStopReport { listeners }
    }
}

impl Drop for RunningApp {
    /// Ends the listeners: health sources that outlive this handle keep them otherwise.
    fn drop(&mut self) {
        self.listeners.abandon();
    }
}

impl RunningListener {
    /// Returns its id.
    #[must_use]
    pub fn id(&self) -> &ListenerId {
        self.listener.id()
    }

    /// Returns its health.
    #[must_use]
    pub fn health(&self) -> ListenerHealth {
        self.listener.health()
    }

    /// Returns its state.
    #[must_use]
    pub fn state(&self) -> ListenerState {
        self.listener.health().state
    }

    /// Returns the partitions it has now, in order.
    #[must_use]
    pub fn partitions(&self) -> Vec<TopicPartition> {
        self.listener.health().partitions
    }

    /// Starts it unless it runs, and waits until its share of the partitions is assigned, at most
    /// `app.start-deadline`.
    ///
    /// # Errors
    /// When it ends before that, when its application has stopped, and when the time is up; in the
    /// last case it goes on starting.
    ///
    /// # Cancel safety
    /// Before its client exists, the start is given up; once it waits for partitions, it goes on.
    pub async fn start(&self) -> Result<(), StartError> {
        let failed = |reason| StartError::Listener {
            listener: self.id().to_string(),
            reason,
        };
        self.listener.start().await.map_err(failed)?;
        let within = self.start_deadline;
        match Clock::system()
            .timeout(within, self.listener.assigned())
            .await
        {
            Ok(assigned) => assigned.map_err(failed),
            Err(_) => {
                let listeners = self.listener.waits().into_iter().collect();
                Err(StartError::NotAssigned { listeners, within })
            }
        }
    }

    /// Stops it; the others go on. Returns `None` when it was not started, or was stopped before.
    ///
    /// # Cancel safety
    /// As [`RunningApp::stop`].
    pub async fn stop(&self, within: Duration) -> Option<StopReport> {
        self.listener.stop(within).await
    }
}
