//! A group remembers where it is: what was committed is not read again, what was not is.

use std::time::Duration;

use integration_tests::cluster::Cluster;
use integration_tests::harness::{Outcome, Scenario};
use integration_tests::records::{Record, Seeded};
use integration_tests::{scenarios, wait};
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _};
use rdkafka::{Offset, TopicPartitionList};

pub(crate) const SCENARIOS: &[Scenario] = scenarios![
    a_group_resumes_where_it_committed,
    what_was_not_committed_is_delivered_again,
    a_new_group_starts_where_its_reset_says,
    a_commit_keeps_its_metadata_and_is_the_groups_own,
    an_offset_is_found_by_time,
];

const TIMEOUT: Duration = Duration::from_secs(30);

async fn a_group_resumes_where_it_committed(cluster: Cluster) -> Outcome {
    let topic = cluster.topic("resume", 1).await?;
    cluster
        .produce(
            &cluster.producer(&[])?,
            &topic,
            Some(0),
            &Seeded::new(1).keyed(100, 10),
        )
        .await?;

    let first = cluster.member("group", &topic, &[])?;
    first.take(100, TIMEOUT).await?;
    first
        .consumer()
        .commit(&at(&topic, 40)?, CommitMode::Sync)?;
    drop(first);

    let second = cluster.member("group", &topic, &[])?;
    let seen = second.take(60, TIMEOUT).await?;
    assert_eq!((seen[0].offset, seen[59].offset), (40, 99));
    Ok(())
}

async fn what_was_not_committed_is_delivered_again(cluster: Cluster) -> Outcome {
    let topic = cluster.topic("again", 1).await?;
    cluster
        .produce(
            &cluster.producer(&[])?,
            &topic,
            Some(0),
            &Seeded::new(2).keyed(10, 10),
        )
        .await?;
    for _ in 0..2 {
        let seen = cluster
            .member("group", &topic, &[])?
            .take(10, TIMEOUT)
            .await?;
        assert_eq!(seen[0].offset, 0);
    }
    Ok(())
}

async fn a_new_group_starts_where_its_reset_says(cluster: Cluster) -> Outcome {
    let topic = cluster.topic("reset", 1).await?;
    let producer = cluster.producer(&[])?;
    cluster
        .produce(&producer, &topic, Some(0), &[Record::new("k", "old")])
        .await?;

    // Nothing tells when a consumer has found the end of the log, so records come until it sees
    // one.
    let latest = cluster.member("latest", &topic, &[("auto.offset.reset", "latest")])?;
    let first_seen = wait::until("a record after the end of the log", TIMEOUT, async || {
        cluster
            .produce(&producer, &topic, Some(0), &[Record::new("k", "new")])
            .await
            .ok()?;
        latest.next(Duration::from_millis(200)).await.ok()
    });
    assert_eq!(first_seen.await?.record, Record::new("k", "new"));

    let earliest = cluster
        .member("earliest", &topic, &[])?
        .take(2, TIMEOUT)
        .await?;
    assert_eq!(earliest[0].record, Record::new("k", "old"));
    Ok(())
}

async fn a_commit_keeps_its_metadata_and_is_the_groups_own(cluster: Cluster) -> Outcome {
    let topic = cluster.topic("metadata", 2).await?;
    let mut commit = TopicPartitionList::new();
    let mut element = commit.add_partition(&topic, 1);
    element.set_offset(Offset::Offset(7))?;
    element.set_metadata("up to the seventh");

    // Without a subscription it is a simple consumer: no member, no generation.
    let simple = |group: &str| {
        let mut client = cluster.client();
        client
            .set("group.id", cluster.name(group))
            .set("enable.auto.commit", "false")
            .create::<BaseConsumer>()
    };
    simple("mine")?.commit(&commit, CommitMode::Sync)?;

    let committed = |group: &str| {
        let mut asked = TopicPartitionList::new();
        asked.add_partition_range(&topic, 0, 1);
        simple(group)?.committed_offsets(asked, TIMEOUT)
    };
    let mine = committed("mine")?;
    let of = |partition| mine.find_partition(&topic, partition).unwrap();
    assert_eq!(
        (of(1).offset(), of(1).metadata()),
        (Offset::Offset(7), "up to the seventh")
    );
    assert_eq!(
        of(0).offset(),
        Offset::Invalid,
        "a partition nobody committed has no offset"
    );
    let theirs = committed("theirs")?;
    assert_eq!(
        theirs.find_partition(&topic, 1).unwrap().offset(),
        Offset::Invalid
    );
    Ok(())
}

async fn an_offset_is_found_by_time(cluster: Cluster) -> Outcome {
    let topic = cluster.topic("time", 1).await?;
    let producer = cluster.producer(&[])?;
    for timestamp in [1_000, 2_000, 2_000, 3_000] {
        cluster
            .produce_at(&producer, &topic, timestamp, &Record::new("k", "v"))
            .await?;
    }
    let consumer: BaseConsumer = cluster.client().create()?;
    for (time, expected) in [
        (0, Offset::Offset(0)),
        (1_000, Offset::Offset(0)),
        (1_001, Offset::Offset(1)),
        (2_000, Offset::Offset(1)),
        (2_500, Offset::Offset(3)),
        (3_001, Offset::End),
    ] {
        let mut asked = TopicPartitionList::new();
        asked.add_partition_offset(&topic, 0, Offset::Offset(time))?;
        let found = consumer.offsets_for_times(asked, TIMEOUT)?;
        assert_eq!(
            found.find_partition(&topic, 0).unwrap().offset(),
            expected,
            "the offset for time {time}"
        );
    }
    assert_eq!(consumer.fetch_watermarks(&topic, 0, TIMEOUT)?, (0, 4));
    Ok(())
}

fn at(topic: &str, offset: i64) -> Result<TopicPartitionList, rdkafka::error::KafkaError> {
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(topic, 0, Offset::Offset(offset))?;
    Ok(list)
}
