//! Topics come, are described and go as on Kafka, and what can't be is refused with Kafka's codes.

use std::time::Duration;

use integration_tests::cluster::{Cluster, TopicError};
use integration_tests::harness::{Outcome, Scenario};
use integration_tests::records::Record;
use integration_tests::{scenarios, wait};
use rdkafka::admin::{AdminOptions, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::RDKafkaErrorCode;

pub(crate) const SCENARIOS: &[Scenario] = scenarios![
    a_topic_is_made_once,
    what_cannot_be_a_topic_is_refused,
    a_topic_that_is_made_again_is_empty,
    producing_to_an_unknown_topic_makes_it,
    a_topic_describes_kafkas_defaults_and_its_own_settings,
    acks_all_asks_for_no_more_replicas_than_there_are,
];

const TIMEOUT: Duration = Duration::from_secs(30);

async fn a_topic_is_made_once(cluster: Cluster) -> Outcome {
    cluster.topic("once", 3).await?;
    let refusal = cluster.topic("once", 3).await.unwrap_err();
    assert!(
        matches!(
            refusal,
            TopicError::Refused {
                code: RDKafkaErrorCode::TopicAlreadyExists,
                ..
            }
        ),
        "{refusal}"
    );
    Ok(())
}

async fn what_cannot_be_a_topic_is_refused(cluster: Cluster) -> Outcome {
    let too_long = "x".repeat(250);
    let named = |name: &str| cluster.name(name);
    for (name, partitions, replication, expected) in [
        (named("with a space"), 1, 1, RDKafkaErrorCode::InvalidTopic),
        (named(&too_long), 1, 1, RDKafkaErrorCode::InvalidTopic),
        (
            named("no-partition"),
            0,
            1,
            RDKafkaErrorCode::InvalidPartitions,
        ),
        (
            named("two-replicas"),
            1,
            2,
            RDKafkaErrorCode::InvalidReplicationFactor,
        ),
    ] {
        let wish = NewTopic::new(&name, partitions, TopicReplication::Fixed(replication));
        let made = cluster
            .admin()?
            .create_topics([&wish], &AdminOptions::new())
            .await?;
        assert_eq!(made, [Err((name.clone(), expected))]);
    }
    let wish =
        NewTopic::new("bad-setting", 1, TopicReplication::Fixed(1)).set("retention.ms", "soon");
    let made = cluster
        .admin()?
        .create_topics([&wish], &AdminOptions::new())
        .await?;
    assert_eq!(
        made,
        [Err((
            "bad-setting".to_owned(),
            RDKafkaErrorCode::InvalidConfig
        ))]
    );
    Ok(())
}

async fn a_topic_that_is_made_again_is_empty(cluster: Cluster) -> Outcome {
    let topic = cluster.topic("again", 1).await?;
    cluster
        .produce(
            &cluster.producer(&[])?,
            &topic,
            Some(0),
            &[Record::new("k", "v")],
        )
        .await?;
    cluster.remove_topics().await?;

    wait::until("the topic to be gone", TIMEOUT, async || {
        let client: BaseConsumer = cluster.client().create().ok()?;
        let metadata = client.fetch_metadata(None, TIMEOUT).ok()?;
        (!metadata.topics().iter().any(|known| known.name() == topic)).then_some(())
    })
    .await?;
    let topic = cluster.topic("again", 2).await?;
    let client: BaseConsumer = cluster.client().create()?;
    for partition in 0..2 {
        assert_eq!(client.fetch_watermarks(&topic, partition, TIMEOUT)?, (0, 0));
    }
    Ok(())
}

async fn producing_to_an_unknown_topic_makes_it(cluster: Cluster) -> Outcome {
    let topic = cluster.name("unknown");
    let record = Record::new("k", "v");
    cluster
        .produce(
            &cluster.producer(&[])?,
            &topic,
            None,
            std::slice::from_ref(&record),
        )
        .await?;
    let seen = cluster
        .member("readers", &topic, &[])?
        .take(1, TIMEOUT)
        .await?;
    assert_eq!((seen[0].partition, &seen[0].record), (0, &record));
    Ok(())
}

async fn acks_all_asks_for_no_more_replicas_than_there_are(cluster: Cluster) -> Outcome {
    let topic = cluster.name("two-of-one");
    let wish = NewTopic::new(&topic, 1, TopicReplication::Fixed(1)).set("min.insync.replicas", "2");
    assert_eq!(
        cluster
            .admin()?
            .create_topics([&wish], &AdminOptions::new())
            .await?,
        [Ok(topic.clone())]
    );
    let producer = cluster.producer(&[("acks", "all")])?;
    cluster
        .produce(&producer, &topic, Some(0), &[Record::new("k", "v")])
        .await?;
    Ok(())
}

async fn a_topic_describes_kafkas_defaults_and_its_own_settings(cluster: Cluster) -> Outcome {
    let topic = cluster.name("settings");
    let wish = NewTopic::new(&topic, 1, TopicReplication::Fixed(1)).set("retention.ms", "1234567");
    assert_eq!(
        cluster
            .admin()?
            .create_topics([&wish], &AdminOptions::new())
            .await?,
        [Ok(topic.clone())]
    );

    let described = wait::until("the topic to be described", TIMEOUT, async || {
        let asked = [ResourceSpecifier::Topic(&topic)];
        let mut answers = cluster
            .admin()
            .ok()?
            .describe_configs(&asked, &AdminOptions::new())
            .await
            .ok()?;
        answers.pop()?.ok()
    })
    .await?;
    let value = |key: &str| described.get(key).and_then(|entry| entry.value.clone());
    for (key, expected) in [
        ("retention.ms", "1234567"),
        ("retention.bytes", "-1"),
        ("segment.bytes", "1073741824"),
        ("max.message.bytes", "1048588"),
        ("cleanup.policy", "delete"),
        ("compression.type", "producer"),
        ("min.insync.replicas", "1"),
        ("message.timestamp.type", "CreateTime"),
    ] {
        assert_eq!(value(key).as_deref(), Some(expected), "the value of {key}");
    }
    assert_eq!(
        described.get("retention.ms").map(|entry| entry.is_default),
        Some(false)
    );
    assert_eq!(
        described
            .get("retention.bytes")
            .map(|entry| entry.is_default),
        Some(true)
    );
    Ok(())
}
