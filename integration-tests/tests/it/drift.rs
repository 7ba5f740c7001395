//! A topic that is not as an application declares it is used as it is, and told: the start goes on
//! and health stays green.

use std::time::Duration;

use integration_tests::app::{Journal, text};
use integration_tests::cluster::Cluster;
use integration_tests::harness::{Outcome, Scenario};
use integration_tests::records::Record;
use integration_tests::{scenarios, wait};
use wellspring::admin::{Drift, Topic};
use wellspring::app::RunningApp;
use wellspring::endpoint::Endpoint;
use wellspring::extract::{RecordContext, State};

pub(crate) const SCENARIOS: &[Scenario] = scenarios![
    a_topic_that_is_too_small_grows_or_is_told,
    a_topic_that_is_too_large_is_left_and_told,
    settings_and_replicas_that_differ_are_told_and_left,
];

const TIMEOUT: Duration = Duration::from_secs(30);

async fn note(State(journal): State<Journal>, cx: RecordContext) {
    journal.note(text(cx.record()));
}

async fn start(
    cluster: &Cluster,
    topic: Topic,
    name: &str,
    journal: &Journal,
) -> wellspring::Result<RunningApp> {
    let endpoint = Endpoint::builder(name, cluster.name("group")).handler(note);
    Ok(cluster
        .app()?
        .state(journal.clone())
        .declare(topic)
        .endpoint(endpoint)
        .start()
        .await?)
}

/// What of the topic differs, each as `what actual declared`.
fn differences(drift: &[Drift]) -> Vec<String> {
    drift
        .iter()
        .map(|one| format!("{} {} {}", one.what, one.actual, one.declared))
        .collect()
}

async fn a_topic_that_is_too_small_grows_or_is_told(cluster: Cluster) -> Outcome {
    let name = cluster.topic("small", 1).await?;
    let journal = Journal::default();
    let running = start(&cluster, Topic::new(&name, 4), &name, &journal).await?;
    wait::until("it to be ready", TIMEOUT, async || {
        running.health().is_ready().then_some(())
    })
    .await?;
    let drift = running.health().drift;
    let partition = if drift.is_empty() { 3 } else { 0 };
    if !drift.is_empty() {
        assert_eq!(differences(&drift), ["partitions 1 4"]);
        assert!(drift[0].reason.is_some(), "why it did not grow: {drift:?}");
        assert!(
            running.health().to_json()["drift"][0]
                .as_str()
                .is_some_and(|line| line.contains(&name))
        );
    }
    // Whether it grew or not, what is there is read.
    let record = Record::new("k", "v");
    cluster
        .produce(&cluster.producer(&[])?, &name, Some(partition), &[record])
        .await?;
    journal.has(1, TIMEOUT).await?;
    running.stop(TIMEOUT).await;
    Ok(())
}

async fn a_topic_that_is_too_large_is_left_and_told(cluster: Cluster) -> Outcome {
    let name = cluster.topic("large", 3).await?;
    let running = start(&cluster, Topic::new(&name, 2), &name, &Journal::default()).await?;
    assert_eq!(differences(&running.health().drift), ["partitions 3 2"]);
    assert!(
        running.health().reasons().is_empty(),
        "it is no reason to be red"
    );
    running.stop(TIMEOUT).await;
    Ok(())
}

async fn settings_and_replicas_that_differ_are_told_and_left(cluster: Cluster) -> Outcome {
    let name = cluster.topic("settings", 1).await?;
    let declared = Topic::new(&name, 1)
        .replication(3)
        .setting("retention.ms", "1234567")
        .setting("cleanup.policy", "delete");
    let running = start(&cluster, declared, &name, &Journal::default()).await?;
    assert_eq!(
        differences(&running.health().drift),
        ["replication 1 3", "retention.ms 604800000 1234567"],
        "and nothing about the setting that is as declared"
    );
    assert!(running.health().is_ready());
    running.stop(TIMEOUT).await;
    Ok(())
}
