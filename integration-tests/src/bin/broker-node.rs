//! A broker-lite in a process of its own: `broker-node --listen HOST:PORT --data-dir DIR [--set
//! KEY=VALUE]…`.
//!
//! What the program `broker-lite` is to users, for scenarios that kill it: Cargo builds the
//! programs of this crate with its tests, and those of another crate not. It stops at SIGTERM, and
//! logs to standard error.

use std::io;
use std::process::ExitCode;

use broker_lite::{Broker, BrokerBuilder};
use tokio::signal::unix::{SignalKind, signal};

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(io::stderr)
        .init();
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(refusal) => {
            // `Debug` of its errors has the causes too.
            eprintln!("broker-node: {refusal:?}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let wanted = parse(std::env::args().skip(1))?;
    let mut terminate = signal(SignalKind::terminate())?;
    let broker = wanted.start().await?;
    terminate.recv().await;
    broker.stop().await;
    Ok(())
}

fn parse(mut words: impl Iterator<Item = String>) -> Result<BrokerBuilder, String> {
    let mut wanted = Broker::builder();
    while let Some(word) = words.next() {
        let value = words
            .next()
            .ok_or_else(|| format!("{word} needs a value"))?;
        wanted = match word.as_str() {
            "--listen" => wanted.listen(value),
            "--data-dir" => wanted.data_dir(value),
            "--set" => {
                let (key, value) = value.split_once('=').ok_or("--set takes KEY=VALUE")?;
                wanted.set(key, value)
            }
            unknown => return Err(format!("unknown argument {unknown}")),
        };
    }
    Ok(wanted)
}
