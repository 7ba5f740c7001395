//! Within a partition nothing overtakes: not under retries in flight, not under one key.

use std::collections::BTreeMap;
use std::time::Duration;

use integration_tests::app::{Journal, text};
use integration_tests::cluster::Cluster;
use integration_tests::harness::{Outcome, Scenario};
use integration_tests::records::{Record, Seeded};
use integration_tests::{scenarios, wait};
use wellspring::BoxError;
use wellspring::endpoint::{Endpoint, Ordering};
use wellspring::extract::{RecordContext, State};

pub(crate) const SCENARIOS: &[Scenario] = scenarios![
    an_idempotent_producer_keeps_its_order,
    records_of_one_key_stay_together_and_in_order,
    sixteen_workers_keep_the_order_of_each_key_under_failures,
];

const TIMEOUT: Duration = Duration::from_secs(30);

/// Small batches, so that five requests are always in flight.
const BUSY: [(&str, &str); 4] = [
    ("enable.idempotence", "true"),
    ("max.in.flight", "5"),
    ("batch.num.messages", "50"),
    ("linger.ms", "1"),
];

async fn an_idempotent_producer_keeps_its_order(cluster: Cluster) -> Outcome {
    let topic = cluster.topic("idempotent", 1).await?;
    let records: Vec<_> = (0..5_000)
        .map(|nth| Record::new("key", format!("{nth}")))
        .collect();
    cluster
        .produce(&cluster.producer(&BUSY)?, &topic, Some(0), &records)
        .await?;

    let seen = cluster
        .member("readers", &topic, &[])?
        .take(records.len(), TIMEOUT)
        .await?;
    for (nth, (seen, sent)) in seen.iter().zip(&records).enumerate() {
        assert_eq!((seen.offset, &seen.record), (i64::try_from(nth)?, sent));
    }
    Ok(())
}

async fn records_of_one_key_stay_together_and_in_order(cluster: Cluster) -> Outcome {
    let topic = cluster.topic("keys", 8).await?;
    let records = Seeded::new(11).keyed(2_000, 40);
    let mut settings = BUSY.to_vec();
    settings.push(("partitioner", "murmur2_random"));
    cluster
        .produce(&cluster.producer(&settings)?, &topic, None, &records)
        .await?;

    let mut partition_of = BTreeMap::new();
    let mut seen_of: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for seen in cluster
        .member("readers", &topic, &[])?
        .take(records.len(), TIMEOUT)
        .await?
    {
        let partition = *partition_of
            .entry(seen.record.key.clone())
            .or_insert(seen.partition);
        assert_eq!(partition, seen.partition, "one key, one partition");
        seen_of
            .entry(seen.record.key.clone())
            .or_default()
            .push(seen.record.value);
    }
    let mut sent_of: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for record in records {
        sent_of.entry(record.key).or_default().push(record.value);
    }
    assert_eq!(seen_of, sent_of);
    assert!(
        partition_of
            .values()
            .collect::<std::collections::BTreeSet<_>>()
            .len()
            > 1,
        "keys spread"
    );
    Ok(())
}

async fn sixteen_workers_keep_the_order_of_each_key_under_failures(cluster: Cluster) -> Outcome {
    /// Takes a different time for each record, and fails one first attempt in five.
    async fn handle(State(journal): State<Journal>, cx: RecordContext) -> Result<(), BoxError> {
        let value = text(cx.record());
        let dice = Seeded::new(
            value
                .bytes()
                .fold(1, |hash, byte| hash * 31 + u64::from(byte)),
        )
        .number();
        wait::take(Duration::from_millis(dice % 4)).await;
        if dice.is_multiple_of(5) && cx.attempt() == 1 {
            return Err("the first attempt fails".into());
        }
        journal.note(format!(
            "{} {value}",
            String::from_utf8_lossy(cx.record().key().unwrap_or_default())
        ));
        Ok(())
    }
    let topic = cluster.topic("lanes", 4).await?;
    let records = Seeded::new(13).keyed(3_000, 60);
    cluster
        .produce(
            &cluster.producer(&[("partitioner", "murmur2_random")])?,
            &topic,
            None,
            &records,
        )
        .await?;

    let journal = Journal::default();
    let endpoint = Endpoint::builder(&topic, cluster.name("group"));
    let endpoint = endpoint
        .workers(16)
        .ordering(Ordering::Key)
        .retry("3 x 5ms")
        .handler(handle);
    let running = cluster
        .app()?
        .state(journal.clone())
        .endpoint(endpoint)
        .start()
        .await?;
    let handled = journal.has(records.len(), TIMEOUT).await?;
    running.stop(TIMEOUT).await;

    let by_key = |lines: Vec<String>| {
        let mut by_key: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for line in lines {
            let (key, value) = line.split_once(' ').unwrap();
            by_key
                .entry(key.to_owned())
                .or_default()
                .push(value.to_owned());
        }
        by_key
    };
    let text = |part: &Option<Vec<u8>>| String::from_utf8(part.clone().unwrap()).unwrap();
    let sent = records
        .iter()
        .map(|record| format!("{} {}", text(&record.key), text(&record.value)))
        .collect();
    assert_eq!(by_key(handled), by_key(sent));
    Ok(())
}
