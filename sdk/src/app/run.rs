//! An application as a process: it runs until the system tells it to stop.

use super::builder::App;
use super::error::RunError;
use super::running::RunningApp;
use super::signals::{ShutdownSignal, shutdown_signal};

impl App {
    /// Starts the application and runs it until SIGTERM or ctrl-c, then stops it: nothing new is
    /// taken, running handlers get `app.drain-deadline` (25 s) to end, offsets are committed,
    /// groups are left. A second signal ends the waiting, unless it comes within half a second:
    /// then it is an echo of the first.
    ///
    /// Installs no `tracing` subscriber: whether and where to log is the program's choice. Without
    /// a subscriber it says so once on standard error, because a halted partition would go
    /// unnoticed.
    ///
    /// # Errors
    /// A [`RunError`] when the application does not start, when no listener is left, and when a
    /// second signal came. It is boxed, so that a `main` that returns
    /// [`wellspring::Result`](crate::Result) can end with it.
    ///
    /// # Cancel safety
    /// Dropping the future ends the application without waiting for running handlers.
    pub async fn run(self) -> crate::Result {
        Ok(self.run_until_told().await?)
    }

    async fn run_until_told(self) -> Result<(), RunError> {
        if self.sources.is_empty() && !self.discover && self.problems.is_empty() {
            return Err(RunError::NoListener);
        }
        say_if_nobody_listens();
        let mut signals = shutdown_signal()?;
        let running = tokio::select! {
            started = self.start() => started?,
            signal = signals.received() => {
                tracing::info!(signal, "stopped before the start was complete");
                return Ok(());
            }
        };
        running.run_until_told(&mut signals).await
    }
}

/// Warns on standard error that nothing receives the logs: a halted partition would go unnoticed.
fn say_if_nobody_listens() {
    if !tracing::dispatcher::has_been_set() {
        eprintln!(
            "wellspring: no tracing subscriber is set, so nothing is logged; for example: tracing_subscriber::fmt::init()"
        );
    }
}

impl RunningApp {
    /// Runs the started application until SIGTERM or ctrl-c, and stops it as [`App::run`] does: for
    /// programs that have something to do between the start and the wait.
    ///
    /// Handles signals from this call on. One that arrives during [`App::start`] ends the process
    /// at once, unlike with [`App::run`].
    ///
    /// # Errors
    /// A [`RunError`] when there is no listener, when none is left, and when a second signal came.
    ///
    /// # Cancel safety
    /// Dropping the future ends the application without waiting for running handlers.
    pub async fn run(self) -> crate::Result {
        if self.has_no_listener() {
            return Err(RunError::NoListener.into());
        }
        say_if_nobody_listens();
        let mut signals = shutdown_signal()?;
        Ok(self.run_until_told(&mut signals).await?)
    }

    async fn run_until_told(self, signals: &mut ShutdownSignal) -> Result<(), RunError> {
        let drain = self.config().app().drain_deadline;
        let failed = tokio::select! {
            signal = signals.received() => {
                tracing::info!(signal, within = ?drain, "stopping");
                None
            }
            error = self.ended_with() => Some(error),
        };
        tokio::select! {
            _report = self.stop(drain) => {}
            signal = signals.again() => {
                tracing::warn!(signal, "a second signal arrived: no longer waiting for running handlers");
                return Err(RunError::Interrupted);
            }
        }
        failed.map_or(Ok(()), Err)
    }
}
