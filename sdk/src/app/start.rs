//! The order of a start: checks, the producer, health, topics, listeners.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::join_all;

use super::builder::App;
use super::error::StartError;
use super::healing::heal;
use super::late_topics::make_later;
use super::listener::ListenerDeps;
use super::listeners::Listeners;
use super::plan::{Plan, plan};
use super::producer::{LazyProducer, RefusedLetters};
use super::running::RunningApp;
use super::topics::{make_topics, writes_dead_letters};
use crate::actuator::Phase;
use crate::config::{Config, OnFatalError, OnRefusedDeadLetter};
use crate::dead_letter::DeadLetterFile;
use crate::runtime::{Clock, Tasks};

/// Longest wait for listeners that did start to leave their groups when another one did not.
const UNDO_TIMEOUT: Duration = Duration::from_secs(5);

impl App {
    /// Starts the application and returns once all listeners have their partitions assigned.
    ///
    /// In this order: everything that can be checked without a broker is checked; health over HTTP
    /// is started if configured; declared topics are created; listeners start together. No
    /// signal handler and no `tracing` subscriber is installed. A listener whose topic is
    /// missing does not hold up the others: it is logged, and health is red until the topic
    /// exists.
    ///
    /// # Errors
    /// A [`StartError`] that says what is wrong and what to do. Nothing is left running.
    ///
    /// # Cancel safety
    /// Dropping the future undoes the start: listeners leave their groups without waiting for
    /// handlers. Topics that were made stay.
    pub async fn start(self) -> Result<RunningApp, StartError> {
        let clock = Clock::system();
        let producer = self.producer.get().cloned();
        let listeners_clock = self.clock.clone();
        let watched_by = self.watched_by.clone();
        let refused = self.refused_letters.clone();
        let plan = plan(self).map_err(|problems| StartError::Problems { problems })?;
        let within = plan.config.app().start_deadline;
        let deadline = clock.after(within);
        let producer = producer.unwrap_or_else(|| LazyProducer::new(plan.config.clone()));
        let letters = LazyProducer::for_dead_letters(plan.config.clone());
        if plan
            .listeners
            .iter()
            .any(|planned| writes_dead_letters(&planned.endpoint))
        {
            // Made now, so that a mistake in its settings shows here and not with the first dead
            // letter.
            letters.template()?;
        }
        let deps = ListenerDeps {
            state: plan.state.clone(),
            producer: producer.clone(),
            letters: letters.clone(),
            refused: refused.or_else(|| by_setting(&plan.config)),
            clock: listeners_clock,
            drain: plan.config.app().drain_deadline,
            on_fatal_error: plan.config.app().on_fatal_error,
        };
        let listeners = Arc::new(Listeners::new(plan.listeners.clone(), deps));
        if let Some(sources) = watched_by {
            sources.add(listeners.health_source());
        }
        let tasks = Tasks::on(tokio::runtime::Handle::current());
        let address = answer_health(&plan, &listeners, &tasks).await?;
        let made = make_topics(&plan, &clock, deadline).await?;
        listeners.differ(made.drift);
        if let Err(error) = start_listeners(&listeners, &clock, deadline, within).await {
            listeners.stop_all(UNDO_TIMEOUT).await;
            return Err(error);
        }
        listeners.enter(Phase::Running);
        if plan.config.app().on_fatal_error == OnFatalError::Heal {
            for listener in listeners.iter() {
                let healing = heal(Arc::clone(listener), clock.clone(), tasks.shutdown());
                tasks.spawn("healing a listener", healing);
            }
        }
        if !made.missing.is_empty() {
            let (admin, listeners) = (plan.admin, Arc::clone(&listeners));
            let later = make_later(made.missing, admin, listeners, clock, tasks.shutdown());
            tasks.spawn("making the topics of dead letters", later);
        }
        tracing::info!(
            application = plan.config.app().name,
            listeners = listeners.len(),
            brokers = plan.config.bootstrap_servers(),
            "started"
        );
        Ok(RunningApp::new(
            plan.config,
            listeners,
            [producer, letters],
            tasks,
            address,
        ))
    }
}

/// The sink for refused dead letters that `app.on-refused-dead-letter` asks for.
fn by_setting(config: &Config) -> Option<RefusedLetters> {
    match config.app().on_refused_dead_letter {
        OnRefusedDeadLetter::Halt => None,
        OnRefusedDeadLetter::File(path) => {
            Some(RefusedLetters(Arc::new(DeadLetterFile::new(path))))
        }
    }
}

#[cfg(feature = "actuator")]
async fn answer_health(
    plan: &Plan,
    listeners: &Arc<Listeners>,
    tasks: &Tasks,
) -> Result<Option<std::net::SocketAddr>, StartError> {
    let section = plan.config.actuator();
    let Some(port) = section.port else {
        return Ok(None);
    };
    match crate::actuator::http::serve(&section.host, port, listeners.health_source(), tasks).await
    {
        Ok(address) => {
            tracing::info!(%address, "health is served over HTTP");
            Ok(Some(address))
        }
        Err(error) => {
            let address = format!("{}:{port}", section.host);
            Err(StartError::Actuator {
                address,
                reason: error.to_string(),
            })
        }
    }
}

#[cfg(not(feature = "actuator"))]
async fn answer_health(
    _plan: &Plan,
    _listeners: &Arc<Listeners>,
    _tasks: &Tasks,
) -> Result<Option<std::net::SocketAddr>, StartError> {
    // A configuration that asks for it has been refused before.
    Ok(None)
}

async fn start_listeners(
    listeners: &Listeners,
    clock: &Clock,
    deadline: Instant,
    within: Duration,
) -> Result<(), StartError> {
    for listener in listeners
        .iter()
        .filter(|listener| listener.starts_with_app())
    {
        let failed = |reason| StartError::Listener {
            listener: listener.id().to_string(),
            reason,
        };
        listener.start().await.map_err(failed)?;
    }
    let assigned = join_all(listeners.iter().map(|listener| async move {
        match listener.assigned().await {
            Ok(()) => Ok(()),
            Err(reason) => Err(StartError::Listener {
                listener: listener.id().to_string(),
                reason,
            }),
        }
    }));
    let left = deadline.saturating_duration_since(clock.now());
    match clock.timeout(left, assigned).await {
        Ok(answers) => answers.into_iter().collect(),
        Err(_) => {
            let listeners = listeners
                .iter()
                .filter_map(|listener| listener.waits())
                .collect();
            Err(StartError::NotAssigned { listeners, within })
        }
    }
}
