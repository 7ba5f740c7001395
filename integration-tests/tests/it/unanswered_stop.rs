//! A stop has an end although no broker answers.

use std::time::Duration;

use integration_tests::app::{Journal, text};
use integration_tests::cluster::Cluster;
use integration_tests::harness::{Outcome, Scenario};
use integration_tests::own::OwnKafka;
use integration_tests::records::Seeded;
use integration_tests::{scenarios, wait};
use tokio::time::timeout;
use wellspring::app::RunningApp;
use wellspring::endpoint::Endpoint;
use wellspring::extract::{RecordContext, State};

pub(crate) const SCENARIOS: &[Scenario] =
    scenarios![OwnKafka => a_stop_ends_although_the_broker_answers_nothing_any_more];

const TIMEOUT: Duration = Duration::from_secs(60);

async fn take_your_time(State(journal): State<Journal>, cx: RecordContext) {
    wait::take(Duration::from_millis(100)).await;
    journal.note(format!("done {}", text(cx.record())));
}

async fn a_stop_ends_although_the_broker_answers_nothing_any_more(mut kafka: OwnKafka) -> Outcome {
    kafka.start().await?;
    let cluster = kafka.cluster();
    let topic = cluster.topic("work", 2).await?;
    let records = Seeded::new(7).keyed(100, 100);
    cluster
        .produce(&cluster.producer(&[])?, &topic, None, &records)
        .await?;
    let journal = Journal::default();
    let running = start(&cluster, &topic, &journal).await?;
    journal.has(20, TIMEOUT).await?;

    kafka.freeze().await?;
    // The deadline, the last commit and the farewell to the group, neither of which is answered,
    // and some time for a slow machine. The client itself would wait for minutes.
    let longest = Duration::from_secs(2 + 5 + 5 + 13);
    let stopped = timeout(longest, running.stop(Duration::from_secs(2))).await;
    assert!(stopped.is_ok(), "the stop has not ended after {longest:?}");

    // What was not committed is delivered again, to a member that takes the place of the one that
    // could not say that it left.
    kafka.thaw()?;
    let running = start(&cluster, &topic, &journal).await?;
    let done = || (0..records.len()).filter(|nth| journal.count(&format!("done value-{nth}")) > 0);
    wait::until("every record", TIMEOUT, async || {
        (done().count() == records.len()).then_some(())
    })
    .await?;
    running.stop(TIMEOUT).await;
    Ok(())
}

async fn start(
    cluster: &Cluster,
    topic: &str,
    journal: &Journal,
) -> Result<RunningApp, wellspring::BoxError> {
    let endpoint = Endpoint::builder(topic, cluster.name("group")).workers(8);
    let app = cluster
        .app()?
        .state(journal.clone())
        .endpoint(endpoint.handler(take_your_time));
    Ok(app.start().await?)
}
