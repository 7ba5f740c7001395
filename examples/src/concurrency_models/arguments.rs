//! What the program is told on its command line.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use super::cell::{Keys, Work};
use super::grid::{Grid, pairs};
use super::payload::MIN_BYTES;
use super::study::Options;

/// A consumer per thread, one consumer with many workers, or both? Measures the three models and
/// writes a page about them.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
pub struct Arguments {
    /// Something else than measuring.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// What to measure, and where.
    #[command(flatten)]
    pub run: Run,
}

/// Something else than measuring.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Writes the page about rows that were measured before.
    Report {
        /// Where the rows are.
        #[arg(long, value_name = "FILE", default_value = CSV)]
        csv: PathBuf,
        /// The page, with its figures in a folder beside it.
        #[command(flatten)]
        page: PageArguments,
    },
    /// Measures one cell: what the program starts for each.
    #[command(hide = true)]
    Consume {
        /// What to measure.
        assignment: String,
    },
}

/// What to measure, and where.
#[derive(Debug, Args)]
pub struct Run {
    /// The shape in less than three minutes. Without it everything, which takes hours; ctrl-c
    /// stops, and the same command goes on.
    #[arg(long)]
    quick: bool,
    /// How often each cell is measured. A second run with more rounds adds those that are missing.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// The Kafka to measure on. Default: the configured one (`WELLSPRING_BOOTSTRAP_SERVERS`), else
    /// a broker-lite in memory. Topics `concurrency-models-…` stay there.
    #[arg(long, value_name = "HOST:PORT")]
    bootstrap_servers: Option<String>,
    /// Where the rows go; one that exists is continued.
    #[arg(long, value_name = "FILE", default_value = CSV)]
    csv: PathBuf,
    /// The page that is written in the end.
    #[command(flatten)]
    pub page: PageArguments,
    /// The longest time that a backlog is drained, and that a paced load lasts.
    #[arg(long, value_name = "TIME", value_parser = time, default_value = "700ms")]
    window: Duration,
    /// Records of a backlog; with large payloads there are fewer.
    #[arg(long, value_name = "RECORDS", default_value_t = 400_000, value_parser = clap::value_parser!(u64).range(100..=100_000_000))]
    backlog: u64,
    /// How long Kafka may do nothing before the run ends.
    #[arg(long, value_name = "TIME", value_parser = time, default_value = "20s")]
    patience: Duration,
    /// A grid of one's own. What is not given is as in the whole one.
    #[command(flatten)]
    own: OwnGrid,
}

/// Where the page goes.
#[derive(Debug, Args)]
pub struct PageArguments {
    /// Where the page goes; its figures go into a folder beside it. Default: beside the rows.
    #[arg(long, value_name = "FILE")]
    page: Option<PathBuf>,
    /// What else a reader should know of the run, such as the Kafka's version.
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
}

impl PageArguments {
    /// Where the page about the rows in `csv` goes.
    #[must_use]
    pub fn path(&self, csv: &Path) -> PathBuf {
        self.page
            .clone()
            .unwrap_or_else(|| csv.with_extension("md"))
    }
}

const CSV: &str = "concurrency-models.csv";

/// A grid of one's own.
#[derive(Debug, Args)]
struct OwnGrid {
    /// Only these numbers of partitions, as in `1,4`.
    #[arg(long, value_delimiter = ',', conflicts_with = "quick", value_parser = clap::value_parser!(u16).range(1..=1024))]
    partitions: Vec<u16>,
    /// Only these numbers of consumers.
    #[arg(long, value_delimiter = ',', conflicts_with = "quick", value_parser = clap::value_parser!(u16).range(1..=1024))]
    consumers: Vec<u16>,
    /// Only these numbers of workers.
    #[arg(long, value_delimiter = ',', conflicts_with = "quick", value_parser = clap::value_parser!(u16).range(1..=10_000))]
    workers: Vec<u16>,
    /// Only these handlers, as in `timer:10ms,http:1ms,compute:1ms,sqlite`.
    #[arg(long, value_delimiter = ',', conflicts_with = "quick")]
    work: Vec<Work>,
    /// Only these distributions of keys.
    #[arg(long, value_delimiter = ',', conflicts_with = "quick", value_enum)]
    keys: Vec<Keys>,
    /// Only these sizes of payloads.
    #[arg(long, value_delimiter = ',', conflicts_with = "quick", value_parser = clap::value_parser!(u32).range(i64::from(MIN_BYTES)..=900_000))]
    bytes: Vec<u32>,
}

impl Run {
    /// What to run.
    #[must_use]
    pub fn options(&self) -> Options {
        Options {
            grid: self.grid(),
            rounds: self.rounds,
            window: self.window,
            backlog: self.backlog,
            patience: self.patience,
            csv: self.csv.clone(),
            bootstrap_servers: self.bootstrap_servers.clone(),
        }
    }

    fn grid(&self) -> Grid {
        if self.quick {
            return Grid::quick();
        }
        let own = &self.own;
        let mut block = Grid::everything();
        replace(&mut block.partitions, &own.partitions);
        replace(&mut block.works, &own.work);
        replace(&mut block.keys, &own.keys);
        replace(&mut block.bytes, &own.bytes);
        let (mut consumers, mut workers) = (Grid::CONSUMERS.to_vec(), Grid::WORKERS.to_vec());
        replace(&mut consumers, &own.consumers);
        replace(&mut workers, &own.workers);
        block.settings = pairs(&consumers, &workers);
        Grid::of(vec![block])
    }
}

fn replace<T: Clone>(values: &mut Vec<T>, given: &[T]) {
    if !given.is_empty() {
        *values = given.to_vec();
    }
}

fn time(text: &str) -> Result<Duration, String> {
    let time = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    let sensible = Duration::from_millis(50)..=Duration::from_secs(600);
    if sensible.contains(&time) {
        Ok(time)
    } else {
        Err("expected 50ms to 10m".to_owned())
    }
}
