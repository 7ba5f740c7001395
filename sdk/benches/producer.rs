//! What the template costs beside the bare client: rate and processor time per record, and their
//! ratios.
//!
//! ```text
//! cargo bench -p wellspring --bench producer
//! ```
//!
//! The broker is a broker-lite in a process of its own, a fresh one for each round, or the one at
//! `BENCH_KAFKA=host:port`. All peers have the same librdkafka properties; rounds alternate, and
//! the table shows medians. `BENCH_CSV=file` gets a line per measurement, `BENCH_ROUNDS` and
//! `BENCH_RECORDS` set the size.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a benchmark may fail, and prints"
)]

use std::collections::{HashMap, VecDeque};
use std::fmt::Write as _;
use std::io::BufRead as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bytes::Bytes;
use rdkafka::config::ClientConfig;
use rdkafka::producer::{
    BaseRecord, DefaultProducerContext, DeliveryFuture, FutureProducer, FutureRecord,
    Producer as _, ThreadedProducer,
};
use wellspring::producer::{KafkaTemplate, Sending};
use wellspring::runtime::Clock;

/// Records under way at once, where answers are awaited.
const WINDOW: usize = 10_000;
const TOPIC: &str = "bench";
const LONG: Duration = Duration::from_secs(120);

/// What every peer is given.
const PROPERTIES: [(&str, &str); 5] = [
    ("enable.idempotence", "true"),
    ("acks", "all"),
    ("partitioner", "murmur2_random"),
    ("linger.ms", "5"),
    ("queue.buffering.max.messages", "1000000"),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Peer {
    Threaded,
    Future,
    Template,
}

const PEERS: [(Peer, &str); 3] = [
    (Peer::Threaded, "ThreadedProducer, no answers"),
    (Peer::Future, "FutureProducer, answers in order"),
    (Peer::Template, "KafkaTemplate, answers in order"),
];

struct Figure {
    rate: f64,
    cpu: f64,
}

fn main() {
    if std::env::args().any(|argument| argument == "--broker") {
        return serve();
    }
    let rounds = number("BENCH_ROUNDS", 5);
    let mut csv = String::from("size,peer,round,records_per_second,cpu_ns_per_record\n");
    for (size, records) in [
        (100, number("BENCH_RECORDS", 200_000)),
        (1024, number("BENCH_RECORDS", 200_000) / 2),
    ] {
        let mut figures: Vec<Vec<Figure>> = PEERS.iter().map(|_| Vec::new()).collect();
        for round in 0..rounds {
            let broker = BrokerProcess::start();
            // Who goes first changes, so that nobody always meets the fresh broker.
            let mut contenders: Vec<_> = PEERS.into_iter().zip(&mut figures).collect();
            contenders.rotate_left(round % PEERS.len());
            for ((peer, name), figures) in contenders {
                let figure = measure(peer, &broker.address, size, records);
                writeln!(
                    csv,
                    "{size},{name:?},{round},{:.0},{:.0}",
                    figure.rate, figure.cpu
                )
                .expect("it fits");
                figures.push(figure);
            }
        }
        print(size, records, &figures);
    }
    if let Ok(file) = std::env::var("BENCH_CSV") {
        std::fs::write(file, csv).expect("the file can be written");
    }
}

fn print(size: usize, records: usize, figures: &[Vec<Figure>]) {
    let medians: Vec<(f64, f64)> = figures
        .iter()
        .map(|all| {
            (
                median(all.iter().map(|f| f.rate)),
                median(all.iter().map(|f| f.cpu)),
            )
        })
        .collect();
    let base = medians.get(1).copied().unwrap_or((1.0, 1.0));
    println!("\n{records} records of {size} bytes, acks=all, idempotent, linger 5 ms");
    println!(
        "{:<34} {:>12} {:>8} {:>14} {:>8}",
        "", "records/s", "ratio", "cpu ns/record", "ratio"
    );
    for ((_, name), (rate, cpu)) in PEERS.iter().zip(&medians) {
        println!(
            "{name:<34} {rate:>12.0} {:>8.2} {cpu:>14.0} {:>8.2}",
            rate / base.0,
            cpu / base.1
        );
    }
}

fn measure(peer: Peer, address: &str, size: usize, records: usize) -> Figure {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(async {
        let payload = Bytes::from(vec![7; size]);
        let send = Send {
            address,
            payload: &payload,
            records,
        };
        match peer {
            Peer::Threaded => send.threaded(),
            Peer::Future => send.future().await,
            Peer::Template => send.template().await,
        }
    })
}

struct Send<'a> {
    address: &'a str,
    payload: &'a Bytes,
    records: usize,
}

impl Send<'_> {
    fn threaded(&self) -> Figure {
        let producer: ThreadedProducer<DefaultProducerContext> =
            self.config().create().expect("a producer");
        let all_answered = || {
            while producer.in_flight_count() > 0 {
                std::thread::park_timeout(Duration::from_micros(200));
            }
        };
        // The first record takes the producer's id and the connections; it is not timed, here and
        // below.
        let first = BaseRecord::<str, str>::to(TOPIC).payload("warm");
        producer
            .send(first)
            .map_err(|(error, _)| error)
            .expect("there is room");
        all_answered();
        let watch = Watch::start();
        for n in 0..self.records {
            let key = n.to_be_bytes();
            let record = BaseRecord::to(TOPIC)
                .key(&key[..])
                .payload(&self.payload[..]);
            producer
                .send(record)
                .map_err(|(error, _)| error)
                .expect("there is room");
        }
        all_answered();
        watch.stop(self.records)
    }

    async fn future(&self) -> Figure {
        let producer: FutureProducer = self.config().create().expect("a producer");
        producer
            .send(FutureRecord::<str, str>::to(TOPIC).payload("warm"), LONG)
            .await
            .expect("the topic is there");
        let mut window: VecDeque<DeliveryFuture> = VecDeque::with_capacity(WINDOW);
        let watch = Watch::start();
        for n in 0..self.records {
            if window.len() == WINDOW
                && let Some(oldest) = window.pop_front()
            {
                oldest.await.expect("an answer").expect("it is written");
            }
            let key = n.to_be_bytes();
            let record = FutureRecord::to(TOPIC)
                .key(&key[..])
                .payload(&self.payload[..]);
            window.push_back(
                producer
                    .send_result(record)
                    .map_err(|(error, _)| error)
                    .expect("there is room"),
            );
        }
        for answer in window {
            answer.await.expect("an answer").expect("it is written");
        }
        watch.stop(self.records)
    }

    async fn template(&self) -> Figure {
        let builder = KafkaTemplate::builder(self.address);
        let builder = PROPERTIES.iter().fold(builder, |builder, (name, value)| {
            builder.property(*name, *value)
        });
        let template = builder.build().expect("a template");
        template
            .record(TOPIC)
            .bytes("warm")
            .send()
            .await
            .expect("the topic is there");
        let mut window: VecDeque<Sending> = VecDeque::with_capacity(WINDOW);
        let watch = Watch::start();
        for n in 0..self.records {
            if window.len() == WINDOW
                && let Some(oldest) = window.pop_front()
            {
                oldest.await.expect("it is written");
            }
            let key = i64::try_from(n).expect("it fits");
            window.push_back(
                template
                    .record(TOPIC)
                    .key(&key)
                    .bytes(self.payload.clone())
                    .send(),
            );
        }
        for answer in window {
            answer.await.expect("it is written");
        }
        watch.stop(self.records)
    }

    fn config(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", self.address);
        for (name, value) in PROPERTIES {
            config.set(name, value);
        }
        config
    }
}

/// Wall clock and this process's own processor time.
struct Watch {
    wall: Instant,
    cpu: HashMap<String, u64>,
}

impl Watch {
    fn start() -> Self {
        Self {
            wall: Clock::system().now(),
            cpu: processor_times(),
        }
    }

    fn stop(&self, records: usize) -> Figure {
        let wall = Clock::system().now() - self.wall;
        let before = |id: &String| self.cpu.get(id).copied().unwrap_or_default();
        let times = processor_times();
        let cpu: u64 = times
            .iter()
            .map(|(id, time)| time.saturating_sub(before(id)))
            .sum();
        let cpu = Duration::from_nanos(cpu);
        let records = f64::from(u32::try_from(records).expect("it fits"));
        Figure {
            rate: records / wall.as_secs_f64(),
            cpu: cpu.as_secs_f64() * 1e9 / records,
        }
    }
}

/// Time on a processor of every thread that is alive, in nanoseconds, by thread id.
///
/// The kernel's ticks are too coarse here. A thread that ends while the watch runs is not counted;
/// none does.
fn processor_times() -> HashMap<String, u64> {
    let threads = std::fs::read_dir("/proc/self/task").expect("this is Linux");
    let time = |id: &str| {
        let line = std::fs::read_to_string(format!("/proc/self/task/{id}/schedstat")).ok()?;
        line.split_whitespace().next()?.parse().ok()
    };
    let ids = threads.filter_map(|thread| thread.ok()?.file_name().into_string().ok());
    ids.filter_map(|id| Some((time(&id)?, id)))
        .map(|(time, id)| (id, time))
        .collect()
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn number(name: &str, default: usize) -> usize {
    std::env::var(name)
        .ok()
        .and_then(|value| value.parse().ok())
        .unwrap_or(default)
}

/// A broker whose processor time is not ours.
struct BrokerProcess {
    address: String,
    child: Option<Child>,
}

impl BrokerProcess {
    fn start() -> Self {
        if let Ok(address) = std::env::var("BENCH_KAFKA") {
            return Self {
                address,
                child: None,
            };
        }
        let program = std::env::current_exe().expect("this program");
        let mut child = Command::new(program)
            .arg("--broker")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the broker's process");
        let output = std::io::BufReader::new(child.stdout.take().expect("its output"));
        let address = output
            .lines()
            .next()
            .expect("a line")
            .expect("the broker starts");
        Self {
            address,
            child: Some(child),
        }
    }
}

impl Drop for BrokerProcess {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // It ends when its input does; waiting closes that first.
            child.wait().expect("the broker ends");
        }
    }
}

/// The broker's process: prints its address and serves until its input ends.
fn serve() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let broker = runtime
        .block_on(broker_lite::Broker::builder().topic(TOPIC, 4).start())
        .expect("the broker starts");
    println!("{}", broker.bootstrap());
    std::io::stdin().lines().for_each(drop);
}
