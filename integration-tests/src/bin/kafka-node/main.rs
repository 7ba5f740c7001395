//! A real Kafka for as long as this program runs: `kafka-node [--port PORT] [--set KEY=VALUE]…`.
//!
//! Prints `kafka listening on HOST:PORT` when clients can connect. It stops at ctrl-c, at SIGTERM
//! and, with `--until-stdin-closes`, when whoever started it closes its standard input or dies.
//! Nothing is kept: the next start is a fresh Kafka. Its JVM is set up to start quickly; for
//! throughput measure another one.

use std::io::Write as _;
use std::process::ExitCode;

use integration_tests::target::jvm::{Node, NodeBuilder};
use integration_tests::wait::stdin_closed;
use tokio::signal::unix::{SignalKind, signal};

const USAGE: &str = "usage: kafka-node [--port PORT] [--set KEY=VALUE]… [--until-stdin-closes]";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(refusal) => {
            eprintln!("kafka-node: {}", chain(&*refusal));
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let wish = Wish::parse(std::env::args().skip(1))?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;

    let node = wish.node.start()?;
    let mut out = std::io::stdout();
    writeln!(out, "kafka listening on {}", node.bootstrap())?;
    out.flush()?;

    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        () = stdin_closed(), if wish.until_stdin_closes => {}
    }
    Ok(())
}

/// What the command line asks for.
struct Wish {
    node: NodeBuilder,
    until_stdin_closes: bool,
}

impl Wish {
    fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut wish = Self {
            node: Node::builder(),
            until_stdin_closes: false,
        };
        while let Some(word) = words.next() {
            match word.as_str() {
                "--port" => {
                    let port = words.next().and_then(|text| text.parse().ok());
                    wish.node = wish
                        .node
                        .port(port.ok_or("--port takes a number from 0 to 65535")?);
                }
                "--set" => {
                    let pair = words.next().unwrap_or_default();
                    let (key, value) = pair.split_once('=').ok_or("--set takes KEY=VALUE")?;
                    wish.node = wish.node.set(key, value);
                }
                "--until-stdin-closes" => wish.until_stdin_closes = true,
                unknown => return Err(format!("unknown argument {unknown}; {USAGE}")),
            }
        }
        Ok(wish)
    }
}

fn chain(refusal: &dyn std::error::Error) -> String {
    let mut said = refusal.to_string();
    let mut cause = refusal.source();
    while let Some(deeper) = cause {
        said = format!("{said}: {deeper}");
        cause = deeper.source();
    }
    said
}
