//! A real Kafka for as long as this program runs:
//! `kafka-node [--port PORT | --nodes 3] [--set KEY=VALUE]… [--until-stdin-closes]`.
//!
//! Prints `kafka listening on HOST:PORT` when clients can connect. It stops at ctrl-c, at SIGTERM
//! and, with `--until-stdin-closes`, when whoever started it closes its standard input or dies.
//! Nothing is kept: the next start is a fresh Kafka. Its JVM is set up to start quickly; for
//! throughput measure another one.
//!
//! With `--nodes 3` there are three brokers and a controller, the line has three addresses, and each
//! line of standard input is a command for one of the brokers: see `commands.rs`.
//!
//! Its status is 3 where Java, Maven or the jars are not to be had, and 1 for every other failure.

mod commands;
mod error_chain;

use std::error::Error;
use std::io::{self, Write as _};
use std::process::ExitCode;

use integration_tests::own::{OwnKafkaError, ReplicatedKafka};
use integration_tests::target::jvm::{JvmError, Node};
use integration_tests::wait::stdin_closed;
use tokio::signal::unix::{SignalKind, signal};

use crate::error_chain::error_chain;

const USAGE: &str =
    "usage: kafka-node [--port PORT | --nodes 3] [--set KEY=VALUE]… [--until-stdin-closes]";

/// The status where Kafka can't be had on this machine.
const UNAVAILABLE: u8 = 3;

fn main() -> ExitCode {
    match block_on(run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(refusal) => {
            eprintln!("kafka-node: {}", error_chain(&*refusal));
            ExitCode::from(if is_unavailable(&*refusal) {
                UNAVAILABLE
            } else {
                1
            })
        }
    }
}

fn block_on(
    program: impl Future<Output = Result<(), Box<dyn Error>>>,
) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(program);
    // A thread that reads standard input would hold up the end until somebody writes there.
    runtime.shutdown_background();
    outcome
}

async fn run() -> Result<(), Box<dyn Error>> {
    let wish = Wish::parse(std::env::args().skip(1))?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let stopped = async {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    if wish.replicated {
        // A start takes so long that it must be possible to break it off.
        return tokio::select! {
            served = serve_commands(&wish) => served,
            () = stopped => Ok(()),
        };
    }

    let mut node = Node::builder().port(wish.port.unwrap_or(0));
    for (key, value) in wish.settings {
        node = node.set(key, value);
    }
    let node = node.start()?;
    announce(node.bootstrap())?;
    tokio::select! {
        () = stopped => {}
        () = stdin_closed(), if wish.until_stdin_closes => {}
    }
    Ok(())
}

/// Runs the brokers and does as standard input says.
async fn serve_commands(wish: &Wish) -> Result<(), Box<dyn Error>> {
    let mut kafka = ReplicatedKafka::start(&wish.settings).await?;
    announce(&kafka.bootstrap())?;
    commands::serve(&mut kafka).await?;
    if !wish.until_stdin_closes {
        std::future::pending::<()>().await;
    }
    Ok(())
}

fn announce(bootstrap: &str) -> io::Result<()> {
    let mut out = io::stdout();
    writeln!(out, "kafka listening on {bootstrap}")?;
    out.flush()
}

/// The command line.
#[derive(Debug, Default, PartialEq, Eq)]
struct Wish {
    port: Option<u16>,
    replicated: bool,
    settings: Vec<(String, String)>,
    until_stdin_closes: bool,
}

impl Wish {
    fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut wish = Self::default();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--port" => {
                    let port = words.next().and_then(|text| text.parse().ok());
                    wish.port = Some(port.ok_or("--port takes a number from 0 to 65535")?);
                }
                "--nodes" => {
                    wish.replicated = match words.next().as_deref() {
                        Some("1") => false,
                        Some("3") => true,
                        _ => return Err("--nodes takes 1 or 3".to_owned()),
                    };
                }
                "--set" => {
                    let pair = words.next().unwrap_or_default();
                    let (key, value) = pair.split_once('=').ok_or("--set takes KEY=VALUE")?;
                    wish.settings.push((key.to_owned(), value.to_owned()));
                }
                "--until-stdin-closes" => wish.until_stdin_closes = true,
                unknown => return Err(format!("unknown argument {unknown}; {USAGE}")),
            }
        }
        if wish.replicated && wish.port.is_some() {
            return Err("--port is for one node: three take free ports".to_owned());
        }
        Ok(wish)
    }
}

/// Whether the machine lacks what Kafka needs.
fn is_unavailable(refusal: &(dyn Error + 'static)) -> bool {
    let jvm = match refusal.downcast_ref::<OwnKafkaError>() {
        Some(OwnKafkaError::Jvm(jvm)) => Some(jvm),
        _ => refusal.downcast_ref::<JvmError>(),
    };
    jvm.is_some_and(|jvm| {
        matches!(
            jvm,
            JvmError::ProgramMissing { .. } | JvmError::Unresolved { .. }
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Wish, String> {
        Wish::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn three_nodes_take_free_ports() {
        let wish = parsed("--nodes 3 --set a=b=c --until-stdin-closes").unwrap();
        assert!(wish.replicated && wish.until_stdin_closes);
        assert_eq!(wish.settings, [("a".to_owned(), "b=c".to_owned())]);
        assert!(parsed("--nodes 3 --port 9092").is_err());
        assert_eq!(parsed("--nodes 2"), Err("--nodes takes 1 or 3".to_owned()));
        assert_eq!(parsed("--nodes 1 --port 9092").unwrap().port, Some(9092));
    }

    #[test]
    fn a_machine_without_java_is_told_from_a_broken_node() {
        let missing = JvmError::ProgramMissing { program: "java" };
        assert!(is_unavailable(&OwnKafkaError::Jvm(missing)));
        assert!(!is_unavailable(&OwnKafkaError::IsDown));
    }
}
