//! A run: measures what the CSV file does not have yet, cell by cell.

use std::future::Future;
use std::path::PathBuf;
use std::pin::pin;
use std::time::Duration;

use tokio::sync::oneshot;
use uuid::Uuid;
use wellspring::app::RunningApp;
use wellspring::prelude::App;

use super::cell::Cell;
use super::compute::Speed;
use super::grid::{Grid, Measurement, remaining};
use super::http::SlowService;
use super::limits::Limits;
use super::load::Load;
use super::machine::{self, Machine};
use super::process::ConsumerProcess;
use super::progress::Progress;
use super::protocol::{Assignment, Phase};
use super::results::{Origin, Results};
use super::row::Row;
use super::topics::{self, Topics};
use crate::common::Kafka;

/// How to run.
#[derive(Debug, Clone)]
pub struct Options {
    /// What to measure.
    pub grid: Grid,
    /// How often.
    pub rounds: u32,
    /// The longest time that a backlog is drained, and that a paced load lasts.
    pub window: Duration,
    /// Records of a backlog with small payloads.
    pub backlog: u64,
    /// How long Kafka may do nothing before the run ends.
    pub patience: Duration,
    /// Where the rows go.
    pub csv: PathBuf,
    /// The Kafka to use; `None` asks the configuration, and starts a broker when that names none.
    pub bootstrap_servers: Option<String>,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The file has all rows.
    Complete,
    /// It was stopped before; so many measurements are missing.
    Stopped {
        /// What is missing.
        missing: usize,
    },
}

/// The paced load is this part of what draining came to.
const PACED_PART: f64 = 0.5;
/// Most records of a second of paced load, and most bytes.
const MAX_PACED_RECORDS: f64 = 5_000.0;
const MAX_PACED_BYTES: f64 = 10e6;

/// What a measurement takes beside its two windows, roughly.
const OVERHEAD: Duration = Duration::from_secs(1);

/// Measures what the file does not have yet, until it has all or `until` resolves.
///
/// # Errors
/// When the machine cannot hold a cell, the file is of another run, or Kafka goes away. What was
/// measured before is in the file, and the next run goes on from there.
pub async fn run(
    options: &Options,
    until: impl Future<Output = ()>,
) -> wellspring::Result<Outcome> {
    let all = options.grid.measurements(options.rounds);
    let limits = Limits::raise_and_read()?;
    let kafka = Kafka::connect(options.bootstrap_servers.as_deref(), None).await?;
    let outcome = run_on(&kafka, options, &all, limits, until).await;
    kafka.stop().await;
    outcome
}

async fn run_on(
    kafka: &Kafka,
    options: &Options,
    all: &[Measurement],
    limits: Limits,
    until: impl Future<Output = ()>,
) -> wellspring::Result<Outcome> {
    let mut results = Results::open(&options.csv, &origin(kafka, options)?)?;
    let open = remaining(all, results.done());
    if open.is_empty() {
        return Ok(Outcome::Complete);
    }
    let cells = || open.iter().map(|(_, cell)| cell);
    let held = if kafka.is_own() {
        topics::bytes_of_backlogs(options.backlog, cells())
    } else {
        0
    };
    limits.check(&open, |cell| topics::records(options.backlog, cell), held)?;

    let mut study = Study::start(kafka, options, &open).await?;
    let mut progress = Progress::begin(open.len(), options.window * 2 + OVERHEAD);
    let mut until = pin!(until);
    let mut missing = open.len();
    for measurement in open {
        let measured = tokio::select! {
            measured = study.measure(measurement, &progress) => measured,
            () = &mut until => return Ok(Outcome::Stopped { missing }),
        };
        let row =
            measured.map_err(|error| interrupted(&error, &measurement.1, missing, options))?;
        results.append(&row)?;
        progress.made(&row);
        missing -= 1;
    }
    study.app.stop(options.patience).await;
    Ok(Outcome::Complete)
}

fn interrupted(
    error: &wellspring::BoxError,
    cell: &Cell,
    missing: usize,
    options: &Options,
) -> wellspring::BoxError {
    let chain = std::iter::successors(error.source(), |cause| cause.source());
    let reason = chain.fold(error.to_string(), |line, cause| format!("{line}: {cause}"));
    let csv = options.csv.display();
    format!("the cell {cell} could not be measured: {reason}. {missing} measurements are missing; what was measured is in {csv}, and the same command goes on from there").into()
}

fn origin(kafka: &Kafka, options: &Options) -> wellspring::Result<Origin> {
    let broker = if kafka.is_own() {
        "broker-lite in memory, in the process of the producer".to_owned()
    } else {
        format!("Kafka at {}", kafka.bootstrap_servers())
    };
    let build = if cfg!(debug_assertions) {
        "debug"
    } else {
        "release"
    };
    Ok(Origin {
        machine: Machine::read()?,
        broker,
        grid: options.grid.fingerprint(),
        window: options.window,
        backlog: options.backlog,
        build: build.to_owned(),
    })
}

/// What all measurements of a run share.
struct Study<'a> {
    kafka: &'a Kafka,
    options: &'a Options,
    run: String,
    service: SlowService,
    speed: Speed,
    app: RunningApp,
    load: Load,
    topics: Topics,
    made: u64,
}

impl<'a> Study<'a> {
    /// Starts what is needed beside the consumers, and makes the topics.
    async fn start(
        kafka: &'a Kafka,
        options: &'a Options,
        open: &[Measurement],
    ) -> wellspring::Result<Self> {
        let id = Uuid::new_v4().simple().to_string();
        let run = id.get(..8).unwrap_or(&id).to_owned();
        let topics = Topics::new(&run, options.backlog);
        let app = App::from_env()?
            .set("kafka.bootstrap-servers", kafka.bootstrap_servers())
            .set("app.start-deadline", "30s")
            .set("kafka.producer.properties.linger.ms", "1")
            // Batches of a partition in a row are all that a worker can choose from: with large
            // ones one measures the producer.
            .set("kafka.producer.properties.batch.num.messages", "200")
            .set(
                "kafka.producer.properties.delivery.timeout.ms",
                options.patience.as_millis(),
            );
        let app = topics
            .declare(app, open.iter().map(|(_, cell)| cell))
            .start()
            .await?;
        Ok(Self {
            kafka,
            options,
            service: SlowService::start().await?,
            speed: measured_speed().await?,
            load: Load::new(app.template()?),
            app,
            topics,
            run,
            made: 0,
        })
    }

    async fn measure(
        &mut self,
        measurement: Measurement,
        progress: &Progress,
    ) -> wellspring::Result<Row> {
        let (_, cell) = &measurement;
        if !self.topics.has_backlog(cell) {
            progress.say(&format!(
                "writing the backlog {}",
                self.topics.backlog_of(cell)
            ));
        }
        let backlog = self.topics.fill(cell, &self.load).await?;
        let live = self.topics.live_of(cell);
        self.made += 1;
        let mut assignment = Assignment {
            cell: *cell,
            phase: Phase::Drain,
            bootstrap_servers: self.kafka.bootstrap_servers().to_owned(),
            backlog,
            live: live.clone(),
            name: format!("concurrency-models-{}-{}", self.run, self.made),
            window: self.options.window,
            patience: self.options.patience,
            service: self.service.address(),
            speed: self.speed,
        };
        let drained = ConsumerProcess::start(&assignment)?.drained().await?;
        assignment.phase = Phase::Pace;
        let mut consumer = ConsumerProcess::start(&assignment)?;
        consumer.ready().await?;
        let pace = pace(cell, drained.per_second());
        let window = self.options.window;
        let sent = self.load.pace(&live, cell, pace, window).await?;
        let paced = consumer.paced(sent).await?;
        let load = machine::load()?;
        Ok(Row::new(measurement, &drained, pace, &paced, load))
    }
}

/// Returns the records per second of the paced load, for a cell that drains so many.
fn pace(cell: &Cell, drained_per_second: f64) -> f64 {
    let by_bytes = MAX_PACED_BYTES / f64::from(cell.bytes);
    (drained_per_second * PACED_PART)
        .min(MAX_PACED_RECORDS)
        .min(by_bytes)
}

/// Measures how fast the machine computes, on a thread that nobody else uses.
async fn measured_speed() -> wellspring::Result<Speed> {
    let (measured, is_measured) = oneshot::channel();
    std::thread::spawn(move || measured.send(Speed::measure()));
    Ok(is_measured.await?)
}
