//! A graceful stop takes nothing new, lets running handlers end, commits, and leaves.

use std::time::Duration;

use integration_tests::app::{Journal, text};
use integration_tests::cluster::Cluster;
use integration_tests::harness::{Outcome, Scenario};
use integration_tests::records::Seeded;
use integration_tests::{scenarios, wait};
use tokio::time::timeout;
use wellspring::app::RunningApp;
use wellspring::endpoint::{Endpoint, Ordering};
use wellspring::extract::{RecordContext, State};

pub(crate) const SCENARIOS: &[Scenario] = scenarios![
    a_stop_finishes_what_runs_and_the_next_start_goes_on_behind_it,
    a_rebalance_waits_for_what_runs
];

const TIMEOUT: Duration = Duration::from_secs(30);

async fn take_your_time(State(journal): State<Journal>, cx: RecordContext) {
    let value = text(cx.record());
    journal.note(format!("started {value}"));
    wait::take(Duration::from_millis(100)).await;
    journal.note(format!("done {value}"));
}

async fn a_stop_finishes_what_runs_and_the_next_start_goes_on_behind_it(
    cluster: Cluster,
) -> Outcome {
    let topic = cluster.topic("work", 2).await?;
    let records = Seeded::new(5).keyed(100, 100);
    cluster
        .produce(&cluster.producer(&[])?, &topic, None, &records)
        .await?;

    let journal = Journal::default();
    let member = async || start(&cluster, &topic, &journal, 8).await;
    let running = member().await?;
    journal.has(20, TIMEOUT).await?;
    let report = running.stop(TIMEOUT).await;
    assert!(
        report
            .listeners
            .iter()
            .all(|(_, listener)| listener.cancelled == 0),
        "{report:?}"
    );
    let lines = journal.lines();
    let of = |what: &str| lines.iter().filter(|line| line.starts_with(what)).count();
    assert_eq!(of("started"), of("done"), "what had started was let end");
    assert!(
        of("done") < records.len(),
        "the stop must come in the middle of the work"
    );

    let running = member().await?;
    journal.has(2 * records.len(), TIMEOUT).await?;
    running.stop(TIMEOUT).await;
    each_once(&journal, records.len());
    Ok(())
}

async fn a_rebalance_waits_for_what_runs(cluster: Cluster) -> Outcome {
    let topic = cluster.topic("work", 4).await?;
    let records = Seeded::new(6).keyed(100, 100);
    cluster
        .produce(&cluster.producer(&[])?, &topic, None, &records)
        .await?;

    let journal = Journal::default();
    let member = async || start(&cluster, &topic, &journal, 4).await;
    let first = member().await?;
    journal.has(10, TIMEOUT).await?;
    // It takes over partitions while handlers of the first one are running on them.
    let second = member().await?;
    journal.has(2 * records.len(), TIMEOUT).await?;
    first.stop(TIMEOUT).await;
    // The group may give it the partitions of the first one while it leaves: it has no use for
    // them.
    timeout(TIMEOUT / 3, second.stop(TIMEOUT)).await?;
    each_once(&journal, records.len());
    Ok(())
}

/// A member of the group with handlers that take their time.
async fn start(
    cluster: &Cluster,
    topic: &str,
    journal: &Journal,
    workers: usize,
) -> Result<RunningApp, wellspring::BoxError> {
    let endpoint = Endpoint::builder(topic, cluster.name("group"))
        .workers(workers)
        .ordering(Ordering::None);
    let app = cluster
        .app()?
        .state(journal.clone())
        .endpoint(endpoint.handler(take_your_time));
    Ok(app.start().await?)
}

/// Every record was handled, and none twice.
fn each_once(journal: &Journal, records: usize) {
    for nth in 0..records {
        assert_eq!(
            journal.count(&format!("done value-{nth}")),
            1,
            "how often value-{nth} was handled"
        );
    }
}
