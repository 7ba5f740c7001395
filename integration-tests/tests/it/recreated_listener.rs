//! A topic that is made again under a listener is another topic: its records are all handled, and
//! what was read of the old one counts for nothing.

use std::time::Duration;

use integration_tests::app::{Journal, text};
use integration_tests::cluster::Cluster;
use integration_tests::harness::{Outcome, Scenario};
use integration_tests::records::{Record, Seeded};
use integration_tests::{scenarios, wait};
use wellspring::app::RunningApp;
use wellspring::endpoint::Endpoint;
use wellspring::extract::{RecordContext, State};

pub(crate) const SCENARIOS: &[Scenario] = scenarios![
    no_offset_of_the_old_topic_lands_on_the_new_one,
    a_new_topic_that_is_longer_than_the_old_one_is_read_from_its_beginning,
    with_latest_the_new_topic_is_read_from_its_beginning,
    a_topic_that_was_away_for_a_while_is_read_from_its_beginning,
    a_topic_that_comes_back_smaller_or_larger_is_read_from_its_beginning,
    a_topic_that_is_made_again_while_nobody_runs_is_read_from_its_beginning,
];

const TIMEOUT: Duration = Duration::from_secs(60);

/// Slow enough to be in the middle of its records when their topic goes.
async fn note(State(journal): State<Journal>, cx: RecordContext) {
    let value = text(cx.record());
    if value.starts_with("value-") {
        wait::take(Duration::from_millis(1)).await;
    }
    journal.note(value);
}

async fn start(
    cluster: &Cluster,
    topic: &str,
    journal: &Journal,
    reset: &str,
) -> Result<RunningApp, wellspring::BoxError> {
    let endpoint = Endpoint::builder(topic, cluster.name("group")).handler(note);
    let app = cluster.app()?.state(journal.clone()).endpoint(endpoint);
    Ok(app
        .set("kafka.consumer.properties.auto.offset.reset", reset)
        .start()
        .await?)
}

/// A listener in the middle of the 4,000 records of a topic.
async fn in_the_middle(
    cluster: &Cluster,
    reset: &str,
) -> Result<(RunningApp, Journal), wellspring::BoxError> {
    let (topic, journal) = (cluster.topic("work", 1).await?, Journal::default());
    let running = start(cluster, &topic, &journal, reset).await?;
    cluster
        .produce(
            &cluster.producer(&[])?,
            &topic,
            Some(0),
            &Seeded::new(7).keyed(4_000, 50),
        )
        .await?;
    journal.has(300, TIMEOUT).await?;
    wait::until("a commit", TIMEOUT, async || {
        cluster.committed("group", &topic, 0).ok()?
    })
    .await?;
    Ok((running, journal))
}

/// Removes the topic and makes it again as soon as that can be, which may take some tries.
async fn make_again(cluster: &Cluster, partitions: i32) -> Outcome {
    cluster.remove_topics().await?;
    wait::until("the topic to be made again", TIMEOUT, async || {
        cluster.topic("work", partitions).await.ok()
    })
    .await?;
    Ok(())
}

async fn write(cluster: &Cluster, partition: i32, count: usize) -> Outcome {
    let record = |number| Record::new("key", format!("new-{partition}-{number}"));
    let records: Vec<Record> = (0..count).map(record).collect();
    cluster
        .produce(
            &cluster.producer(&[])?,
            &cluster.name("work"),
            Some(partition),
            &records,
        )
        .await?;
    Ok(())
}

/// Every new record has been handled, and none of the old ones behind them.
async fn all_new(journal: &Journal, partitions: i32, count: usize) -> Outcome {
    let is_new = |line: &&String| line.starts_with("new-");
    let lines = wait::until("all new records to be handled", TIMEOUT, async || {
        let lines = journal.lines();
        let mut new: Vec<&String> = lines.iter().filter(is_new).collect();
        new.sort_unstable();
        new.dedup();
        let all = count * usize::try_from(partitions).ok()?;
        (new.len() == all).then_some(lines)
    })
    .await?;
    let late = lines
        .iter()
        .skip_while(|line| !line.starts_with("new-"))
        .filter(|line| !is_new(line))
        .count();
    assert!(
        late <= 1,
        "{late} old records were handled after the first new one"
    );
    Ok(())
}

async fn no_offset_of_the_old_topic_lands_on_the_new_one(cluster: Cluster) -> Outcome {
    let (running, journal) = in_the_middle(&cluster, "earliest").await?;
    make_again(&cluster, 1).await?;
    // The new topic is empty: whatever is committed to it is of the old one.
    let a_while = wait::Deadline::after(Duration::from_secs(4));
    while !a_while.has_passed() {
        let committed = cluster.committed("group", &cluster.name("work"), 0)?;
        assert_eq!(committed.filter(|next| *next > 0), None);
        wait::take(Duration::from_millis(20)).await;
    }
    write(&cluster, 0, 50).await?;
    all_new(&journal, 1, 50).await?;
    running.stop(TIMEOUT).await;
    assert_eq!(
        cluster.committed("group", &cluster.name("work"), 0)?,
        Some(50)
    );
    Ok(())
}

async fn a_new_topic_that_is_longer_than_the_old_one_is_read_from_its_beginning(
    cluster: Cluster,
) -> Outcome {
    let (running, journal) = in_the_middle(&cluster, "earliest").await?;
    make_again(&cluster, 1).await?;
    write(&cluster, 0, 6_000).await?;
    all_new(&journal, 1, 6_000).await?;
    running.stop(TIMEOUT).await;
    Ok(())
}

async fn with_latest_the_new_topic_is_read_from_its_beginning(cluster: Cluster) -> Outcome {
    let (running, journal) = in_the_middle(&cluster, "latest").await?;
    make_again(&cluster, 1).await?;
    write(&cluster, 0, 100).await?;
    all_new(&journal, 1, 100).await?;
    running.stop(TIMEOUT).await;
    Ok(())
}

async fn a_topic_that_was_away_for_a_while_is_read_from_its_beginning(cluster: Cluster) -> Outcome {
    let (running, journal) = in_the_middle(&cluster, "earliest").await?;
    cluster.remove_topics().await?;
    wait::take(Duration::from_secs(7)).await;
    cluster.topic("work", 1).await?;
    write(&cluster, 0, 100).await?;
    all_new(&journal, 1, 100).await?;
    running.stop(TIMEOUT).await;
    Ok(())
}

async fn a_topic_that_comes_back_smaller_or_larger_is_read_from_its_beginning(
    cluster: Cluster,
) -> Outcome {
    let (running, journal) = in_the_middle(&cluster, "earliest").await?;
    make_again(&cluster, 3).await?;
    for partition in 0..3 {
        write(&cluster, partition, 20).await?;
    }
    all_new(&journal, 3, 20).await?;
    make_again(&cluster, 1).await?;
    let again = Record::new("key", "new-again");
    cluster
        .produce(
            &cluster.producer(&[])?,
            &cluster.name("work"),
            Some(0),
            &[again],
        )
        .await?;
    wait::until("the record of the third topic", TIMEOUT, async || {
        (journal.count("new-again") > 0).then_some(())
    })
    .await?;
    running.stop(TIMEOUT).await;
    Ok(())
}

async fn a_topic_that_is_made_again_while_nobody_runs_is_read_from_its_beginning(
    cluster: Cluster,
) -> Outcome {
    let (running, journal) = in_the_middle(&cluster, "earliest").await?;
    running.stop(TIMEOUT).await;
    make_again(&cluster, 1).await?;
    write(&cluster, 0, 2_000).await?;
    let running = start(&cluster, &cluster.name("work"), &journal, "earliest").await?;
    all_new(&journal, 1, 2_000).await?;
    running.stop(TIMEOUT).await;
    Ok(())
}
