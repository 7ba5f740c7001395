//! The client `rdkafka`, speaking the lines of `interop/clients/contract.py`.
//!
//! Since not every client can, it also makes the topic for all of them: `topic BOOTSTRAP TOPIC
//! PARTITIONS`. It serves the interop script beside the clients in other languages, and the
//! scenarios as a member of a group that can be killed.

use std::error::Error;
use std::io::{BufRead as _, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use futures::future::try_join_all;
use integration_tests::records::Record;
use integration_tests::records::line::{partition_and_record, words};
use integration_tests::wait::stdin_closed;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::{ClientContext, DefaultClientContext};
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext, Rebalance, StreamConsumer};
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::{ClientConfig, Message as _};

const USAGE: &str = "usage: produce BOOTSTRAP TOPIC CODEC | consume BOOTSTRAP GROUP TOPIC | topic BOOTSTRAP TOPIC PARTITIONS";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let outcome = match *words {
        ["produce", bootstrap, topic, codec] => produce(bootstrap, topic, codec).await,
        ["consume", bootstrap, group, topic] => consume(bootstrap, group, topic).await,
        ["topic", bootstrap, topic, partitions] => make_topic(bootstrap, topic, partitions).await,
        _ => Err(USAGE.into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(refusal) => {
            eprintln!("interop-rdkafka: {refusal}");
            ExitCode::FAILURE
        }
    }
}

async fn produce(bootstrap: &str, topic: &str, codec: &str) -> Result<(), Box<dyn Error>> {
    let producer: FutureProducer = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("compression.type", codec)
        .set("linger.ms", "20")
        .set("acks", "all")
        .set("message.timeout.ms", "30000")
        .create()?;
    let lines = std::io::stdin()
        .lock()
        .lines()
        .collect::<Result<Vec<_>, _>>()?;
    let records = lines
        .iter()
        .map(|line| partition_and_record(line))
        .collect::<Result<Vec<_>, _>>()?;
    let sends = records.iter().map(|(partition, record)| {
        let mut send = FutureRecord::<[u8], [u8]>::to(topic)
            .partition(*partition)
            .headers(record.client_headers());
        send.key = record.key.as_deref();
        send.payload = record.value.as_deref();
        producer.send_result(send).map_err(|(refusal, _)| refusal)
    });
    for acknowledged in try_join_all(sends.collect::<Result<Vec<_>, _>>()?).await? {
        acknowledged.map_err(|(refusal, _)| refusal)?;
    }
    Ok(())
}

async fn consume(bootstrap: &str, group: &str, topic: &str) -> Result<(), Box<dyn Error>> {
    let consumer: StreamConsumer<Assignments> = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("group.id", group)
        .set("auto.offset.reset", "earliest")
        .set("session.timeout.ms", "6000")
        .set("heartbeat.interval.ms", "500")
        .create_with_context(Assignments)?;
    consumer.subscribe(&[topic])?;
    let mut closed = std::pin::pin!(stdin_closed());
    loop {
        tokio::select! {
            message = consumer.recv() => {
                let message = message?;
                let record = words(&Record::of(&message));
                say(&format!("record {} {} {record}", message.partition(), message.offset()))?;
            }
            () = &mut closed => break,
        }
    }
    drop(consumer);
    say("left")?;
    Ok(())
}

async fn make_topic(bootstrap: &str, topic: &str, partitions: &str) -> Result<(), Box<dyn Error>> {
    let admin: AdminClient<DefaultClientContext> = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .create()?;
    let wish = NewTopic::new(topic, partitions.parse()?, TopicReplication::Fixed(1));
    let options = AdminOptions::new().request_timeout(Some(Duration::from_secs(30)));
    for made in admin.create_topics([&wish], &options).await? {
        made.map_err(|(topic, code)| format!("{topic}: {code}"))?;
    }
    Ok(())
}

/// Tells every new assignment.
struct Assignments;

impl ClientContext for Assignments {}

impl ConsumerContext for Assignments {
    fn post_rebalance(&self, _consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Assign(assigned) = rebalance {
            let partitions: Vec<String> = assigned
                .elements()
                .iter()
                .map(|at| at.partition().to_string())
                .collect();
            if let Err(refusal) = say(&format!("assigned {}", partitions.join(" "))) {
                eprintln!("interop-rdkafka: {refusal}");
            }
        }
    }
}

fn say(line: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}
