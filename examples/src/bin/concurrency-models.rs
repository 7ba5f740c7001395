//! A consumer per thread, one consumer with many workers, or both? Measures the three models.
//!
//! ```text
//! cargo run --release --bin concurrency-models -- --quick          # the shape, in three minutes
//! cargo run --release --bin concurrency-models                     # everything, in hours
//! cargo run --release --bin concurrency-models -- --partitions 16 --work http:10ms --keys uniform
//! ```
//!
//! Ctrl-c stops it, and the same command goes on where it was. Without a Kafka to use it measures
//! on a broker-lite of its own; with `WELLSPRING_BOOTSTRAP_SERVERS` or `--bootstrap-servers` on
//! that Kafka.

#![expect(clippy::print_stdout, reason = "it talks to a person")]

use std::process::ExitCode;

use clap::Parser;
use wellspring_examples::common::program::{self, start_log, stop_requested};
use wellspring_examples::concurrency_models::arguments::{Arguments, Command, Run};
use wellspring_examples::concurrency_models::consumer;
use wellspring_examples::concurrency_models::study::{self, Outcome};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    start_log("error");
    program::main("concurrency-models", async {
        match arguments.command {
            Some(Command::Consume { assignment }) => {
                consumer::run(serde_json::from_str(&assignment)?).await
            }
            None => measure(&arguments.run).await,
        }
    })
}

async fn measure(run: &Run) -> wellspring::Result {
    let options = run.options();
    let outcome = study::run(&options, stop_requested()?).await?;
    let csv = options.csv.display();
    match outcome {
        Outcome::Complete => println!("all measurements are in {csv}"),
        Outcome::Stopped { missing } => println!(
            "stopped: {missing} measurements are missing in {csv}, and the same command goes on"
        ),
    }
    Ok(())
}
