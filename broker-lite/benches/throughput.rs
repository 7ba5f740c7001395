//! How many records a second librdkafka's client gets in and out, beside another Kafka in the same
//! run.
//!
//! `cargo bench -p broker-lite --bench throughput`; `BENCH_KAFKA=host:port` adds that Kafka and a
//! column of ratios, `BENCH_RECORDS` sets how many records of 100 bytes are sent (of 1 KiB a
//! fifth). One producer, one partition, acks=all, linger 5 ms, no compression; then one consumer
//! from the start. Client and broker share the machine; each figure is the best of three, after a
//! run that is not counted.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "a benchmark reads the real clock, prints, and has nothing to save when it fails"
)]

#[expect(dead_code, reason = "shared with the other benchmark")]
mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::{ClientContext, DefaultClientContext};
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, Producer, ProducerContext};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use support::{Process, csv, table};

const ROUNDS: usize = 3;
const TIMEOUT: Duration = Duration::from_secs(60);

/// Records a second, in and out.
#[derive(Clone, Copy, Default)]
struct Rates {
    produce: f64,
    consume: f64,
}

fn main() {
    let records: usize = std::env::var("BENCH_RECORDS")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(2_000_000);
    let folder = tempfile::tempdir().unwrap();
    let memory = Process::start(&[]);
    let disk = Process::start(&["--data-dir", folder.path().to_str().unwrap()]);
    let mut brokers = vec![
        ("memory", memory.address.clone()),
        ("disk", disk.address.clone()),
    ];
    if let Ok(kafka) = std::env::var("BENCH_KAFKA") {
        brokers.push(("kafka", kafka));
    }

    let head = ["broker", "size", "produce/s", "MB/s", "consume/s", "MB/s"];
    let mut rows = vec![head.map(String::from).to_vec()];
    let mut ratios = Vec::new();
    for (size, records) in [(100, records), (1024, records / 5)] {
        let measured: Vec<Rates> = brokers
            .iter()
            .map(|(name, address)| measure(name, address, size, records))
            .collect();
        for ((name, _), rates) in brokers.iter().zip(&measured) {
            let megabytes = |rate: f64| format!("{:.0}", rate * size as f64 / 1e6);
            rows.push(vec![
                (*name).to_owned(),
                size.to_string(),
                format!("{:.0}", rates.produce),
                megabytes(rates.produce),
                format!("{:.0}", rates.consume),
                megabytes(rates.consume),
            ]);
        }
        if let (Some(kafka), Some(disk)) = (measured.get(2), measured.get(1)) {
            ratios.push(format!(
                "{size} B, disk over kafka: produce {:.2}, consume {:.2}",
                disk.produce / kafka.produce,
                disk.consume / kafka.consume
            ));
        }
    }
    println!("{}", table(&rows));
    for ratio in ratios {
        println!("{ratio}");
    }
    println!(
        "resident after it all: memory {} MiB, disk {} MiB",
        memory.resident() / 1024,
        disk.resident() / 1024
    );
    csv("throughput.csv", &rows);
}

fn measure(name: &str, address: &str, size: usize, records: usize) -> Rates {
    let mut best = Rates::default();
    for round in 0..=ROUNDS {
        let topic = format!("bench-{size}-{round}-{}", std::process::id());
        create(address, &topic);
        let rates = Rates {
            produce: produce(address, &topic, size, records),
            consume: consume(address, &topic, records),
        };
        eprintln!(
            "{name} {size} B round {round}: in {:.0}/s, out {:.0}/s",
            rates.produce, rates.consume
        );
        delete(address, &topic);
        if round > 0 {
            best.produce = best.produce.max(rates.produce);
            best.consume = best.consume.max(rates.consume);
        }
    }
    best
}

/// Counts acknowledgements.
#[derive(Default)]
struct Acknowledged(AtomicUsize);

impl ClientContext for Acknowledged {}

impl ProducerContext for Acknowledged {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        assert!(result.is_ok(), "{result:?}");
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn client(address: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", address)
        .set_log_level(RDKafkaLogLevel::Error);
    config
}

fn produce(address: &str, topic: &str, size: usize, records: usize) -> f64 {
    let producer: BaseProducer<Acknowledged> = client(address)
        .set("acks", "all")
        .set("linger.ms", "5")
        .set("queue.buffering.max.messages", "500000")
        .set("queue.buffering.max.kbytes", "1048576")
        .create_with_context(Acknowledged::default())
        .unwrap();
    producer
        .client()
        .fetch_metadata(Some(topic), TIMEOUT)
        .unwrap();
    let payload = vec![b'x'; size];
    let started = Instant::now();
    for _ in 0..records {
        let mut record = BaseRecord::<(), [u8]>::to(topic)
            .partition(0)
            .payload(&payload);
        while let Err((error, back)) = producer.send(record) {
            assert!(
                matches!(
                    error,
                    KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull)
                ),
                "{error}"
            );
            record = back;
            producer.poll(Duration::from_millis(1));
        }
    }
    producer.flush(TIMEOUT).unwrap();
    let took = started.elapsed();
    assert_eq!(producer.context().0.load(Ordering::Relaxed), records);
    records as f64 / took.as_secs_f64()
}

fn consume(address: &str, topic: &str, records: usize) -> f64 {
    let consumer: BaseConsumer = client(address)
        .set("group.id", "bench")
        .set("enable.auto.commit", "false")
        .set("queued.max.messages.kbytes", "262144")
        // By default the client rests a second whenever 100,000 records wait in it, which would
        // measure its naps.
        .set("queued.min.messages", "10000000")
        .set("fetch.queue.backoff.ms", "2")
        .create()
        .unwrap();
    let mut assignment = TopicPartitionList::new();
    assignment
        .add_partition_offset(topic, 0, Offset::Beginning)
        .unwrap();
    let started = Instant::now();
    consumer.assign(&assignment).unwrap();
    let mut seen = 0;
    while seen < records {
        let message = consumer.poll(TIMEOUT).expect("a record in time").unwrap();
        drop(message);
        seen += 1;
    }
    records as f64 / started.elapsed().as_secs_f64()
}

fn admin(address: &str) -> AdminClient<DefaultClientContext> {
    client(address).create().unwrap()
}

fn create(address: &str, topic: &str) {
    let topic = NewTopic::new(topic, 1, TopicReplication::Fixed(1));
    block_on(admin(address).create_topics([&topic], &AdminOptions::new())).unwrap()[0]
        .as_ref()
        .unwrap();
}

fn delete(address: &str, topic: &str) {
    block_on(admin(address).delete_topics(&[topic], &AdminOptions::new())).unwrap()[0]
        .as_ref()
        .unwrap();
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}
