//! The listener against the bare loops, on the same topic and broker, in alternating rounds.
//!
//! ```text
//! cargo bench -p wellspring --bench listener            # everything, medians of 5 rounds
//! BENCH_KAFKA=localhost:9092 BENCH_ROUNDS=9 cargo bench -p wellspring --bench listener -- empty
//! ```
//!
//! Without `BENCH_KAFKA` the broker is a broker-lite in a process of its own. All contenders run
//! with the client properties of `CONSUMER_DEFAULTS`, `check.crcs` among them, and the same commit
//! interval, decode nothing, and commit only what they have handled (the row "stored by the client"
//! does not: it may lose records, and is there because many loops are written like that). The clock
//! runs from the first record to the last; processor time is that of this whole process,
//! librdkafka's threads included. Prints tables and writes `target/bench/listener.csv`.
#![expect(clippy::print_stdout, reason = "a benchmark prints its tables")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark ends when something is wrong"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::num::NonZeroUsize;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use bytes::Bytes;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer, StreamConsumer};
use rdkafka::message::Message;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use tokio::sync::Notify;
use wellspring::config::{CONSUMER_DEFAULTS, ClientProperties};
use wellspring::endpoint::{Consuming, Failing, Ordering, Processing, ResolvedEndpoint};
use wellspring::extract::ListenerId;
use wellspring::handler::BoxHandler;
use wellspring::listener::Container;
use wellspring::runtime::Clock;
use wellspring::types::{GroupId, TopicName};

const PARTITIONS: i32 = 4;
const COMMIT_EVERY_MS: &str = "100";
const DEADLINE: Duration = Duration::from_secs(300);

fn main() {
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    if wanted.first().is_some_and(|argument| argument == "serve") {
        return serve();
    }
    let runs = |name: &str| wanted.is_empty() || wanted.iter().any(|argument| argument == name);
    let broker = Kafka::find();
    let rounds = number_from("BENCH_ROUNDS", 5);
    let mut csv = String::from("case,contender,round,records_per_s,cpu_ns_per_record\n");
    if runs("empty") {
        for (size, records) in [(100, 2_000_000), (1024, 500_000)] {
            if number_from("BENCH_SIZE", size) != size {
                continue;
            }
            let topic = Topic::fill(
                &broker,
                size,
                number_from("BENCH_RECORDS", records),
                100_000,
            );
            empty_handler(&topic, rounds, &mut csv);
        }
    }
    if runs("sleep") {
        let topic = Topic::fill(&broker, 100, 40_000, 100_000);
        sleeping_handler(&topic, rounds.min(3), &mut csv);
    }
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/bench");
    std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::write(folder.join("listener.csv"), csv))
        .unwrap();
}

/// An empty handler: what the machinery costs.
fn empty_handler(topic: &Topic, rounds: usize, csv: &mut String) {
    let case = format!("empty handler, {} B", topic.size);
    let by_key = Run::workers(16, Ordering::Key);
    let contenders: [(&str, &dyn Fn() -> Sample); 7] = [
        ("BaseConsumer::poll", &|| {
            base_consumer(topic, Store::AfterHandling)
        }),
        ("StreamConsumer::recv", &|| stream_consumer(topic)),
        ("BaseConsumer::poll, stored by the client", &|| {
            base_consumer(topic, Store::ByTheClient)
        }),
        (DEFAULTS, &|| listener(topic, Run::DEFAULTS)),
        (UNCHECKED, &|| listener(topic, Run::DEFAULTS.unchecked())),
        ("listener, 16 workers in key order", &|| {
            listener(topic, by_key)
        }),
        ("listener, 16 workers in any order", &|| {
            listener(topic, Run::workers(16, Ordering::None))
        }),
    ];
    let samples = table(&case, rounds, &contenders, csv);
    print_cost_of_checks(&samples);
}

const DEFAULTS: &str = "listener, defaults";
const UNCHECKED: &str = "listener, check.crcs=false";

/// Prints what `check.crcs` costs a listener, by the rounds that had both.
fn print_cost_of_checks(samples: &BTreeMap<&str, Vec<Sample>>) {
    let (Some(checked), Some(unchecked)) = (samples.get(DEFAULTS), samples.get(UNCHECKED)) else {
        return;
    };
    let pairs = || checked.iter().zip(unchecked);
    let more = median(pairs().map(|(with, without)| with.cpu_ns - without.cpu_ns));
    let share = median(pairs().map(|(with, without)| with.cpu_ns / without.cpu_ns - 1.0));
    let rate = median(pairs().map(|(with, without)| with.per_second / without.per_second - 1.0));
    println!(
        "check.crcs costs {more:.0} ns of processor time a record ({:+.1} %), the rate changes by {:+.1} %",
        share * 100.0,
        rate * 100.0
    );
}

/// A handler that waits 10 ms: how many of them run at the same time, beside as many tasks that do
/// nothing else.
fn sleeping_handler(topic: &Topic, rounds: usize, csv: &mut String) {
    let ms = Duration::from_millis(10);
    let contenders: [(&str, &dyn Fn() -> Sample); 2] = [
        ("tokio's timer, 64 tasks", &|| timer(topic.records, 64, ms)),
        ("listener, 64 workers in key order", &|| {
            listener(topic, Run::workers(64, Ordering::Key).that_waits(ms))
        }),
    ];
    table("handler that waits 10 ms", rounds, &contenders, csv);
}

/// What one run of one contender came to.
#[derive(Clone, Copy)]
struct Sample {
    per_second: f64,
    cpu_ns: f64,
}

/// Runs the contenders in turn and prints their table. Returns the samples of each.
fn table<'a>(
    case: &str,
    rounds: usize,
    contenders: &[(&'a str, &dyn Fn() -> Sample)],
    csv: &mut String,
) -> BTreeMap<&'a str, Vec<Sample>> {
    // For a profile of one of them.
    let only = std::env::var("BENCH_ONLY").unwrap_or_default();
    let chosen: Vec<_> = contenders
        .iter()
        .filter(|(name, _)| name.contains(&only))
        .copied()
        .collect();
    let contenders = chosen.as_slice();
    let mut samples: Vec<Vec<Sample>> = contenders.iter().map(|_| Vec::new()).collect();
    for round in 0..rounds {
        for ((name, run), samples) in contenders.iter().zip(&mut samples) {
            let sample = run();
            writeln!(
                csv,
                "\"{case}\",\"{name}\",{round},{:.0},{:.0}",
                sample.per_second, sample.cpu_ns
            )
            .unwrap();
            samples.push(sample);
        }
    }
    println!(
        "\n{case} (medians of {rounds} rounds; ratios to the first row are taken inside a round)"
    );
    println!(
        "{:<42} {:>12} {:>10} {:>8} {:>8}",
        "", "records/s", "CPU ns", "rate ×", "CPU ×"
    );
    let base = samples.first().cloned().unwrap_or_default();
    for ((name, _), samples) in contenders.iter().zip(&samples) {
        let paired = || samples.iter().zip(&base);
        println!(
            "{name:<42} {:>12.0} {:>10.0} {:>8.2} {:>8.2}",
            median(samples.iter().map(|sample| sample.per_second)),
            median(samples.iter().map(|sample| sample.cpu_ns)),
            median(paired().map(|(sample, base)| sample.per_second / base.per_second)),
            median(paired().map(|(sample, base)| sample.cpu_ns / base.cpu_ns)),
        );
    }
    contenders
        .iter()
        .zip(samples)
        .map(|((name, _), samples)| (*name, samples))
        .collect()
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

// The contenders.

#[derive(Clone, Copy, PartialEq)]
enum Store {
    AfterHandling,
    ByTheClient,
}

fn base_consumer(topic: &Topic, store: Store) -> Sample {
    let mut config = topic.config();
    config.set(
        "enable.auto.offset.store",
        (store == Store::ByTheClient).to_string(),
    );
    let consumer: BaseConsumer = config.create().unwrap();
    consumer.subscribe(&[&topic.name]).unwrap();
    let meter = Meter::new(topic.records);
    while !meter.is_done() {
        let Some(Ok(message)) = consumer.poll(Duration::from_millis(100)) else {
            continue;
        };
        std::hint::black_box(message.payload());
        meter.count();
        if store == Store::AfterHandling {
            consumer.store_offset_from_message(&message).unwrap();
        }
    }
    meter.sample()
}

fn stream_consumer(topic: &Topic) -> Sample {
    runtime().block_on(async {
        let mut config = topic.config();
        config.set("enable.auto.offset.store", "false");
        let consumer: StreamConsumer = config.create().unwrap();
        consumer.subscribe(&[&topic.name]).unwrap();
        let meter = Meter::new(topic.records);
        while !meter.is_done() {
            let message = consumer.recv().await.unwrap();
            std::hint::black_box(message.payload());
            meter.count();
            consumer.store_offset_from_message(&message).unwrap();
        }
        meter.sample()
    })
}

/// What the timer allows: tasks that share the records and wait for each.
fn timer(records: u64, tasks: usize, wait: Duration) -> Sample {
    let meter = Arc::new(Meter::new(records));
    let left = Arc::new(AtomicU64::new(records));
    runtime().block_on(async {
        let mut set = tokio::task::JoinSet::new();
        for _ in 0..tasks {
            let (meter, left, clock) = (meter.clone(), left.clone(), Clock::system());
            set.spawn(async move {
                while left
                    .fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1))
                    .is_ok()
                {
                    clock.sleep(wait).await;
                    meter.count();
                }
            });
        }
        set.join_all().await;
        meter.sample()
    })
}

/// How a listener runs.
#[derive(Clone, Copy)]
struct Run {
    workers: usize,
    ordering: Ordering,
    /// How long its handler waits.
    waits: Duration,
    /// Its `check.crcs`.
    checks: bool,
}

impl Run {
    const DEFAULTS: Self = Self::workers(1, Ordering::Partition);

    const fn workers(workers: usize, ordering: Ordering) -> Self {
        Self {
            workers,
            ordering,
            waits: Duration::ZERO,
            checks: true,
        }
    }

    const fn that_waits(self, waits: Duration) -> Self {
        Self { waits, ..self }
    }

    const fn unchecked(self) -> Self {
        Self {
            checks: false,
            ..self
        }
    }
}

fn listener(topic: &Topic, run: Run) -> Sample {
    let Run {
        workers,
        ordering,
        waits,
        checks,
    } = run;
    let meter = Arc::new(Meter::new(topic.records));
    let counter = meter.clone();
    let handler = if waits.is_zero() {
        BoxHandler::new(move |payload: Bytes| {
            std::hint::black_box(&payload);
            counter.count();
            std::future::ready(())
        })
    } else {
        let clock = Clock::system();
        BoxHandler::new(move |payload: Bytes| {
            std::hint::black_box(&payload);
            let (counter, sleep) = (counter.clone(), clock.sleep(waits));
            async move {
                sleep.await;
                counter.count();
            }
        })
    };
    let endpoint = ResolvedEndpoint {
        id: ListenerId::new("bench"),
        topics: vec![TopicName::new(&topic.name).unwrap()],
        group: GroupId::new(fresh_group()).unwrap(),
        consuming: Consuming::default(),
        processing: Processing {
            workers: NonZeroUsize::new(workers).unwrap(),
            ordering,
        },
        failing: Failing::default(),
        handler,
    };
    let mut properties = ClientProperties::new();
    // The container adds `CONSUMER_DEFAULTS`.
    properties.set("bootstrap.servers", &topic.bootstrap);
    properties.set("check.crcs", checks.to_string());
    let runtime = runtime();
    runtime.block_on(async {
        let container = Container::builder(endpoint, properties)
            .start(runtime.handle())
            .await
            .unwrap();
        Clock::system()
            .timeout(DEADLINE, meter.done())
            .await
            .expect("all records in time");
        let sample = meter.sample();
        container.stop(Duration::from_secs(5)).await;
        sample
    })
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap()
}

// Measuring.

/// Counts records; notes time and processor time at the first and at the last one.
struct Meter {
    expected: u64,
    counted: AtomicU64,
    first: std::sync::OnceLock<(Instant, Duration)>,
    last: std::sync::OnceLock<(Instant, Duration)>,
    done: Notify,
}

impl Meter {
    fn new(expected: u64) -> Self {
        let counted = AtomicU64::new(0);
        Self {
            expected,
            counted,
            first: Default::default(),
            last: Default::default(),
            done: Notify::new(),
        }
    }

    fn count(&self) {
        let before = self.counted.fetch_add(1, Relaxed);
        if before == 0 {
            self.first.get_or_init(now);
        }
        if before + 1 == self.expected {
            self.last.get_or_init(now);
            self.done.notify_one();
        }
    }

    fn is_done(&self) -> bool {
        self.last.get().is_some()
    }

    async fn done(&self) {
        self.done.notified().await;
    }

    fn sample(&self) -> Sample {
        let (start, cpu_at_start) = *self.first.get().unwrap();
        let (end, cpu_at_end) = *self.last.get().unwrap();
        let records = f64::from(u32::try_from(self.expected).unwrap());
        Sample {
            per_second: records / (end - start).as_secs_f64(),
            cpu_ns: (cpu_at_end - cpu_at_start).as_secs_f64() * 1e9 / records,
        }
    }
}

fn now() -> (Instant, Duration) {
    (Clock::system().now(), processor_time())
}

/// User and system time of this process, as Linux counts it.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/schedstat").ok();
    let threads = std::fs::read_dir("/proc/self/task")
        .into_iter()
        .flatten()
        .flatten();
    let of_thread = |thread: std::fs::DirEntry| {
        let text = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    };
    let nanoseconds: u64 = threads.filter_map(of_thread).sum();
    if nanoseconds == 0 {
        println!("# no /proc/self/task/*/schedstat ({stat:?}): processor time is not known");
    }
    Duration::from_nanos(nanoseconds)
}

// The topic and the broker.

struct Topic {
    bootstrap: String,
    name: String,
    size: usize,
    records: u64,
}

impl Topic {
    /// Writes records with 16-byte keys and `size` bytes of payload.
    fn fill(kafka: &Kafka, size: usize, records: u64, keys: u64) -> Self {
        let name = format!("bench-{}-{size}-{records}", std::process::id());
        let runtime = runtime();
        runtime.block_on(async {
            let admin: rdkafka::admin::AdminClient<_> = ClientConfig::new()
                .set("bootstrap.servers", &kafka.bootstrap)
                .create()
                .unwrap();
            let replication = rdkafka::admin::TopicReplication::Fixed(1);
            let topic = rdkafka::admin::NewTopic::new(&name, PARTITIONS, replication);
            admin
                .create_topics([&topic], &rdkafka::admin::AdminOptions::new())
                .await
                .unwrap();
        });
        let producer: BaseProducer = ClientConfig::new()
            .set("bootstrap.servers", &kafka.bootstrap)
            .set("linger.ms", "20")
            .set("batch.num.messages", "200")
            .set("queue.buffering.max.messages", "400000")
            .create()
            .unwrap();
        let payload = vec![b'x'; size];
        let mut random: u64 = 88_172_645_463_325_252;
        for _ in 0..records {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let key = format!("key-{:012}", random % keys);
            let mut record = BaseRecord::to(&name).key(&key).payload(&payload);
            while let Err((_, refused)) = producer.send(record) {
                producer.poll(Duration::from_millis(10));
                record = refused;
            }
            producer.poll(Duration::ZERO);
        }
        producer.flush(DEADLINE).unwrap();
        Self {
            bootstrap: kafka.bootstrap.clone(),
            name,
            size,
            records,
        }
    }

    /// The properties our listener runs with, for a bare loop.
    fn config(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        for default in CONSUMER_DEFAULTS {
            config.set(default.name, default.value);
        }
        config
            .set("bootstrap.servers", &self.bootstrap)
            .set("group.id", fresh_group())
            .set("enable.auto.commit", "true")
            .set("auto.commit.interval.ms", COMMIT_EVERY_MS);
        config
    }
}

fn fresh_group() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!(
        "bench-{}-{}",
        std::process::id(),
        NEXT.fetch_add(1, Relaxed)
    )
}

fn number_from<T: std::str::FromStr>(variable: &str, default: T) -> T {
    std::env::var(variable)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

/// The broker that everything is measured on.
struct Kafka {
    bootstrap: String,
    process: Option<Child>,
}

impl Kafka {
    fn find() -> Self {
        if let Ok(bootstrap) = std::env::var("BENCH_KAFKA") {
            return Self {
                bootstrap,
                process: None,
            };
        }
        let program = std::env::current_exe().unwrap();
        let mut process = Command::new(program)
            .arg("serve")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process for the broker");
        let mut bootstrap = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut bootstrap)
            .unwrap();
        Self {
            bootstrap: bootstrap.trim().to_owned(),
            process: Some(process),
        }
    }
}

impl Drop for Kafka {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            drop(process.stdin.take());
            process.wait().expect("the broker's process ends");
        }
    }
}

/// The broker's process: serves until its standard input ends.
fn serve() {
    let runtime = runtime();
    let broker = runtime
        .block_on(broker_lite::Broker::builder().start())
        .unwrap();
    println!("{}", broker.bootstrap());
    std::io::copy(&mut std::io::stdin(), &mut std::io::sink()).unwrap();
    runtime.block_on(broker.stop());
}
