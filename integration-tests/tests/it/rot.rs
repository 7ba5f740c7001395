//! Bits that rot on the broker's disk are never delivered as records, and nothing behind them is
//! lost.

use std::time::Duration;

use integration_tests::cluster::{Cluster, Member, NoRecord};
use integration_tests::harness::{Outcome, Scenario, Skipped};
use integration_tests::own::OwnKafka;
use integration_tests::records::Record;
use integration_tests::scenarios;
use integration_tests::target::Kind;
use rdkafka::Offset;
use rdkafka::consumer::Consumer as _;

pub(crate) const SCENARIOS: &[Scenario] = scenarios![
    OwnKafka =>
    a_value_that_rotted_while_the_broker_was_down_halts_its_reader_and_costs_no_other_record,
    a_value_that_rots_under_a_running_broker_halts_its_reader,
    a_batch_header_that_rotted_halts_its_reader,
];

const TIMEOUT: Duration = Duration::from_secs(60);

async fn a_value_that_rotted_while_the_broker_was_down_halts_its_reader_and_costs_no_other_record(
    kafka: OwnKafka,
) -> Outcome {
    let mut rig = Rig::start(kafka).await?;
    rig.kafka.stop().await?;
    rig.kafka
        .partition(&rig.topic, 0)
        .flip_bit_in(b"top-up 5")?;
    rig.kafka.start().await?;
    let reader = rig.reads_up_to(5).await?;
    // Who looks into it and decides to do without the record gets all others.
    reader
        .consumer()
        .seek(&rig.topic, 0, Offset::Offset(6), TIMEOUT)?;
    assert_eq!(next(&reader).await?, (6, "top-up 6".to_owned()));
    rig.produce(10, 11).await?;
    for nth in 7..11 {
        assert_eq!(next(&reader).await?, (nth, format!("top-up {nth}")));
    }
    Ok(())
}

async fn a_value_that_rots_under_a_running_broker_halts_its_reader(kafka: OwnKafka) -> Outcome {
    let mut rig = Rig::start(kafka).await?;
    rig.kafka.kill().await?;
    rig.kafka.start().await?;
    rig.kafka
        .partition(&rig.topic, 0)
        .flip_bit_in(b"top-up 5")?;
    rig.reads_up_to(5).await?;
    Ok(())
}

async fn a_batch_header_that_rotted_halts_its_reader(kafka: OwnKafka) -> Outcome {
    let mut rig = Rig::start(kafka).await?;
    rig.kafka.stop().await?;
    // The lowest byte of its base offset, which no checksum covers.
    rig.kafka.partition(&rig.topic, 0).flip_bit(4, 7)?;
    rig.kafka.start().await?;
    rig.reads_up_to(4).await?;
    Ok(())
}

/// A topic with ten records in batches of one.
struct Rig {
    kafka: OwnKafka,
    cluster: Cluster,
    topic: String,
}

impl Rig {
    async fn start(mut kafka: OwnKafka) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        if kafka.kind() == Kind::Jvm {
            let gap = "real Kafka sends what it finds on its disk: to look (check.crcs) is the consumer's";
            return Err(Skipped(gap.to_owned()).into());
        }
        kafka.start().await?;
        let cluster = kafka.cluster();
        let topic = cluster.topic("log", 1).await?;
        let rig = Self {
            kafka,
            cluster,
            topic,
        };
        rig.produce(0, 10).await?;
        Ok(rig)
    }

    async fn produce(&self, from: usize, to: usize) -> Outcome {
        let producer = self.cluster.producer(&[("batch.num.messages", "1")])?;
        let records: Vec<Record> = (from..to)
            .map(|nth| Record::new("k", format!("top-up {nth}")))
            .collect();
        Ok(self
            .cluster
            .produce(&producer, &self.topic, Some(0), &records)
            .await?)
    }

    /// Has a new group read the records in front of `offset`, and be told that this one is damaged.
    async fn reads_up_to(
        &self,
        offset: i64,
    ) -> Result<Member, Box<dyn std::error::Error + Send + Sync>> {
        // It does not look for itself.
        let reader = self
            .cluster
            .member("reader", &self.topic, &[("check.crcs", "false")])?;
        for nth in 0..offset {
            assert_eq!(next(&reader).await?, (nth, format!("top-up {nth}")));
        }
        for _ in 0..2 {
            let refusal = reader.next(TIMEOUT).await;
            assert!(matches!(refusal, Err(NoRecord::Client(_))), "{refusal:?}");
        }
        let told = format!("offset={offset}");
        let log = self.kafka.log();
        assert!(
            log.lines()
                .any(|line| line.contains("CORRUPT_MESSAGE") && line.contains(&told)),
            "{log}"
        );
        Ok(reader)
    }
}

/// Offset and value of the next record. Errors about the damage are passed over.
async fn next(reader: &Member) -> Result<(i64, String), NoRecord> {
    loop {
        match reader.next(TIMEOUT).await {
            Ok(seen) => {
                let value = seen.record.value.unwrap_or_default();
                return Ok((seen.offset, String::from_utf8_lossy(&value).into_owned()));
            }
            Err(NoRecord::Client(_)) => {}
            Err(late) => return Err(late),
        }
    }
}
