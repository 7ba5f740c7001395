//! How long two consumers of one group need until each has its half of the partitions: a listener
//! with `concurrency = 2` against two plain consumers with the same settings.
//!
//! ```text
//! cargo bench -p wellspring --bench balance
//! BENCH_KAFKA=localhost:9092 BENCH_ROUNDS=9 cargo bench -p wellspring --bench balance
//! ```
//!
//! Without `BENCH_KAFKA` the broker is a broker-lite in this process. Each round has a group of its
//! own and begins with clients that do not exist yet; the contenders alternate. The listener's time
//! is that of `start()`, which also looks up the positions that its consumers begin at.
//!
//! A Kafka with `group.initial.rebalance.delay.ms=0` gives the first consumer everything when the
//! second comes a millisecond later. librdkafka joins once a second at most, so that the others of
//! these rounds take a second longer: compare the means of many rounds. With Kafka's default of 3 s
//! both contenders take those.
//!
//! `BENCH_PROPERTIES=heartbeat.interval.ms=500,...` overrides properties of all consumers.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark may fail, and prints"
)]

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use tokio::runtime::Runtime;
use wellspring::app::App;
use wellspring::config::{CONSUMER_DEFAULTS, Loader};
use wellspring::endpoint::Endpoint;
use wellspring::extract::RecordContext;
use wellspring::runtime::Clock;

const CONSUMERS: usize = 2;
const PARTITIONS: usize = 4;
const DEADLINE: Duration = Duration::from_secs(30);

fn main() {
    let runtime = Runtime::new().expect("a runtime");
    let (broker, bootstrap) = match std::env::var("BENCH_KAFKA") {
        Ok(bootstrap) => (None, bootstrap),
        Err(_) => {
            let broker = runtime.block_on(broker_lite::Broker::builder().start());
            let broker = broker.expect("a broker");
            let bootstrap = broker.bootstrap().to_owned();
            (Some(broker), bootstrap)
        }
    };
    let rounds = std::env::var("BENCH_ROUNDS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(15);
    let topic = make_topic(&runtime, &bootstrap);
    let (mut plain, mut listener) = (Vec::new(), Vec::new());
    // The first round makes the broker's own topics and is not counted.
    for round in 0..=rounds {
        let mut times = [Duration::ZERO; 2];
        // Who goes first changes, so that nobody always follows the same one.
        for turn in 0..2 {
            match (round + turn) % 2 {
                0 => times[0] = plain_consumers(&bootstrap, &topic),
                _ => times[1] = start(&runtime, &bootstrap, &topic),
            }
        }
        if round > 0 {
            plain.push(times[0]);
            listener.push(times[1]);
        }
    }
    println!(
        "{:<50} {:>11} {:>10} {:>10} {:>10}",
        "", "fastest ms", "median ms", "mean ms", "longest ms"
    );
    report("two plain consumers, until they are balanced", plain);
    report("start() of a listener with concurrency 2", listener);
    if let Some(broker) = broker {
        runtime.block_on(broker.stop());
    }
}

fn report(name: &str, mut times: Vec<Duration>) {
    times.sort();
    let ms = |time: &Duration| time.as_secs_f64() * 1000.0;
    let at = |place: usize| times.get(place).map_or(f64::NAN, ms);
    let rounds = u32::try_from(times.len()).expect("a few");
    let mean = ms(&(times.iter().sum::<Duration>() / rounds.max(1)));
    println!(
        "{name:<50} {:>11.1} {:>10.1} {mean:>10.1} {:>10.1}",
        at(0),
        at(times.len() / 2),
        at(times.len().saturating_sub(1))
    );
}

/// Two consumers that start together, each polled by a thread of its own.
fn plain_consumers(bootstrap: &str, topic: &str) -> Duration {
    let config = plain_config(bootstrap);
    let shares: [AtomicUsize; CONSUMERS] = Default::default();
    // Told once: as soon as one of them has left, the other one gets its partitions.
    let balanced_after = OnceLock::new();
    let is_balanced = || {
        let share = PARTITIONS / CONSUMERS;
        shares
            .iter()
            .all(|own| own.load(Ordering::Acquire) == share)
    };
    let begun = Clock::system().now();
    let consume = &|own: &AtomicUsize| {
        let consumer: BaseConsumer = config.create().expect("a consumer");
        consumer.subscribe(&[topic]).expect("a subscription");
        while balanced_after.get().is_none() && begun.elapsed() < DEADLINE {
            drop(consumer.poll(Duration::from_millis(1)));
            let assignment = consumer.assignment().expect("an assignment");
            own.store(assignment.count(), Ordering::Release);
            if is_balanced() {
                balanced_after.get_or_init(|| begun.elapsed());
            }
        }
    };
    thread::scope(|scope| {
        for own in &shares {
            scope.spawn(move || consume(own));
        }
    });
    balanced_after.into_inner().expect("balanced in time")
}

/// What a listener's consumers run with.
fn plain_config(bootstrap: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    for default in CONSUMER_DEFAULTS {
        config.set(default.name, default.value);
    }
    config
        .set("bootstrap.servers", bootstrap)
        .set("group.id", fresh_group())
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false");
    for (name, value) in overrides() {
        config.set(name, value);
    }
    config
}

fn start(runtime: &Runtime, bootstrap: &str, topic: &str) -> Duration {
    let loader = Loader::new().set("kafka.bootstrap-servers", bootstrap);
    let loader = overrides()
        .into_iter()
        .fold(loader, |loader, (name, value)| {
            loader.set(format!("kafka.consumer.properties.{name}"), value)
        });
    let config = loader.load().expect("a configuration");
    let endpoint = Endpoint::builder(topic, fresh_group())
        .concurrency(CONSUMERS)
        .handler(|_: RecordContext| async {});
    runtime.block_on(async {
        let begun = Clock::system().now();
        let app = App::new(config).endpoint(endpoint).start().await;
        let started = begun.elapsed();
        app.expect("it starts").stop(DEADLINE).await;
        started
    })
}

fn overrides() -> Vec<(String, String)> {
    let written = std::env::var("BENCH_PROPERTIES").unwrap_or_default();
    let pairs = written.split(',').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn make_topic(runtime: &Runtime, bootstrap: &str) -> String {
    let name = format!("balance-{}", std::process::id());
    let admin: AdminClient<DefaultClientContext> = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .create()
        .expect("an admin client");
    let partitions = i32::try_from(PARTITIONS).expect("a few");
    let topic = NewTopic::new(&name, partitions, TopicReplication::Fixed(1));
    let made = runtime.block_on(admin.create_topics([&topic], &AdminOptions::new()));
    made.expect("an answer")
        .into_iter()
        .for_each(|topic| drop(topic.expect("the topic is made")));
    name
}

fn fresh_group() -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("balance-{}-{number}", std::process::id())
}
