//! An error says itself what becomes of its record, wherever it is raised.

use std::time::Duration;

use anyhow::Context as _;
use integration_tests::app::Journal;
use integration_tests::cluster::Cluster;
use integration_tests::harness::{Outcome, Scenario};
use integration_tests::records::Record;
use integration_tests::scenarios;
use wellspring::endpoint::Endpoint;
use wellspring::prelude::*;
use wellspring::retry::Classifier;

pub(crate) const SCENARIOS: &[Scenario] = scenarios![
    an_error_in_anyhow_goes_to_a_dead_letter_topic_that_was_made_at_start,
    numbers_are_numbers_and_text_is_text,
];

const TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Debug, thiserror::Error, Classify)]
#[error("no such order")]
#[classify(dead_letter)]
struct NoSuchOrder;

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(topic = "another", key = "id")]
struct Order {
    id: u64,
}

async fn refuse(AnyTopic(order): AnyTopic<Order>) -> anyhow::Result<()> {
    match order.id % 2 {
        0 => Err(NoSuchOrder.into()),
        _ => Err(NoSuchOrder).context("an odd one"),
    }
}

/// The listener does not say `dead_letter`, and its topic is not left to the broker's
/// auto-creation.
async fn an_error_in_anyhow_goes_to_a_dead_letter_topic_that_was_made_at_start(
    cluster: Cluster,
) -> Outcome {
    let topic = cluster.topic("orders", 3).await?;
    let letters = format!("{topic}-dlt");
    let endpoint = Endpoint::builder(&topic, cluster.name("shop"))
        .classify(Classifier::of::<NoSuchOrder>())
        .handler(refuse);
    let running = cluster.app()?.endpoint(endpoint).start().await?;

    let journal = Journal::default();
    async fn look(
        AnyTopic(order): AnyTopic<Order>,
        meta: Metadata,
        State(journal): State<Journal>,
    ) {
        journal.note(format!("{} in {}", order.id, meta.partition));
    }
    let support = Endpoint::builder(&letters, cluster.name("support")).handler(look);
    let reading = cluster
        .app()?
        .state(journal.clone())
        .endpoint(support)
        .start()
        .await?;
    assert_eq!(
        reading.health().reasons(),
        [""; 0],
        "the topic was there, as large as its own"
    );
    assert_eq!(reading.health().listeners[0].partitions.len(), 3);

    let orders = [
        Record::new("1", r#"{"id":1}"#),
        Record::new("2", r#"{"id":2}"#),
    ];
    cluster
        .produce(&cluster.producer(&[])?, &topic, Some(2), &orders)
        .await?;
    assert_eq!(journal.has(2, TIMEOUT).await?, ["1 in 2", "2 in 2"]);
    running.stop(TIMEOUT).await;
    reading.stop(TIMEOUT).await;
    Ok(())
}

/// What another client wrote as text is never read as another number; what Java's serializers write
/// is read.
async fn numbers_are_numbers_and_text_is_text(cluster: Cluster) -> Outcome {
    async fn take(cx: RecordContext, State(journal): State<Journal>) -> Result<(), Rejection> {
        let number = cx.header::<i32>("attempt").map_or(-1, |number| number);
        let Text(text) = cx.header::<Text<i32>>("attempt").unwrap_or(Text(-1));
        let key = cx.record().decode_key::<i64>().unwrap_or(-1);
        let Text(key_text) = cx.record().decode_key::<Text<i64>>().unwrap_or(Text(-1));
        journal.note(format!("{number} {text} {key} {key_text}"));
        Ok(())
    }
    let topic = cluster.topic("numbers", 1).await?;
    let journal = Journal::default();
    let endpoint = Endpoint::builder(&topic, cluster.name("sum")).handler(take);
    let running = cluster
        .app()?
        .state(journal.clone())
        .endpoint(endpoint)
        .start()
        .await?;
    let records = [
        Record::new("12345", "v").header("attempt", Some(b"7")),
        Record::new(12345_i64.to_be_bytes(), "v").header("attempt", Some(&7_i32.to_be_bytes())),
    ];
    cluster
        .produce(&cluster.producer(&[])?, &topic, Some(0), &records)
        .await?;
    assert_eq!(
        journal.has(2, TIMEOUT).await?,
        ["-1 7 -1 12345", "7 -1 12345 -1"]
    );
    running.stop(TIMEOUT).await;
    Ok(())
}
