//! How a program logs, is told to stop, and ends.

use std::error::Error;
use std::io::{self, IsTerminal as _};
use std::iter;
use std::process::ExitCode;

use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// Sends the log to standard error: what `RUST_LOG` asks for, else `otherwise` (`info`, `warn`).
pub fn start_log(otherwise: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(otherwise));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(colours())
        .with_writer(io::stderr)
        .init();
}

/// Whether the log may have colours: on a terminal, unless `NO_COLOR` is set (no-color.org).
fn colours() -> bool {
    io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Listens for SIGTERM and ctrl-c from now on, and resolves at the first of them.
///
/// # Errors
/// When the operating system refuses a signal handler.
pub fn stop_requested() -> io::Result<impl Future<Output = ()> + Send> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Runs `program` on a runtime of its own; an error is one line on standard error, under `name`.
pub fn main(name: &str, program: impl Future<Output = wellspring::Result>) -> ExitCode {
    match block_on(program) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{name}: {}", error_chain(&*error));
            ExitCode::FAILURE
        }
    }
}

fn block_on(program: impl Future<Output = wellspring::Result>) -> wellspring::Result {
    let runtime = tokio::runtime::Runtime::new()?;
    let outcome = runtime.block_on(program);
    // A question that Kafka has not answered would hold up the end until its deadline.
    runtime.shutdown_background();
    outcome
}

/// An error with its causes, in one line.
fn error_chain(error: &(dyn Error + 'static)) -> String {
    let causes = iter::successors(error.source(), |&cause| cause.source());
    causes.fold(error.to_string(), |line, cause| format!("{line}: {cause}"))
}
