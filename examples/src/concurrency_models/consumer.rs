//! The process that consumes: measures one half of a cell and ends.
//!
//! Each has a process of its own, so that threads, connections, memory and processor time are
//! those of this cell alone. The broker, the producer and the service that handlers call are in the
//! program's process.

use std::io::{self, Write as _};
use std::thread;
use std::time::Duration;

use rustix::time::ClockId;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines, Stdin};
use tokio::runtime::{self, Handle};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use wellspring::app::RunningApp;
use wellspring::endpoint::Endpoint;
use wellspring::extract::RecordContext;
use wellspring::prelude::App;
use wellspring::runtime::Clock;

use super::compute::processor_time;
use super::handler::{Worker, handle};
use super::protocol::{Assignment, Drained, Order, Paced, Phase, Said, Sent};
use super::tally::{Latencies, Tally};
use super::usage::Usage;

/// How often a condition is looked at that nobody announces.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Measures what `assignment` says, reports on standard output, and is told on standard input how
/// many records were sent. The listener runs on the runtime that calls this.
///
/// # Errors
/// When standard output is gone. A measurement that failed is reported as such.
pub async fn run(assignment: Assignment) -> wellspring::Result {
    let handlers = Handle::current();
    let (measured, is_measured) = oneshot::channel();
    // Handlers that compute keep every thread of their runtime, its timers with it.
    thread::Builder::new()
        .name("stopwatch".to_owned())
        .spawn(move || drop(measured.send(watch(&assignment, handlers))))?;
    is_measured.await?
}

/// Measures, on a thread and with timers of its own.
fn watch(assignment: &Assignment, handlers: Handle) -> wellspring::Result {
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let measured = runtime.block_on(async {
        // Ctrl-c reaches every process of a terminal; the program decides when this one ends.
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut input = BufReader::new(tokio::io::stdin()).lines();
        tokio::select! {
            measured = measure(assignment, handlers, &mut input) => measured,
            () = async { while interrupt.recv().await.is_some() {} } => Ok(()),
        }
    });
    // Nobody waits for a line that does not come.
    runtime.shutdown_background();
    match measured {
        Ok(()) => Ok(()),
        Err(error) => say(&Said::Failed(error.to_string())),
    }
}

async fn measure(
    assignment: &Assignment,
    handlers: Handle,
    input: &mut Lines<BufReader<Stdin>>,
) -> wellspring::Result {
    let Assignment {
        cell,
        service,
        speed,
        ..
    } = assignment;
    let folder = tempfile::tempdir()?;
    let worker = Worker::new(cell.work, *service, folder.path(), *speed)?;
    let listeners = Listeners {
        assignment,
        handlers,
        // The process ends with the measurement, and a reference counts nothing: a count that
        // several threads share would cost the models with several consumers more than the others.
        worker: Box::leak(Box::new(worker)),
    };
    // The process ends without leaving the group, which nobody uses again: handlers that compute
    // would hold up a stop.
    match assignment.phase {
        Phase::Drain => say(&Said::Drained(drain(&listeners).await?)),
        Phase::Pace => say(&Said::Paced(pace(&listeners, input).await?)),
    }
}

/// Handles the backlog until it is drained or the window is over.
async fn drain(listeners: &Listeners<'_>) -> wellspring::Result<Drained> {
    let assignment = listeners.assignment;
    let (topic, records) = &assignment.backlog;
    let tally = tally(assignment, Latencies::Ignored)?;
    let _app = listeners.start(topic, tally).await?;
    let clock = Clock::system();
    let began = clock
        .timeout(assignment.patience, tally.begun())
        .await
        .map_err(|_| format!("no record of {topic} came within {:?}", assignment.patience))?;
    let window = clock.sleep_until(began.at + assignment.window);
    let all = async {
        while tally.handled() < *records {
            clock.sleep(LOOK_EVERY).await;
        }
    };
    tokio::select! {
        () = window => {}
        () = all => {}
    }
    let (mut records, mut took) = (tally.handled(), tally.span());
    let processor_time = processor_time(ClockId::ProcessCPUTime);
    if records == 0 {
        // The first record takes longer than the window: its end is measured, not the window's.
        until_handled(assignment, tally, 1).await?;
        (records, took) = (tally.handled(), tally.span());
    }
    Ok(Drained {
        records,
        took,
        processor_time: processor_time.saturating_sub(began.processor_time),
        usage: Usage::read(assignment.service)?,
        order: order(tally)?,
    })
}

/// Handles the load that the program sends, and says when it may begin.
async fn pace(
    listeners: &Listeners<'_>,
    input: &mut Lines<BufReader<Stdin>>,
) -> wellspring::Result<Paced> {
    let assignment = listeners.assignment;
    let tally = tally(assignment, Latencies::Noted)?;
    let _app = listeners.start(&assignment.live, tally).await?;
    let before = processor_time(ClockId::ProcessCPUTime);
    say(&Said::Ready)?;
    let line = input.next_line().await?.ok_or("the program is gone")?;
    let sent: Sent = serde_json::from_str(&line)?;
    until_handled(assignment, tally, sent.records).await?;
    let processor_time = processor_time(ClockId::ProcessCPUTime).saturating_sub(before);
    paced(tally, processor_time)
}

/// What the listeners of a cell have in common.
struct Listeners<'a> {
    assignment: &'a Assignment,
    /// The runtime that they run on.
    handlers: Handle,
    worker: &'static Worker,
}

impl Listeners<'_> {
    /// Starts one for `topic`, and returns once its partitions are assigned.
    async fn start(&self, topic: &str, tally: &'static Tally) -> wellspring::Result<RunningApp> {
        let Self {
            assignment, worker, ..
        } = *self;
        let cell = &assignment.cell;
        let mut endpoint = Endpoint::builder(topic, format!("{}-{topic}", assignment.name))
            .id("model")
            .concurrency(usize::from(cell.consumers))
            .workers(usize::from(cell.workers));
        if topic == assignment.live {
            // The topic has the records of earlier cells.
            endpoint = endpoint.property("auto.offset.reset", "latest");
        }
        let deadline = format!("{}ms", assignment.patience.as_millis());
        let app = App::from_env()?
            .set("kafka.bootstrap-servers", &assignment.bootstrap_servers)
            .set("app.start-deadline", deadline)
            .endpoint(endpoint.handler(move |record: RecordContext| async move {
                handle(worker, tally, record.record()).await;
            }));
        Ok(self.handlers.spawn(app.start()).await??)
    }
}

fn tally(assignment: &Assignment, latencies: Latencies) -> wellspring::Result<&'static Tally> {
    let Assignment { cell, .. } = assignment;
    let tally = Tally::new(cell.partitions, cell.keys.count(), latencies)?;
    Ok(Box::leak(Box::new(tally)))
}

/// Waits until `records` were handled. Gives up when no more come.
async fn until_handled(assignment: &Assignment, tally: &Tally, records: u64) -> wellspring::Result {
    let clock = Clock::system();
    let mut handled = tally.handled();
    let mut last_change = clock.now();
    while handled < records {
        clock.sleep(LOOK_EVERY).await;
        let now = clock.now();
        if tally.handled() > handled {
            (handled, last_change) = (tally.handled(), now);
        }
        if now.saturating_duration_since(last_change) > assignment.patience {
            let patience = assignment.patience;
            return Err(format!(
                "{handled} of {records} records were handled, and no more for {patience:?}"
            )
            .into());
        }
    }
    Ok(())
}

fn paced(tally: &Tally, processor_time: Duration) -> wellspring::Result<Paced> {
    let latencies = tally.latencies()?;
    let at = |quantile| Duration::from_micros(latencies.value_at_quantile(quantile));
    Ok(Paced {
        records: tally.handled(),
        processor_time,
        p50: at(0.5),
        p99: at(0.99),
        p999: at(0.999),
        order: order(tally)?,
    })
}

fn order(tally: &Tally) -> wellspring::Result<Order> {
    if let Some(reason) = tally.failure() {
        return Err(format!("a handler failed: {reason}").into());
    }
    Ok(Order {
        violations: tally.order().violations(),
        repeats: tally.order().repeats(),
    })
}

fn say(what: &Said) -> wellspring::Result {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", serde_json::to_string(what)?)?;
    Ok(out.flush()?)
}
