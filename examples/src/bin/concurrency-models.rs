//! A consumer per thread, one consumer with many workers, or both? Measures the three models and
//! writes a page about them.
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

use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use wellspring_examples::common::program::{self, start_log, stop_requested};
use wellspring_examples::concurrency_models::arguments::{Arguments, Command, PageArguments, Run};
use wellspring_examples::concurrency_models::report::Page;
use wellspring_examples::concurrency_models::study::Outcome;
use wellspring_examples::concurrency_models::{consumer, results, study};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    start_log("error");
    program::main("concurrency-models", async {
        match arguments.command {
            Some(Command::Consume { assignment }) => {
                consumer::run(serde_json::from_str(&assignment)?).await
            }
            Some(Command::Report { csv, page }) => report(&csv, &page),
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
        Outcome::Stopped { missing } => {
            println!(
                "stopped: {missing} measurements are missing in {csv}, and the same command goes on"
            );
            return Ok(());
        }
    }
    report(&options.csv, &run.page)
}

/// Writes the page about the rows in `csv`.
fn report(csv: &Path, arguments: &PageArguments) -> wellspring::Result {
    let path = arguments.path(csv);
    let (origin, rows) = results::read(csv)?;
    let folder = path.file_stem().unwrap_or_default().to_string_lossy();
    let page = Page::of(&origin, rows, arguments.note.as_deref(), &folder)?;
    page.write(&path)
        .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    println!("what they say is in {}", path.display());
    Ok(())
}
