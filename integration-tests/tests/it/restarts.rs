//! A Kafka that is killed, stopped or frozen has everything that it acknowledged when it is back.

use std::time::Duration;

use integration_tests::harness::{Outcome, Scenario};
use integration_tests::own::OwnKafka;
use integration_tests::records::Seeded;
use integration_tests::scenarios;

pub(crate) const SCENARIOS: &[Scenario] = scenarios![
    OwnKafka => what_was_acknowledged_is_there_after_a_kill_a_stop_and_a_freeze
];

const TIMEOUT: Duration = Duration::from_secs(60);

async fn what_was_acknowledged_is_there_after_a_kill_a_stop_and_a_freeze(
    mut kafka: OwnKafka,
) -> Outcome {
    kafka.start().await?;
    let cluster = kafka.cluster();
    let topic = cluster.topic("kept", 1).await?;
    let records = Seeded::new(21).keyed(30, 5);
    let producer = cluster.producer(&[])?;
    let produce = async |from: usize| {
        cluster
            .produce(&producer, &topic, Some(0), &records[from..from + 10])
            .await
    };

    produce(0).await?;
    kafka.kill().await?;
    kafka.start().await?;
    produce(10).await?;
    kafka.stop().await?;
    kafka.start().await?;
    kafka.freeze().await?;
    let (written, thawed) = tokio::join!(produce(20), async { kafka.thaw() });
    written?;
    thawed?;

    let seen = cluster
        .member("reader", &topic, &[])?
        .take(30, TIMEOUT)
        .await?;
    assert_eq!(
        seen.into_iter().map(|seen| seen.record).collect::<Vec<_>>(),
        records
    );
    kafka.kill().await?;
    assert_eq!(
        kafka
            .partition(&topic, 0)
            .batches()?
            .last()
            .map(|(_, batch)| batch.last_offset),
        Some(29)
    );
    Ok(())
}
