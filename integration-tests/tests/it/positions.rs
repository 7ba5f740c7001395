//! Once a start has answered, nothing is missed: a listener has its share, and its place in each
//! partition of it.

use std::time::Duration;

use integration_tests::app::{Journal, text};
use integration_tests::cluster::Cluster;
use integration_tests::harness::{Outcome, Scenario, Skipped};
use integration_tests::records::Record;
use integration_tests::scenarios;
use rdkafka::admin::{AdminOptions, NewPartitions};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use tokio::time::timeout;
use wellspring::app::{App, RunningApp};
use wellspring::endpoint::Endpoint;
use wellspring::extract::{RecordContext, State};

pub(crate) const SCENARIOS: &[Scenario] = scenarios![
    with_latest_what_is_written_after_the_start_is_handled,
    with_latest_what_is_sent_while_it_is_down_is_handled,
    with_latest_a_partition_that_is_added_is_read_from_its_beginning,
    with_latest_a_topic_that_appears_is_read_from_its_beginning,
    partitions_that_are_added_are_read_within_seconds,
    consumers_that_start_together_have_their_shares_when_the_start_answers,
    a_second_instance_has_its_share_when_its_start_answers,
    a_member_too_many_does_not_wait_for_a_share,
];

const TIMEOUT: Duration = Duration::from_secs(30);

async fn note(State(journal): State<Journal>, cx: RecordContext) {
    journal.note(text(cx.record()));
}

fn app(
    cluster: &Cluster,
    topic: &str,
    consumers: usize,
) -> Result<(App, Journal), wellspring::BoxError> {
    let journal = Journal::default();
    let endpoint = Endpoint::builder(topic, cluster.name("group"))
        .concurrency(consumers)
        .handler(note);
    Ok((
        cluster.app()?.state(journal.clone()).endpoint(endpoint),
        journal,
    ))
}

/// A member that begins at the end where its group has committed nothing.
async fn latest(
    cluster: &Cluster,
    topic: &str,
) -> Result<(RunningApp, Journal), wellspring::BoxError> {
    let (app, journal) = app(cluster, topic, 1)?;
    let app = app.set("kafka.consumer.properties.auto.offset.reset", "latest");
    Ok((app.start().await?, journal))
}

async fn write(cluster: &Cluster, topic: &str, partitions: i32, text: &str) -> Outcome {
    let producer = cluster.producer(&[])?;
    for partition in 0..partitions {
        let record = Record::new("key", format!("{text}-{partition}"));
        cluster
            .produce(&producer, topic, Some(partition), &[record])
            .await?;
    }
    Ok(())
}

async fn grow(cluster: &Cluster, topic: &str, partitions: usize) -> Outcome {
    let wish = NewPartitions::new(topic, partitions);
    let grown = cluster
        .admin()?
        .create_partitions(&[wish], &AdminOptions::new())
        .await;
    if grown
        .as_ref()
        .is_err_and(|error| *error == KafkaError::AdminOp(RDKafkaErrorCode::UnsupportedFeature))
    {
        return Err(Skipped("partitions cannot be added here".to_owned()).into());
    }
    let grown = grown?;
    assert!(grown.iter().all(Result::is_ok), "{grown:?}");
    Ok(())
}

async fn with_latest_what_is_written_after_the_start_is_handled(cluster: Cluster) -> Outcome {
    for round in 0..4 {
        let topic = cluster.topic(&format!("round-{round}"), 4).await?;
        write(&cluster, &topic, 4, "old").await?;
        let (running, journal) = latest(&cluster, &topic).await?;
        write(&cluster, &topic, 4, "new").await?;
        let mut seen = journal.has(4, TIMEOUT).await?;
        seen.sort();
        assert_eq!(seen, ["new-0", "new-1", "new-2", "new-3"]);
        running.stop(TIMEOUT).await;
    }
    Ok(())
}

async fn with_latest_what_is_sent_while_it_is_down_is_handled(cluster: Cluster) -> Outcome {
    let topic = cluster.topic("work", 4).await?;
    write(&cluster, &topic, 4, "old").await?;
    let (running, _) = latest(&cluster, &topic).await?;
    running.stop(TIMEOUT).await;
    write(&cluster, &topic, 4, "meanwhile").await?;
    let (running, journal) = latest(&cluster, &topic).await?;
    let mut seen = journal.has(4, TIMEOUT).await?;
    seen.sort();
    assert_eq!(
        seen,
        ["meanwhile-0", "meanwhile-1", "meanwhile-2", "meanwhile-3"]
    );
    running.stop(TIMEOUT).await;
    Ok(())
}

async fn with_latest_a_partition_that_is_added_is_read_from_its_beginning(
    cluster: Cluster,
) -> Outcome {
    let topic = cluster.topic("work", 1).await?;
    let (running, journal) = latest(&cluster, &topic).await?;
    grow(&cluster, &topic, 3).await?;
    write(&cluster, &topic, 3, "first").await?;
    let mut seen = journal.has(3, TIMEOUT).await?;
    seen.sort();
    assert_eq!(seen, ["first-0", "first-1", "first-2"]);
    running.stop(TIMEOUT).await;
    Ok(())
}

async fn with_latest_a_topic_that_appears_is_read_from_its_beginning(cluster: Cluster) -> Outcome {
    let name = cluster.name("later");
    let (running, journal) = latest(&cluster, &name).await?;
    let topic = cluster.topic("later", 2).await?;
    write(&cluster, &topic, 2, "first").await?;
    let mut seen = journal.has(2, TIMEOUT).await?;
    seen.sort();
    assert_eq!(seen, ["first-0", "first-1"]);
    running.stop(TIMEOUT).await;
    Ok(())
}

async fn partitions_that_are_added_are_read_within_seconds(cluster: Cluster) -> Outcome {
    let topic = cluster.topic("work", 1).await?;
    let (app, journal) = app(&cluster, &topic, 1)?;
    let running = app.start().await?;
    grow(&cluster, &topic, 4).await?;
    write(&cluster, &topic, 4, "first").await?;
    journal.has(4, Duration::from_secs(15)).await?;
    running.stop(TIMEOUT).await;
    Ok(())
}

async fn consumers_that_start_together_have_their_shares_when_the_start_answers(
    cluster: Cluster,
) -> Outcome {
    let topic = cluster.topic("work", 4).await?;
    let (app, journal) = app(&cluster, &topic, 2)?;
    let running = app.start().await?;
    let health = running.health();
    assert!(health.is_ready(), "{:?}", health.reasons());
    assert_eq!(running.listeners()[0].partitions().len(), 4);
    write(&cluster, &topic, 4, "one").await?;
    journal.has(4, TIMEOUT).await?;
    running.stop(TIMEOUT).await;
    Ok(())
}

async fn a_second_instance_has_its_share_when_its_start_answers(cluster: Cluster) -> Outcome {
    let topic = cluster.topic("work", 4).await?;
    let first = app(&cluster, &topic, 1)?.0.start().await?;
    let second = app(&cluster, &topic, 1)?.0.start().await?;
    assert_eq!(second.listeners()[0].partitions().len(), 2);
    assert_eq!(first.listeners()[0].partitions().len(), 2);
    second.stop(TIMEOUT).await;
    first.stop(TIMEOUT).await;
    Ok(())
}

async fn a_member_too_many_does_not_wait_for_a_share(cluster: Cluster) -> Outcome {
    let topic = cluster.topic("work", 1).await?;
    let first = app(&cluster, &topic, 1)?.0.start().await?;
    let second = timeout(Duration::from_secs(9), app(&cluster, &topic, 1)?.0.start()).await??;
    assert_eq!(second.listeners()[0].partitions(), []);
    second.stop(TIMEOUT).await;
    first.stop(TIMEOUT).await;
    Ok(())
}
