//! How long until a broker is of use, beside librdkafka's own mock cluster in the same run.
//!
//! `cargo bench -p broker-lite --bench startup`. Each line is the median of 20 runs with a stock
//! rdkafka client at its default settings; the ratio is the peer's time over ours.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark reads the real clock, prints, and has nothing to save when it fails"
)]

mod support;

use std::time::{Duration, Instant};

use broker_lite::Broker;
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{
    BaseProducer, BaseRecord, DefaultProducerContext, FutureProducer, FutureRecord, Producer,
};
use support::{Process, csv, median, table};
use tokio::runtime::Runtime;

const RUNS: usize = 20;

/// One measured life of a broker.
struct Life {
    start: Duration,
    first_produce: Duration,
    first_group_record: Duration,
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let ours = lives(|| ours(&runtime));
    let mock = lives(|| mock(&runtime));
    let mut rows = vec![vec![
        "median of 20".into(),
        "broker-lite".into(),
        "rdkafka mock".into(),
        "ratio".into(),
    ]];
    let mut row = |what: &str, ours: Duration, mock: Duration| {
        let ratio = mock.as_secs_f64() / ours.as_secs_f64();
        rows.push(vec![
            what.into(),
            millis(ours),
            millis(mock),
            format!("{ratio:.1}"),
        ]);
    };
    row("start() returns, ms", ours.start, mock.start);
    row(
        "start to first acknowledged produce, ms",
        ours.first_produce,
        mock.first_produce,
    );
    row(
        "subscribe to first group record, ms",
        ours.first_group_record,
        mock.first_group_record,
    );
    println!("{}", table(&rows));
    csv("startup.csv", &rows);

    let (ready, worst) = median((0..RUNS).map(|_| Process::start(&[]).ready_after).collect());
    println!(
        "the program: exec to ready line {} ms (worst {} ms)",
        millis(ready),
        millis(worst)
    );
    let folder = tempfile::tempdir().unwrap();
    let on_disk = [
        "--data-dir",
        folder.path().to_str().unwrap(),
        "--topic",
        "orders:4",
    ];
    // Each process is killed, so each start but the first looks through all that is there.
    drop(Process::start(&on_disk));
    let (ready, worst) = median(
        (0..RUNS)
            .map(|_| Process::start(&on_disk).ready_after)
            .collect(),
    );
    println!(
        "on a data folder: exec to ready line {} ms (worst {} ms)",
        millis(ready),
        millis(worst)
    );
    let idle = Process::start(&["--topic", "orders:4"]);
    let client = producer(&idle.address);
    client
        .client()
        .fetch_metadata(None, Duration::from_secs(5))
        .unwrap();
    drop(client);
    println!(
        "the program: {:.1} MiB resident when idle",
        idle.resident() as f64 / 1024.0
    );
}

fn millis(time: Duration) -> String {
    format!("{:.2}", time.as_secs_f64() * 1000.0)
}

fn lives(live: impl Fn() -> Life) -> Life {
    let lives: Vec<Life> = (0..RUNS).map(|_| live()).collect();
    let middle = |of: fn(&Life) -> Duration| median(lives.iter().map(of).collect()).0;
    Life {
        start: middle(|life| life.start),
        first_produce: middle(|life| life.first_produce),
        first_group_record: middle(|life| life.first_group_record),
    }
}

fn ours(runtime: &Runtime) -> Life {
    let started = Instant::now();
    let broker = runtime
        .block_on(Broker::builder().topic("orders", 4).start())
        .unwrap();
    let start = started.elapsed();
    let life = live(runtime, broker.bootstrap(), started, start);
    runtime.block_on(broker.stop());
    life
}

fn mock(runtime: &Runtime) -> Life {
    let started = Instant::now();
    let cluster: MockCluster<'static, DefaultProducerContext> = MockCluster::new(1).unwrap();
    cluster.create_topic("orders", 4, 1).unwrap();
    let start = started.elapsed();
    live(runtime, &cluster.bootstrap_servers(), started, start)
}

fn live(runtime: &Runtime, bootstrap: &str, started: Instant, start: Duration) -> Life {
    let producer: FutureProducer = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .create()
        .unwrap();
    let record = FutureRecord::to("orders").key("key").payload("first");
    runtime
        .block_on(producer.send(record, Duration::from_secs(10)))
        .unwrap();
    let first_produce = started.elapsed();

    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("group.id", "bench")
        .set("auto.offset.reset", "earliest")
        .create()
        .unwrap();
    let subscribed = Instant::now();
    consumer.subscribe(&["orders"]).unwrap();
    while consumer
        .poll(Duration::from_secs(10))
        .transpose()
        .unwrap()
        .is_none()
    {}
    Life {
        start,
        first_produce,
        first_group_record: subscribed.elapsed(),
    }
}

fn producer(bootstrap: &str) -> BaseProducer {
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .create()
        .unwrap();
    producer
        .send(BaseRecord::<str, str>::to("orders").payload("warm"))
        .unwrap();
    producer.flush(Duration::from_secs(5)).unwrap();
    producer
}
