//! What is small on the wire may be large when it is opened.

use std::time::Duration;

use integration_tests::cluster::Cluster;
use integration_tests::harness::{Outcome, Scenario};
use integration_tests::records::Record;
use integration_tests::scenarios;

pub(crate) const SCENARIOS: &[Scenario] = scenarios![
    a_large_value_that_is_small_when_compressed_is_taken,
    a_batch_of_many_records_is_taken
];

const TIMEOUT: Duration = Duration::from_secs(60);

async fn a_large_value_that_is_small_when_compressed_is_taken(cluster: Cluster) -> Outcome {
    let topic = cluster.topic("large", 1).await?;
    for (number, codec) in ["gzip", "zstd", "lz4"].into_iter().enumerate() {
        // The client's own limit is on what it is given, the broker's on what is sent.
        let producer = cluster.producer(&[
            ("compression.type", codec),
            ("message.max.bytes", "50000000"),
        ])?;
        let large = Record::new(codec, "0".repeat(33 << 20));
        cluster
            .produce(&producer, &topic, Some(0), std::slice::from_ref(&large))
            .await?;
        let member = cluster.member(codec, &topic, &[])?;
        let seen = member.take(number + 1, TIMEOUT).await?;
        assert!(seen[number].record == large, "{codec}");
    }
    Ok(())
}

async fn a_batch_of_many_records_is_taken(cluster: Cluster) -> Outcome {
    const RECORDS: usize = 40_960;
    let topic = cluster.topic("many", 1).await?;
    let settings = [
        ("compression.type", "gzip"),
        ("message.max.bytes", "100000000"),
        ("batch.size", "100000000"),
        ("batch.num.messages", "100000"),
        ("linger.ms", "500"),
    ];
    let records: Vec<Record> = (0..RECORDS)
        .map(|_| Record::new("k", "0".repeat(1024)))
        .collect();
    cluster
        .produce(&cluster.producer(&settings)?, &topic, Some(0), &records)
        .await?;
    let seen = cluster
        .member("readers", &topic, &[])?
        .take(RECORDS, TIMEOUT)
        .await?;
    assert_eq!(
        seen.last().map(|seen| seen.offset),
        i64::try_from(RECORDS - 1).ok()
    );
    Ok(())
}
