//! Tops up campus cards: accepted over HTTP, done later by a Kafka listener.
//!
//! ```text
//! cargo run --release --bin campus-card
//! curl -i localhost:8080/topups -H 'content-type: application/json' -d '{"card":"2026001","cents":500}'
//! curl localhost:8080/cards/2026001
//! ```
//!
//! Without a Kafka to use it starts a broker of its own and prints its address, so that any Kafka
//! client can watch. With `WELLSPRING_BOOTSTRAP_SERVERS` it uses that Kafka.

use std::error::Error;
use std::io::{self, IsTerminal as _, Write as _};
use std::iter;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;
use wellspring_examples::campus_card::{Options, Ready, run};

/// Tops up campus cards: accepted over HTTP, done later by a Kafka listener.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Where HTTP listens.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "HOST:PORT")]
    listen: String,
    /// Keep the ledger, and the broker's log when it is our own, in this folder. Default: in
    /// memory.
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Abort right after this many credits, before their offsets are committed: for crash tests.
    #[arg(long, value_name = "N", hide = true)]
    crash_after_credits: Option<u64>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(colours())
        .with_writer(io::stderr)
        .init();
    let options = Options {
        listen: arguments.listen,
        data_dir: arguments.data_dir,
        bootstrap_servers: None,
        crash_after_credits: arguments.crash_after_credits,
    };
    match serve(options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("campus-card: {}", chain(&*error));
            ExitCode::FAILURE
        }
    }
}

/// Whether the log may have colours: on a terminal, unless `NO_COLOR` is set (no-color.org).
fn colours() -> bool {
    io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

fn serve(options: Options) -> wellspring::Result {
    let runtime = tokio::runtime::Runtime::new()?;
    let outcome = runtime.block_on(async { run(options, announce, told_to_stop()?).await });
    // A question that Kafka has not answered would hold up the end until its deadline.
    runtime.shutdown_background();
    outcome
}

/// An error with its causes, in one line.
fn chain(error: &(dyn Error + 'static)) -> String {
    let causes = iter::successors(error.source(), |&cause| cause.source());
    causes.fold(error.to_string(), |line, cause| format!("{line}: {cause}"))
}

/// One line where Kafka is, one where HTTP is. A reader that went away does not stop the service.
fn announce(ready: &Ready) {
    let kafka = &ready.bootstrap_servers;
    let mut lines = String::new();
    if ready.own_broker {
        lines += &format!(
            "broker-lite listening on {kafka} (watch it: kcat -b {kafka} -C -t card.topups)\n"
        );
    }
    lines += &format!("campus-card listening on http://{}\n", ready.http);
    let mut out = io::stdout().lock();
    drop(out.write_all(lines.as_bytes()).and_then(|()| out.flush()));
}

/// Listens for SIGTERM and ctrl-c from now on, and resolves at the first of them.
fn told_to_stop() -> io::Result<impl Future<Output = ()> + Send> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
