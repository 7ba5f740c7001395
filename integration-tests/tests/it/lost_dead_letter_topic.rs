//! The topic of dead letters is deleted while its listener runs: no letter is lost, whether brokers
//! make the topic again by themselves or somebody has to.

use std::time::Duration;

use integration_tests::app::{Journal, text};
use integration_tests::cluster::Cluster;
use integration_tests::harness::{Outcome, Scenario};
use integration_tests::own::OwnKafka;
use integration_tests::records::Record;
use integration_tests::{scenarios, wait};
use rdkafka::admin::AdminOptions;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::metadata::MetadataTopic;
use wellspring::BoxError;
use wellspring::app::RunningApp;
use wellspring::endpoint::Endpoint;
use wellspring::extract::{RecordContext, State};

pub(crate) const SCENARIOS: &[Scenario] =
    scenarios![a_dead_letter_topic_that_is_deleted_meanwhile_is_made_again_for_the_next_letter];

pub(crate) const OWN: &[Scenario] =
    scenarios![OwnKafka => a_dead_letter_topic_that_nobody_makes_again_is_told_and_waited_for];

const TIMEOUT: Duration = Duration::from_secs(60);

/// Fails on all that does not begin with `good`.
async fn handle(State(journal): State<Journal>, cx: RecordContext) -> Result<(), BoxError> {
    let value = text(cx.record());
    if !value.starts_with("good") {
        return Err("no use for it".into());
    }
    journal.note(value);
    Ok(())
}

/// An application that makes the dead-letter topic at its start, and has written a letter to it
/// before that topic is deleted.
async fn whose_letters_have_lost_their_topic(
    cluster: &Cluster,
    topic: &str,
    journal: &Journal,
) -> Result<RunningApp, BoxError> {
    let endpoint = Endpoint::builder(topic, cluster.name("shop"))
        .id("shop")
        .retry("none")
        .dead_letter()
        .handler(handle);
    let app = cluster.app()?.state(journal.clone()).endpoint(endpoint);
    let running = app.start().await?;
    let producer = cluster.producer(&[])?;
    let first = Record::new("k", "bad 1");
    cluster.produce(&producer, topic, Some(0), &[first]).await?;
    let letters = format!("{topic}-dlt");
    letter(cluster, &letters, "bad 1").await?;
    let deleted = cluster
        .admin()?
        .delete_topics(&[&letters], &AdminOptions::new());
    assert_eq!(deleted.await?, [Ok(letters.clone())]);
    wait::until("the topic to be gone", TIMEOUT, async || {
        let client: BaseConsumer = cluster.client().create().ok()?;
        let known = client.fetch_metadata(None, TIMEOUT).ok()?;
        let is_it = |topic: &MetadataTopic| topic.name() == letters;
        (!known.topics().iter().any(is_it)).then_some(())
    })
    .await?;
    for partition in 0..2 {
        let records = ["bad 2", "good"].map(|value| Record::new("k", value));
        cluster
            .produce(&producer, topic, Some(partition), &records)
            .await?;
    }
    Ok(running)
}

/// Waits for a dead letter with this value, and says how many have it.
async fn letter(cluster: &Cluster, letters: &str, value: &str) -> Outcome {
    let member = cluster.member(
        &format!("readers of {value}"),
        letters,
        &[("allow.auto.create.topics", "false")],
    )?;
    let letter = wait::until("the dead letter", TIMEOUT, async || {
        member.next(TIMEOUT).await.ok()
    })
    .await?;
    assert_eq!(letter.record.value.as_deref(), Some(value.as_bytes()));
    Ok(())
}

async fn a_dead_letter_topic_that_is_deleted_meanwhile_is_made_again_for_the_next_letter(
    cluster: Cluster,
) -> Outcome {
    let (topic, journal) = (cluster.topic("orders", 2).await?, Journal::default());
    let running = whose_letters_have_lost_their_topic(&cluster, &topic, &journal).await?;
    journal.has(2, TIMEOUT).await?;
    // One from each partition, whatever the new topic has.
    let member = cluster.member("all letters", &format!("{topic}-dlt"), &[])?;
    let seen = member.take(2, TIMEOUT).await?;
    let values = seen.iter().map(|seen| seen.record.value.as_deref());
    assert_eq!(
        values.collect::<Vec<_>>(),
        [Some(b"bad 2".as_slice()); 2],
        "each letter is there once"
    );
    wait::until("health to be green", TIMEOUT, async || {
        running.health().is_ready().then_some(())
    })
    .await?;
    running.stop(TIMEOUT).await;
    Ok(())
}

async fn a_dead_letter_topic_that_nobody_makes_again_is_told_and_waited_for(
    mut kafka: OwnKafka,
) -> Outcome {
    kafka.set("auto.create.topics.enable", "false");
    kafka.start().await?;
    let cluster = kafka.cluster();
    let (topic, journal) = (cluster.topic("orders", 2).await?, Journal::default());
    let running = whose_letters_have_lost_their_topic(&cluster, &topic, &journal).await?;
    let letters = format!("{topic}-dlt");
    wait::until(
        "health to say which topic is missing",
        TIMEOUT,
        async || {
            let reasons = running.health().reasons().join("; ");
            reasons.contains(&letters).then_some(())
        },
    )
    .await?;
    assert!(
        journal.lines().is_empty(),
        "what is behind the letter waits"
    );
    cluster.topic("orders-dlt", 2).await?;
    journal.has(2, TIMEOUT).await?;
    letter(&cluster, &letters, "bad 2").await?;
    wait::until("health to be green", TIMEOUT, async || {
        running.health().is_ready().then_some(())
    })
    .await?;
    running.stop(TIMEOUT).await;
    Ok(())
}
