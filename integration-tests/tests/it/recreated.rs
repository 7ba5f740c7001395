//! A topic is its id: one that is made anew under an old name starts from nothing, for stock
//! clients that stayed as well.

use std::time::Duration;

use integration_tests::cluster::Cluster;
use integration_tests::harness::{Outcome, Scenario};
use integration_tests::records::{Record, Seeded};
use integration_tests::{scenarios, wait};
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _};
use rdkafka::{Offset, TopicPartitionList};

pub(crate) const SCENARIOS: &[Scenario] = scenarios![
    offsets_of_a_deleted_topic_are_gone_and_do_not_come_back_with_its_name,
    a_producer_that_stayed_goes_on_in_the_new_topic,
    a_consumer_that_stayed_reads_the_new_topic,
];

const TIMEOUT: Duration = Duration::from_secs(30);

/// Removes the scenario's topics and waits until the broker knows none of this name.
async fn remove(cluster: &Cluster, topic: &str) -> Outcome {
    cluster.remove_topics().await?;
    wait::until("the topic to be gone", TIMEOUT, async || {
        let client: BaseConsumer = cluster.client().create().ok()?;
        let metadata = client.fetch_metadata(None, TIMEOUT).ok()?;
        (!metadata.topics().iter().any(|known| known.name() == topic)).then_some(())
    })
    .await?;
    Ok(())
}

async fn offsets_of_a_deleted_topic_are_gone_and_do_not_come_back_with_its_name(
    cluster: Cluster,
) -> Outcome {
    let topic = cluster.topic("offsets", 1).await?;
    let producer = cluster.producer(&[])?;
    cluster
        .produce(&producer, &topic, Some(0), &Seeded::new(1).keyed(10, 3))
        .await?;
    let mut read = TopicPartitionList::new();
    read.add_partition_offset(&topic, 0, Offset::Offset(7))?;
    let reader: BaseConsumer = cluster
        .client()
        .set("group.id", cluster.name("readers"))
        .set("enable.auto.commit", "false")
        .create()?;
    reader.commit(&read, CommitMode::Sync)?;
    assert_eq!(cluster.committed("readers", &topic, 0)?, Some(7));

    remove(&cluster, &topic).await?;
    wait::until("the offset to be gone", TIMEOUT, async || {
        let committed = cluster.committed("readers", &topic, 0).ok()?;
        committed.is_none().then_some(())
    })
    .await?;

    cluster.topic("offsets", 1).await?;
    assert_eq!(cluster.committed("readers", &topic, 0)?, None);
    let fresh: Vec<Record> = (0..10)
        .map(|number| Record::new("new", format!("{number}")))
        .collect();
    cluster
        .produce(&cluster.producer(&[])?, &topic, Some(0), &fresh)
        .await?;
    let seen = cluster
        .member("readers", &topic, &[])?
        .take(10, TIMEOUT)
        .await?;
    assert_eq!((seen[0].offset, &seen[0].record), (0, &fresh[0]));
    Ok(())
}

async fn a_producer_that_stayed_goes_on_in_the_new_topic(cluster: Cluster) -> Outcome {
    let topic = cluster.topic("producer", 1).await?;
    let producer = cluster.producer(&[("enable.idempotence", "true")])?;
    cluster
        .produce(&producer, &topic, Some(0), &Seeded::new(2).keyed(5, 3))
        .await?;
    remove(&cluster, &topic).await?;
    cluster.topic("producer", 1).await?;

    cluster
        .produce(&producer, &topic, Some(0), &Seeded::new(3).keyed(3, 3))
        .await?;
    let client: BaseConsumer = cluster.client().create()?;
    assert_eq!(client.fetch_watermarks(&topic, 0, TIMEOUT)?, (0, 3));
    Ok(())
}

async fn a_consumer_that_stayed_reads_the_new_topic(cluster: Cluster) -> Outcome {
    let topic = cluster.topic("consumer", 1).await?;
    let producer = cluster.producer(&[])?;
    cluster
        .produce(&producer, &topic, Some(0), &Seeded::new(4).keyed(20, 3))
        .await?;
    // It looks for topics once a second, to notice that its own is another.
    let settings = [
        ("topic.metadata.refresh.interval.ms", "1000"),
        ("allow.auto.create.topics", "false"),
    ];
    let member = cluster.member("readers", &topic, &settings)?;
    member.take(20, TIMEOUT).await?;
    remove(&cluster, &topic).await?;
    cluster.topic("consumer", 1).await?;

    let fresh: Vec<Record> = (0..5)
        .map(|number| Record::new("new", format!("{number}")))
        .collect();
    cluster
        .produce(&cluster.producer(&[])?, &topic, Some(0), &fresh)
        .await?;
    let seen = wait::until("the records of the new topic", TIMEOUT, async || {
        // While the topic is gone the client says so.
        member.take(5, TIMEOUT).await.ok()
    })
    .await?;
    assert_eq!(
        seen.iter().map(|seen| &seen.record).collect::<Vec<_>>(),
        fresh.iter().collect::<Vec<_>>()
    );
    Ok(())
}
