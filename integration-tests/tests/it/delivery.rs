//! What goes in comes out: every record, exactly as produced, for every group.

use std::time::Duration;

use integration_tests::cluster::Cluster;
use integration_tests::harness::{Outcome, Scenario};
use integration_tests::records::{Record, Seeded, awkward};
use integration_tests::scenarios;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

pub(crate) const SCENARIOS: &[Scenario] = scenarios![
    every_shape_of_record_survives_uncompressed,
    every_shape_of_record_survives_gzip,
    every_shape_of_record_survives_snappy,
    every_shape_of_record_survives_lz4,
    every_shape_of_record_survives_zstd,
    a_record_over_the_limit_is_refused_and_the_next_one_goes_through,
    two_groups_each_see_everything,
];

const TIMEOUT: Duration = Duration::from_secs(30);

/// Kafka's `message.max.bytes`, 1048588 by default, holds for a batch: 61 bytes of its header, a
/// few for the fields of the record, and what a codec adds to bytes that it cannot make smaller.
const CLOSE_TO_THE_LIMIT: usize = 1_047_500;

async fn every_shape_of_record_survives_uncompressed(cluster: Cluster) -> Outcome {
    round_trip(&cluster, "none").await
}

async fn every_shape_of_record_survives_gzip(cluster: Cluster) -> Outcome {
    round_trip(&cluster, "gzip").await
}

async fn every_shape_of_record_survives_snappy(cluster: Cluster) -> Outcome {
    round_trip(&cluster, "snappy").await
}

async fn every_shape_of_record_survives_lz4(cluster: Cluster) -> Outcome {
    round_trip(&cluster, "lz4").await
}

async fn every_shape_of_record_survives_zstd(cluster: Cluster) -> Outcome {
    round_trip(&cluster, "zstd").await
}

async fn round_trip(cluster: &Cluster, codec: &str) -> Outcome {
    let topic = cluster.topic("shapes", 1).await?;
    let mut records = awkward();
    records.push(Record::new(
        "large",
        Seeded::new(42).bytes(CLOSE_TO_THE_LIMIT),
    ));
    // Small ones again behind the large one, and long enough that a codec finds something to do.
    records.extend((0..200).map(|nth| Record::new(format!("k{nth}"), "again and ".repeat(nth))));

    let settings = [
        ("compression.type", codec),
        ("message.max.bytes", "2000000"),
        ("linger.ms", "20"),
    ];
    cluster
        .produce(&cluster.producer(&settings)?, &topic, Some(0), &records)
        .await?;

    let member = cluster.member("readers", &topic, &[("fetch.message.max.bytes", "2000000")])?;
    let seen = member.take(records.len(), TIMEOUT).await?;
    for (nth, (seen, produced)) in seen.iter().zip(&records).enumerate() {
        assert_eq!(seen.offset, i64::try_from(nth)?, "offsets leave no hole");
        assert!(
            seen.record == *produced,
            "record {nth} came back changed under {codec}"
        );
        assert!(
            seen.timestamp.is_some_and(|timestamp| timestamp > 0),
            "record {nth} has no timestamp"
        );
    }
    Ok(())
}

async fn a_record_over_the_limit_is_refused_and_the_next_one_goes_through(
    cluster: Cluster,
) -> Outcome {
    let topic = cluster.topic("limit", 1).await?;
    let producer = cluster.producer(&[("message.max.bytes", "4000000")])?;

    let over = Record::new("over", Seeded::new(1).bytes(1_048_588));
    let refusal = cluster
        .produce(&producer, &topic, Some(0), &[over])
        .await
        .unwrap_err();
    assert_eq!(
        refusal,
        KafkaError::MessageProduction(RDKafkaErrorCode::MessageSizeTooLarge)
    );

    let fits = Record::new("fits", "small");
    cluster
        .produce(&producer, &topic, Some(0), std::slice::from_ref(&fits))
        .await?;
    let seen = cluster
        .member("readers", &topic, &[])?
        .take(1, TIMEOUT)
        .await?;
    assert_eq!((seen[0].offset, &seen[0].record), (0, &fits));
    Ok(())
}

async fn two_groups_each_see_everything(cluster: Cluster) -> Outcome {
    let topic = cluster.topic("broadcast", 4).await?;
    let records = Seeded::new(3).keyed(500, 50);
    let early = cluster.member("early", &topic, &[])?;
    cluster
        .produce(&cluster.producer(&[])?, &topic, None, &records)
        .await?;
    let late = cluster.member("late", &topic, &[])?;

    for group in [early, late] {
        let mut values: Vec<_> = group
            .take(records.len(), TIMEOUT)
            .await?
            .into_iter()
            .map(|seen| seen.record.value)
            .collect();
        let mut expected: Vec<_> = records.iter().map(|record| record.value.clone()).collect();
        values.sort();
        expected.sort();
        assert_eq!(values, expected);
    }
    Ok(())
}
