//! Kafka, step by step, in the terminal: each chapter says what to expect, does it, shows what
//! happened, and checks it.
//!
//! ```text
//! cargo run --bin kafka-by-doing -- list
//! cargo run --bin kafka-by-doing -- all
//! cargo run --bin kafka-by-doing -- offsets --step
//! ```
//!
//! It starts a broker of its own; with `WELLSPRING_BOOTSTRAP_SERVERS` or `--bootstrap-servers` it
//! runs on that Kafka. Chapters about replicas start three real brokers on the JVM with the program
//! `kafka-node` (`cargo build --bin kafka-node`), which needs Java 17 and Maven.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use wellspring_examples::common::program::{self, start_log, stop_requested};
use wellspring_examples::kafka_by_doing::narrator::Pace;
use wellspring_examples::kafka_by_doing::tour::OnSkip;
use wellspring_examples::kafka_by_doing::{Options, member, run, tour};

/// Kafka, step by step, in the terminal. What a chapter claims is checked when it runs.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// `list`, `all`, or the names of chapters.
    #[arg(required = true, value_name = "list | all | CHAPTER…")]
    chapters: Vec<String>,
    /// Wait for Enter before each step.
    #[arg(long)]
    step: bool,
    /// The Kafka to use. Default: WELLSPRING_BOOTSTRAP_SERVERS, or a broker of its own.
    #[arg(long, value_name = "HOST:PORT")]
    bootstrap_servers: Option<String>,
    /// The folder in which that Kafka keeps its partitions (`log.dirs`), for the chapter that reads
    /// its files.
    #[arg(long, value_name = "DIR")]
    log_dir: Option<PathBuf>,
    /// The program that starts three brokers. Default: `kafka-node` beside this one.
    #[arg(long, value_name = "PROGRAM")]
    cluster: Option<PathBuf>,
    /// Fail when a chapter can't run here.
    #[arg(long)]
    require_all: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    start_log("error");
    program::main("kafka-by-doing", async {
        match &*arguments.chapters {
            [list] if list == "list" => print(&tour::list()),
            [word, bootstrap_servers, topic, group] if word == "member" => {
                member::run(bootstrap_servers, topic, group).await
            }
            _ => {
                let stopped = stop_requested()?;
                tokio::select! {
                    done = run(options(arguments)) => done,
                    () = stopped => Err("stopped before the end".into()),
                }
            }
        }
    })
}

fn options(arguments: Arguments) -> Options {
    Options {
        chapters: arguments.chapters,
        pace: if arguments.step {
            Pace::Stepwise
        } else {
            Pace::Straight
        },
        bootstrap_servers: arguments.bootstrap_servers,
        log_dir: arguments.log_dir,
        cluster: arguments.cluster,
        on_skip: if arguments.require_all {
            OnSkip::Fail
        } else {
            OnSkip::Tell
        },
    }
}

/// A reader that went away has seen enough.
fn print(text: &str) -> wellspring::Result {
    io::stdout().write_all(text.as_bytes()).ok();
    Ok(())
}
