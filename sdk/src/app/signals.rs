//! The signals that mean "stop".

use std::time::Duration;

use futures::FutureExt;

use super::error::RunError;
use crate::runtime::Clock;

/// Listens for SIGTERM and ctrl-c from here on, as [`App::run`](super::App::run) does: for a
/// service that runs its own main loop, and stops Kafka along with everything else.
///
/// Must be called in a tokio runtime. From then on the signals no longer end the process by
/// themselves, whether or not anything waits for them. A `main` that calls this first also receives
/// signals that arrive during its start.
///
/// ```no_run
/// // Waits for a signal.
/// use wellspring::app::{App, shutdown_signal};
///
/// # async fn demo() -> wellspring::Result {
/// let mut signal = shutdown_signal()?;
/// let app = App::from_env()?.discover().start().await?;
/// let name = signal.received().await;
/// println!("{name}: stopping");
/// tokio::select! {
///     _report = app.stop(std::time::Duration::from_secs(25)) => Ok(()),
///     name = signal.again() => Err(format!("{name} again: not waiting any longer").into()),
/// }
/// # }
/// ```
///
/// # Errors
/// [`RunError::Signals`] when the operating system does not deliver them.
pub fn shutdown_signal() -> Result<ShutdownSignal, RunError> {
    ShutdownSignal::new()
}

/// SIGTERM and ctrl-c since the call of [`shutdown_signal`]; on Windows ctrl-c alone.
#[derive(Debug)]
pub struct ShutdownSignal {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    is_heard: bool,
}

/// Signals this close together count as one: `timeout` and ctrl-c signal a process and its group.
const ECHO_INTERVAL: Duration = Duration::from_millis(500);

impl ShutdownSignal {
    /// Waits for a signal and returns its name: "SIGTERM" or "ctrl-c".
    ///
    /// # Cancel safety
    /// No signal is lost.
    pub async fn received(&mut self) -> &'static str {
        let name = self.next().await;
        self.is_heard = true;
        name
    }

    /// Waits for a second signal, which cuts an orderly stop short. One that arrives within half a
    /// second is an echo of the first and does not count.
    ///
    /// If there was no first signal, because the stop has begun for another reason, it returns at
    /// the first.
    ///
    /// # Cancel safety
    /// An echo that was skipped is not reported again; no other signal is lost.
    pub async fn again(&mut self) -> &'static str {
        if !self.is_heard {
            let signal = self.received().await;
            tracing::info!(signal, "already stopping");
        }
        Clock::system().sleep(ECHO_INTERVAL).await;
        while let Some(signal) = self.next().now_or_never() {
            tracing::debug!(signal, "ignored an echo of the first signal");
        }
        self.next().await
    }
}

#[cfg(unix)]
impl ShutdownSignal {
    fn new() -> Result<Self, RunError> {
        use tokio::signal::unix::{SignalKind, signal};
        let refused = |error: std::io::Error| RunError::Signals {
            reason: error.to_string(),
        };
        Ok(Self {
            terminate: signal(SignalKind::terminate()).map_err(refused)?,
            interrupt: signal(SignalKind::interrupt()).map_err(refused)?,
            is_heard: false,
        })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "ctrl-c",
        }
    }
}

#[cfg(not(unix))]
impl ShutdownSignal {
    fn new() -> Result<Self, RunError> {
        Ok(Self { is_heard: false })
    }

    async fn next(&mut self) -> &'static str {
        if tokio::signal::ctrl_c().await.is_err() {
            return std::future::pending().await;
        }
        "ctrl-c"
    }
}
