//! A record that fails is tried again, then put where the policy says; it is never dropped in
//! silence.

use std::time::Duration;

use integration_tests::app::{Journal, text};
use integration_tests::cluster::Cluster;
use integration_tests::harness::{Outcome, Scenario};
use integration_tests::records::Record;
use integration_tests::{scenarios, wait};
use wellspring::BoxError;
use wellspring::codec::Json;
use wellspring::endpoint::Endpoint;
use wellspring::extract::{RecordContext, State};

pub(crate) const SCENARIOS: &[Scenario] = scenarios![
    a_failing_record_is_retried_and_then_a_dead_letter,
    a_failure_that_passes_is_retried_and_handled,
    a_poison_record_is_a_dead_letter_with_its_own_bytes,
    a_panic_is_a_failure_of_its_record_and_is_not_retried,
    without_a_policy_the_partition_waits_and_the_others_go_on,
];

const TIMEOUT: Duration = Duration::from_secs(30);

/// Fails on `bad …` always, on `shaky …` twice, panics on `panic …`; notes each attempt and each
/// success.
async fn handle(State(journal): State<Journal>, cx: RecordContext) -> Result<(), BoxError> {
    let value = text(cx.record());
    journal.note(format!("{value}, attempt {}", cx.attempt()));
    assert!(!value.starts_with("panic"), "the handler panics at {value}");
    if value.starts_with("bad") || (value.starts_with("shaky") && cx.attempt() < 3) {
        return Err(format!("no use for {value}").into());
    }
    journal.note(format!("{value}, done"));
    Ok(())
}

async fn a_failing_record_is_retried_and_then_a_dead_letter(cluster: Cluster) -> Outcome {
    let topic = cluster.topic("orders", 2).await?;
    let journal = Journal::default();
    let group = cluster.name("shop");
    let endpoint = Endpoint::builder(&topic, &group)
        .retry("2 x 10ms")
        .dead_letter()
        .handler(handle);
    let running = cluster
        .app()?
        .state(journal.clone())
        .endpoint(endpoint)
        .start()
        .await?;

    let bad = Record::new("key", "bad one")
        .header("trace", Some(b"7"))
        .header("null", None);
    let good = Record::new("key", "good one");
    cluster
        .produce(
            &cluster.producer(&[])?,
            &topic,
            Some(1),
            &[bad.clone(), good],
        )
        .await?;

    let lines = journal.has(5, TIMEOUT).await?;
    assert_eq!(
        lines,
        [
            "bad one, attempt 1",
            "bad one, attempt 2",
            "bad one, attempt 3",
            "good one, attempt 1",
            "good one, done"
        ]
    );
    let letter = cluster
        .member("letters", &format!("{topic}-dlt"), &[])?
        .next(TIMEOUT)
        .await?;
    assert_eq!(letter.partition, 1, "a letter keeps its partition");
    assert_eq!(
        (&letter.record.key, &letter.record.value),
        (&bad.key, &bad.value)
    );
    assert!(
        letter.record.headers.starts_with(&bad.headers),
        "its own headers come first, as they were"
    );
    let header = |name: &str| {
        let found = letter
            .record
            .headers
            .iter()
            .rfind(|(header, _)| header == name);
        found.and_then(|(_, value)| value.clone())
    };
    assert_eq!(
        header("kafka_dlt-original-topic"),
        Some(topic.clone().into_bytes())
    );
    assert_eq!(
        header("kafka_dlt-original-partition"),
        Some(1_i32.to_be_bytes().to_vec())
    );
    assert_eq!(
        header("kafka_dlt-original-offset"),
        Some(0_i64.to_be_bytes().to_vec())
    );
    assert_eq!(
        header("kafka_dlt-original-consumer-group"),
        Some(group.into_bytes())
    );
    assert_eq!(
        header("kafka_dlt-exception-message"),
        Some(b"no use for bad one".to_vec())
    );

    await_committed(&cluster, "shop", &topic, 1, 2).await?;
    running.stop(TIMEOUT).await;
    Ok(())
}

async fn a_failure_that_passes_is_retried_and_handled(cluster: Cluster) -> Outcome {
    let topic = cluster.topic("orders", 1).await?;
    let journal = Journal::default();
    let endpoint = Endpoint::builder(&topic, cluster.name("shop"))
        .retry("3 x 10ms")
        .handler(handle);
    let running = cluster
        .app()?
        .state(journal.clone())
        .endpoint(endpoint)
        .start()
        .await?;
    cluster
        .produce(
            &cluster.producer(&[])?,
            &topic,
            Some(0),
            &[Record::new("key", "shaky")],
        )
        .await?;

    let lines = journal.has(4, TIMEOUT).await?;
    assert_eq!(
        lines,
        [
            "shaky, attempt 1",
            "shaky, attempt 2",
            "shaky, attempt 3",
            "shaky, done"
        ]
    );
    await_committed(&cluster, "shop", &topic, 0, 1).await?;
    running.stop(TIMEOUT).await;
    Ok(())
}

async fn a_poison_record_is_a_dead_letter_with_its_own_bytes(cluster: Cluster) -> Outcome {
    async fn take(Json(number): Json<u64>, State(journal): State<Journal>) {
        journal.note(number.to_string());
    }
    let topic = cluster.topic("numbers", 1).await?;
    let journal = Journal::default();
    let endpoint = Endpoint::builder(&topic, cluster.name("sum"))
        .retry("3 x 10ms")
        .dead_letter()
        .handler(take);
    let running = cluster
        .app()?
        .state(journal.clone())
        .endpoint(endpoint)
        .start()
        .await?;

    let poison = Record {
        key: None,
        ..Record::new("", [0xff, b'{', 0])
    };
    let records = [Record::new("k", "1"), poison.clone(), Record::new("k", "2")];
    cluster
        .produce(&cluster.producer(&[])?, &topic, Some(0), &records)
        .await?;

    assert_eq!(journal.has(2, TIMEOUT).await?, ["1", "2"]);
    let letter = cluster
        .member("letters", &format!("{topic}-dlt"), &[])?
        .next(TIMEOUT)
        .await?;
    assert_eq!(
        (letter.record.key, letter.record.value),
        (poison.key, poison.value)
    );
    await_committed(&cluster, "sum", &topic, 0, 3).await?;
    running.stop(TIMEOUT).await;
    Ok(())
}

async fn a_panic_is_a_failure_of_its_record_and_is_not_retried(cluster: Cluster) -> Outcome {
    let topic = cluster.topic("orders", 1).await?;
    let journal = Journal::default();
    let endpoint = Endpoint::builder(&topic, cluster.name("shop"))
        .retry("3 x 10ms")
        .dead_letter()
        .handler(handle);
    let running = cluster
        .app()?
        .state(journal.clone())
        .endpoint(endpoint)
        .start()
        .await?;
    let records = [Record::new("k", "panic now"), Record::new("k", "good one")];
    cluster
        .produce(&cluster.producer(&[])?, &topic, Some(0), &records)
        .await?;

    let letter = cluster
        .member("letters", &format!("{topic}-dlt"), &[])?
        .next(TIMEOUT)
        .await?;
    assert_eq!(letter.record.value, Some(b"panic now".to_vec()));
    await_committed(&cluster, "shop", &topic, 0, 2).await?;
    assert_eq!(
        journal.lines(),
        [
            "panic now, attempt 1",
            "good one, attempt 1",
            "good one, done"
        ]
    );
    running.stop(TIMEOUT).await;
    Ok(())
}

async fn without_a_policy_the_partition_waits_and_the_others_go_on(cluster: Cluster) -> Outcome {
    let topic = cluster.topic("orders", 2).await?;
    let journal = Journal::default();
    let endpoint = || Endpoint::builder(&topic, cluster.name("shop")).retry("1 x 10ms");
    let running = cluster
        .app()?
        .state(journal.clone())
        .endpoint(endpoint().handler(handle))
        .start()
        .await?;

    let producer = cluster.producer(&[])?;
    cluster
        .produce(
            &producer,
            &topic,
            Some(0),
            &[Record::new("k", "bad one"), Record::new("k", "behind it")],
        )
        .await?;
    wait::until("a partition that waits", TIMEOUT, async || {
        (!running.health().is_ready()).then_some(())
    })
    .await?;
    cluster
        .produce(&producer, &topic, Some(1), &[Record::new("k", "elsewhere")])
        .await?;
    wait::until("the other partition", TIMEOUT, async || {
        (journal.count("elsewhere, done") == 1).then_some(())
    })
    .await?;
    assert_eq!(
        journal.count("behind it, attempt 1"),
        0,
        "nothing overtakes the failed record"
    );
    running.stop(TIMEOUT).await;
    assert_eq!(
        cluster.committed("shop", &topic, 0)?.unwrap_or(0),
        0,
        "the failed record is not committed"
    );

    // After a fix and a restart it is the first to be handled.
    async fn fixed(State(journal): State<Journal>, cx: RecordContext) {
        journal.note(format!("{}, fixed", text(cx.record())));
    }
    let repaired = Journal::default();
    let running = cluster
        .app()?
        .state(repaired.clone())
        .endpoint(endpoint().handler(fixed))
        .start()
        .await?;
    assert_eq!(
        repaired.has(2, TIMEOUT).await?,
        ["bad one, fixed", "behind it, fixed"]
    );
    running.stop(TIMEOUT).await;
    Ok(())
}

async fn await_committed(
    cluster: &Cluster,
    group: &str,
    topic: &str,
    partition: i32,
    next: i64,
) -> Outcome {
    let committed =
        async || (cluster.committed(group, topic, partition).ok()? == Some(next)).then_some(());
    Ok(wait::until(
        format!("offset {next} of {topic}-{partition} to be committed"),
        TIMEOUT,
        committed,
    )
    .await?)
}
