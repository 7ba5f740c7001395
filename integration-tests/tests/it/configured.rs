//! What a configuration says holds on any broker: addresses as other tools write them, topics of
//! types, lists of topics.

use std::time::Duration;

use integration_tests::app::{Journal, text};
use integration_tests::cluster::Cluster;
use integration_tests::harness::{Outcome, Scenario};
use integration_tests::records::Record;
use integration_tests::scenarios;
use wellspring::app::App;
use wellspring::config::Loader;
use wellspring::endpoint::Endpoint;
use wellspring::extract::RecordContext;
use wellspring::prelude::*;

pub(crate) const SCENARIOS: &[Scenario] = scenarios![
    addresses_are_taken_as_other_tools_write_them,
    the_topic_of_an_event_comes_from_the_configuration,
    a_list_in_the_configuration_is_read_topic_by_topic,
];

const TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(topic = "${refunds.topic:refunds}")]
struct Refund {
    no: u32,
}

async fn refunded(refund: Refund, State(journal): State<Journal>) {
    journal.note(format!("refund {}", refund.no));
}

async fn note(State(journal): State<Journal>, cx: RecordContext) {
    journal.note(text(cx.record()));
}

async fn addresses_are_taken_as_other_tools_write_them(cluster: Cluster) -> Outcome {
    let topic = cluster.topic("addressed", 1).await?;
    let bootstrap = cluster.bootstrap();
    for (at, addresses) in [
        format!("PLAINTEXT://{bootstrap}"),
        format!("kafka://{bootstrap}/"),
        format!("tcp://{bootstrap}, {bootstrap},"),
    ]
    .iter()
    .enumerate()
    {
        let journal = Journal::default();
        let app = App::new(
            Loader::new()
                .set("kafka.bootstrap-servers", addresses)
                .load()?,
        );
        let endpoint =
            Endpoint::builder(&topic, cluster.name(&format!("group-{at}"))).handler(note);
        let running = app
            .state(journal.clone())
            .endpoint(endpoint)
            .start()
            .await?;
        running
            .template()?
            .record(&topic)
            .text("sent")
            .send()
            .await?;
        journal.has(at + 1, TIMEOUT).await?;
        running.stop(TIMEOUT).await;
    }
    Ok(())
}

async fn the_topic_of_an_event_comes_from_the_configuration(cluster: Cluster) -> Outcome {
    let topic = cluster.topic("refunds", 1).await?;
    let journal = Journal::default();
    let running = cluster
        .app()?
        .set("refunds.topic", &topic)
        .state(journal.clone())
        .endpoint(Endpoint::for_event(cluster.name("group")).handler(refunded))
        .start()
        .await?;
    let receipt = running.template()?.send(&Refund { no: 7 }).await?;
    assert_eq!(
        receipt.topic.as_str(),
        topic,
        "the producer goes by the same setting"
    );
    assert_eq!(journal.has(1, TIMEOUT).await?, ["refund 7"]);
    running.stop(TIMEOUT).await;
    Ok(())
}

async fn a_list_in_the_configuration_is_read_topic_by_topic(cluster: Cluster) -> Outcome {
    let topics = [
        cluster.topic("first", 1).await?,
        cluster.topic("second", 1).await?,
    ];
    let journal = Journal::default();
    let running = cluster
        .app()?
        .set("shop.topics", topics.join(","))
        .state(journal.clone())
        .endpoint(Endpoint::builder("${shop.topics}", cluster.name("group")).handler(note))
        .start()
        .await?;
    for topic in &topics {
        cluster
            .produce(
                &cluster.producer(&[])?,
                topic,
                None,
                &[Record::new("k", topic.as_str())],
            )
            .await?;
    }
    let mut seen = journal.has(2, TIMEOUT).await?;
    seen.sort();
    assert_eq!(seen, topics);
    running.stop(TIMEOUT).await;
    Ok(())
}
