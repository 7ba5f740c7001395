//! The broker as a program: arguments → settings → broker, until SIGTERM or ctrl-c.

use std::error::Error;
use std::io::{IsTerminal as _, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use broker_lite::{Broker, BrokerBuilder, StartError};
use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// A small Kafka broker for learning, development and tests.
///
/// When it is ready it prints one line, "broker-lite listening on HOST:PORT", to standard output.
/// It logs to standard error (RUST_LOG sets how much). SIGTERM and ctrl-c stop it.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The address to listen on; port 0 takes a free one [default: 127.0.0.1:9092]
    #[arg(long, value_name = "HOST:PORT")]
    listen: Option<String>,
    /// Keep everything in this folder; without it everything is in memory
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// A topic to create at the start; may be repeated
    #[arg(long = "topic", value_name = "NAME:PARTITIONS", value_parser = topic)]
    topics: Vec<(String, i32)>,
    /// A setting by Kafka's own name; may be repeated, and comes before the file's
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = setting)]
    settings: Vec<(String, String)>,
    /// A properties file with settings
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(colours())
        .with_writer(std::io::stderr)
        .init();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&*error);
            ExitCode::FAILURE
        }
    }
}

/// Whether the log may have colours: on a terminal, unless `NO_COLOR` is set (no-color.org).
fn colours() -> bool {
    std::io::stderr().is_terminal()
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let broker = broker(arguments)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    runtime.block_on(async {
        // Before the ready line: a process that reads it may send a signal at once.
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let broker = broker.start().await?;
        let mut stdout = std::io::stdout().lock();
        writeln!(stdout, "broker-lite listening on {}", broker.bootstrap())?;
        stdout.flush()?;
        drop(stdout);
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        broker.stop().await;
        Ok(())
    })
}

/// Flags come before `--set`, which comes before the file.
fn broker(arguments: Arguments) -> Result<BrokerBuilder, Box<dyn Error>> {
    let mut broker = Broker::builder().listen("127.0.0.1:9092");
    if let Some(file) = arguments.config {
        let name = file.display().to_string();
        let text = std::fs::read_to_string(&file)
            .map_err(|error| format!("cannot read {name}: {error}"))?;
        broker = broker.properties(&name, &text)?;
    }
    for (key, value) in arguments.settings {
        broker = broker.set(key, value);
    }
    if let Some(address) = arguments.listen {
        broker = broker.listen(address);
    }
    if let Some(folder) = arguments.data_dir {
        broker = broker.data_dir(folder);
    }
    for (name, partitions) in arguments.topics {
        broker = broker.topic(name, partitions);
    }
    Ok(broker)
}

fn topic(text: &str) -> Result<(String, i32), String> {
    let wanted = "a topic is NAME:PARTITIONS, such as orders:4";
    let (name, partitions) = text.rsplit_once(':').ok_or(wanted)?;
    Ok((name.to_owned(), partitions.parse().map_err(|_| wanted)?))
}

fn setting(text: &str) -> Result<(String, String), String> {
    let (key, value) = text
        .split_once('=')
        .ok_or("a setting is KEY=VALUE, such as num.partitions=4")?;
    Ok((key.to_owned(), value.to_owned()))
}

/// One line with the error and its causes; settings get a line each.
fn complain(error: &(dyn Error + 'static)) {
    let mut stderr = std::io::stderr().lock();
    let mut line = format!("broker-lite: {error}");
    if let Some(StartError::Config(config)) = error.downcast_ref() {
        for problem in config.problems() {
            line.push_str(&format!("\n  {problem}"));
        }
    } else {
        let mut cause = error.source();
        while let Some(error) = cause {
            line.push_str(&format!(": {error}"));
            cause = error.source();
        }
    }
    // Without standard error there is nowhere to report to.
    drop(writeln!(stderr, "{line}"));
}
