//! A handler may take as long as it likes: what it can't take waits, and membership is kept.

use std::time::Duration;

use integration_tests::app::{Journal, text};
use integration_tests::cluster::Cluster;
use integration_tests::harness::{Outcome, Scenario};
use integration_tests::records::Record;
use integration_tests::{scenarios, wait};
use wellspring::endpoint::Endpoint;
use wellspring::extract::{RecordContext, State};

pub(crate) const SCENARIOS: &[Scenario] =
    scenarios![a_handler_slower_than_the_poll_interval_keeps_its_partitions];

const TIMEOUT: Duration = Duration::from_secs(60);

async fn a_handler_slower_than_the_poll_interval_keeps_its_partitions(cluster: Cluster) -> Outcome {
    async fn slow(State(journal): State<Journal>, cx: RecordContext) {
        let value = text(cx.record());
        journal.note(format!("{value} started"));
        if value == "slow" {
            wait::take(Duration::from_secs(9)).await;
        }
        journal.note(format!("{value} done"));
    }
    let topic = cluster.topic("slow", 1).await?;
    let journal = Journal::default();
    let endpoint =
        Endpoint::builder(&topic, cluster.name("group")).property("max.poll.interval.ms", "6000");
    // A drain must be shorter than the poll interval.
    let app = cluster.app()?.set("app.drain-deadline", "4s");
    let running = app
        .state(journal.clone())
        .endpoint(endpoint.handler(slow))
        .start()
        .await?;

    // Enough behind the slow one that no budget holds it all.
    let mut records = vec![Record::new("k", "slow")];
    records.extend((0..20_000).map(|nth| Record::new("k", format!("{nth}"))));
    cluster
        .produce(&cluster.producer(&[])?, &topic, Some(0), &records)
        .await?;

    let lines = journal.has(2 * records.len(), TIMEOUT).await?;
    let mut expected = Vec::new();
    for record in &records {
        let value = String::from_utf8(record.value.clone().unwrap())?;
        expected.extend([format!("{value} started"), format!("{value} done")]);
    }
    assert_eq!(
        lines.len(),
        expected.len(),
        "a record came twice, so the membership was lost"
    );
    assert!(lines == expected, "every record once, in order");
    assert!(running.health().is_ready());
    running.stop(TIMEOUT).await;
    Ok(())
}
