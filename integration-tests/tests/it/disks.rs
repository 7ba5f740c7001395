//! Disks as they are: a fresh volume, a full one, one that is read-only.

use std::fs;
use std::time::Duration;

use integration_tests::cluster::Cluster;
use integration_tests::harness::{Outcome, Scenario, Skipped};
use integration_tests::own::OwnKafka;
use integration_tests::records::Record;
use integration_tests::target::Kind;
use integration_tests::{scenarios, wait};
use rdkafka::admin::AdminOptions;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::{Message as _, Offset, TopicPartitionList};

pub(crate) const SCENARIOS: &[Scenario] = scenarios![
    OwnKafka =>
    a_fresh_volume_is_a_data_folder_and_keeps_what_it_came_with,
    a_full_disk_is_started_on_and_read_from_and_retention_makes_room,
    deleting_a_topic_makes_room_on_a_full_disk,
    a_full_disk_that_grows_takes_records_again_without_a_restart,
    a_volume_that_comes_back_read_only_is_refused_and_loses_nothing,
];

const TIMEOUT: Duration = Duration::from_secs(60);
/// Room for four segments of the smallest size that Kafka allows.
const SMALL: u64 = 4 << 20;
const SEGMENT: u64 = 1 << 20;

async fn a_fresh_volume_is_a_data_folder_and_keeps_what_it_came_with(
    mut kafka: OwnKafka,
) -> Outcome {
    only_broker_lite(&kafka, "refuses a folder with lost+found in it")?;
    let names = ["lost+found", ".snapshot", ".Trash-0", "..2026_01_01"];
    for name in names {
        fs::create_dir_all(kafka.data_folder().join(name))?;
    }
    fs::write(kafka.data_folder().join("lost+found/found"), "by fsck")?;
    for _ in 0..2 {
        kafka.start().await?;
        kafka.stop().await?;
    }
    for name in names {
        assert!(kafka.data_folder().join(name).is_dir(), "{name}");
    }
    assert_eq!(
        fs::read_to_string(kafka.data_folder().join("lost+found/found"))?,
        "by fsck"
    );
    Ok(())
}

async fn a_full_disk_is_started_on_and_read_from_and_retention_makes_room(
    mut kafka: OwnKafka,
) -> Outcome {
    let (topic, written) = fill(&mut kafka).await?;
    kafka.kill().await?;
    kafka.start().await?;
    let cluster = kafka.cluster();
    assert_eq!(
        count(&cluster, &topic)?,
        written,
        "what was acknowledged is there"
    );
    assert_eq!(
        refusal(&cluster, &topic).await,
        Some(RDKafkaErrorCode::MessageTimedOut)
    );
    assert!(
        kafka.log().contains("the disk takes no records"),
        "{}",
        kafka.log()
    );

    kafka.stop().await?;
    kafka.set("log.retention.bytes", &SEGMENT.to_string());
    kafka.set("log.retention.check.interval.ms", "100");
    kafka.start().await?;
    takes_records(&cluster, &topic).await
}

async fn deleting_a_topic_makes_room_on_a_full_disk(mut kafka: OwnKafka) -> Outcome {
    let (topic, _) = fill(&mut kafka).await?;
    kafka.stop().await?;
    kafka.start().await?;
    let cluster = kafka.cluster();
    for deleted in cluster
        .admin()?
        .delete_topics(&[&topic], &AdminOptions::new())
        .await?
    {
        deleted.map_err(|(topic, code)| format!("{topic}: {code}"))?;
    }
    let other = cluster.topic("other", 1).await?;
    takes_records(&cluster, &other).await
}

async fn a_full_disk_that_grows_takes_records_again_without_a_restart(
    mut kafka: OwnKafka,
) -> Outcome {
    let (topic, written) = fill(&mut kafka).await?;
    let cluster = kafka.cluster();
    kafka.remount_disk(&format!("size={}", 4 * SMALL))?;
    takes_records(&cluster, &topic).await?;
    assert!(count(&cluster, &topic)? > written);
    assert!(
        kafka.log().contains("the disk takes records again"),
        "{}",
        kafka.log()
    );
    Ok(())
}

async fn a_volume_that_comes_back_read_only_is_refused_and_loses_nothing(
    mut kafka: OwnKafka,
) -> Outcome {
    only_broker_lite(&kafka, "stops when its only folder fails")?;
    volume(&mut kafka)?;
    kafka.start().await?;
    let cluster = kafka.cluster();
    let topic = cluster.topic("log", 1).await?;
    let records: Vec<Record> = (0..10)
        .map(|nth| Record::new("k", nth.to_string()))
        .collect();
    cluster
        .produce(&cluster.producer(&[])?, &topic, Some(0), &records)
        .await?;
    kafka.stop().await?;
    kafka.remount_disk("ro")?;
    let refusal = kafka
        .start()
        .await
        .err()
        .ok_or("a read-only folder is taken")?
        .to_string();
    assert!(
        refusal.contains("read-only, and has to be mounted for writing"),
        "{refusal}"
    );
    kafka.remount_disk("rw")?;
    kafka.start().await?;
    assert_eq!(count(&cluster, &topic)?, 10);
    Ok(())
}

/// Real Kafka ends when its only log folder fails, and can't be started on it before it is mended.
fn only_broker_lite(kafka: &OwnKafka, gap: &str) -> Result<(), Skipped> {
    if kafka.kind() == Kind::BrokerLite {
        Ok(())
    } else {
        Err(Skipped(format!("real Kafka {gap}")))
    }
}

fn volume(kafka: &mut OwnKafka) -> Result<(), Skipped> {
    kafka
        .limit_disk(SMALL)
        .map_err(|refusal| Skipped(format!("no small volume here: {refusal}")))
}

/// Writes to a new topic until the disk takes no more. Answers the topic, and how many records were
/// acknowledged.
async fn fill(
    kafka: &mut OwnKafka,
) -> Result<(String, usize), Box<dyn std::error::Error + Send + Sync>> {
    only_broker_lite(kafka, "stops when its only folder fails")?;
    volume(kafka)?;
    kafka.set("log.segment.bytes", &SEGMENT.to_string());
    kafka.start().await?;
    let cluster = kafka.cluster();
    let topic = cluster.topic("log", 1).await?;
    let producer =
        cluster.producer(&[("batch.num.messages", "1"), ("message.timeout.ms", "2000")])?;
    for written in 0..10_000 {
        let record = Record::new("k", vec![b'v'; 20_000]);
        if cluster
            .produce(&producer, &topic, Some(0), &[record])
            .await
            .is_err()
        {
            return Ok((topic, written));
        }
    }
    Err("the disk is never full".into())
}

/// What the client says of a record that the broker does not take.
async fn refusal(cluster: &Cluster, topic: &str) -> Option<RDKafkaErrorCode> {
    let producer = cluster.producer(&[("message.timeout.ms", "1000")]).ok()?;
    let record = Record::new("k", vec![b'v'; 20_000]);
    match cluster.produce(&producer, topic, Some(0), &[record]).await {
        Err(KafkaError::MessageProduction(code)) => Some(code),
        _ => None,
    }
}

async fn takes_records(cluster: &Cluster, topic: &str) -> Outcome {
    let mut last = None;
    for _ in 0..30 {
        last = refusal(cluster, topic).await;
        if last.is_none() {
            return Ok(());
        }
    }
    Err(format!("no record is taken: {last:?}").into())
}

/// Counts the records of a topic, without a group: on a full disk nobody can join one.
fn count(
    cluster: &Cluster,
    topic: &str,
) -> Result<usize, Box<dyn std::error::Error + Send + Sync>> {
    let mut client = cluster.client();
    let client = client
        .set("group.id", cluster.name("nobody"))
        .set("enable.auto.commit", "false");
    let consumer: BaseConsumer = client.create()?;
    let (low, high) = consumer.fetch_watermarks(topic, 0, TIMEOUT)?;
    let mut all = TopicPartitionList::new();
    all.add_partition_offset(topic, 0, Offset::Offset(low))?;
    consumer.assign(&all)?;
    let deadline = wait::Deadline::after(TIMEOUT);
    let (mut next, mut seen) = (low, 0);
    while next < high {
        let message = consumer.poll(deadline.left()).ok_or("no record comes")??;
        (next, seen) = (message.offset() + 1, seen + 1);
    }
    Ok(seen)
}
