//! A broker that lost the end of a log says so, and a consumer that stayed goes on at the right
//! record (KIP-320).

use std::time::Duration;

use integration_tests::cluster::{Cluster, Member, NoRecord, Seen};
use integration_tests::harness::{Outcome, Scenario};
use integration_tests::own::OwnKafka;
use integration_tests::records::Record;
use integration_tests::scenarios;
use rdkafka::consumer::{CommitMode, Consumer as _};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

pub(crate) const SCENARIOS: &[Scenario] = scenarios![
    OwnKafka =>
    a_consumer_that_stayed_goes_on_where_a_killed_broker_lost_more_than_was_written_since,
    a_consumer_that_stayed_goes_on_where_a_killed_broker_lost_less_than_was_written_since,
    a_consumer_that_stayed_goes_on_where_a_log_was_cut_after_a_clean_stop,
    a_consumer_that_stayed_goes_on_where_whole_segments_are_gone,
    a_consumer_that_stayed_goes_on_after_a_log_was_cut_twice,
    a_consumer_that_stayed_reads_a_log_that_was_cut_to_nothing_from_its_start,
];

const TIMEOUT: Duration = Duration::from_secs(60);

async fn a_consumer_that_stayed_goes_on_where_a_killed_broker_lost_more_than_was_written_since(
    kafka: OwnKafka,
) -> Outcome {
    let mut rig = Rig::start(kafka, 1_000).await?;
    rig.kafka.kill().await?;
    rig.cut_at(980).await?;
    rig.writes_and_sees(980, 5).await
}

async fn a_consumer_that_stayed_goes_on_where_a_killed_broker_lost_less_than_was_written_since(
    kafka: OwnKafka,
) -> Outcome {
    let mut rig = Rig::start(kafka, 1_000).await?;
    rig.kafka.kill().await?;
    rig.cut_at(980).await?;
    rig.writes_and_sees(980, 40).await
}

async fn a_consumer_that_stayed_goes_on_where_a_log_was_cut_after_a_clean_stop(
    kafka: OwnKafka,
) -> Outcome {
    let mut rig = Rig::start(kafka, 100).await?;
    rig.kafka.stop().await?;
    rig.cut_at(90).await?;
    rig.writes_and_sees(90, 30).await
}

async fn a_consumer_that_stayed_goes_on_where_whole_segments_are_gone(
    mut kafka: OwnKafka,
) -> Outcome {
    kafka.set("log.segment.bytes", "1048576");
    let mut rig = Rig::start_with(kafka, &"x".repeat(50_000), 100).await?;
    rig.kafka.kill().await?;
    let segments = rig.files().segments()?;
    let last = rig
        .files()
        .batches()?
        .into_iter()
        .find(|(segment, _)| Some(segment) == segments.last());
    let lost_from = last
        .map(|(_, batch)| batch.base_offset)
        .ok_or("the last segment has no batch")?;
    assert!(segments.len() > 2 && lost_from > 0, "{segments:?}");
    rig.cut_at(lost_from).await?;
    rig.writes_and_sees(lost_from, 60).await
}

async fn a_consumer_that_stayed_goes_on_after_a_log_was_cut_twice(kafka: OwnKafka) -> Outcome {
    let mut rig = Rig::start(kafka, 100).await?;
    rig.kafka.kill().await?;
    rig.cut_at(90).await?;
    rig.writes_and_sees(90, 20).await?;
    rig.kafka.kill().await?;
    rig.cut_at(95).await?;
    rig.writes_and_sees(95, 30).await
}

async fn a_consumer_that_stayed_reads_a_log_that_was_cut_to_nothing_from_its_start(
    kafka: OwnKafka,
) -> Outcome {
    let mut rig = Rig::start(kafka, 20).await?;
    rig.kafka.kill().await?;
    rig.cut_at(0).await?;
    rig.writes_and_sees(0, 30).await
}

/// A topic with one partition, and a consumer that has read and committed all of it.
struct Rig {
    kafka: OwnKafka,
    cluster: Cluster,
    topic: String,
    member: Member,
    /// Tells the records of each round apart.
    round: u32,
}

impl Rig {
    async fn start(
        kafka: OwnKafka,
        records: usize,
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Self::start_with(kafka, "", records).await
    }

    /// The value of each record ends in `filler`.
    async fn start_with(
        mut kafka: OwnKafka,
        filler: &str,
        records: usize,
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        kafka.start().await?;
        let cluster = kafka.cluster();
        let topic = cluster.topic("log", 1).await?;
        let all: Vec<Record> = (0..records)
            .map(|nth| Record::new("k", format!("0.{nth}{filler}")))
            .collect();
        produce(&cluster, &topic, &all).await?;
        let settings = [
            ("session.timeout.ms", "45000"),
            ("reconnect.backoff.max.ms", "200"),
        ];
        let member = cluster.member("group", &topic, &settings)?;
        member.take(records, TIMEOUT).await?;
        member.consumer().commit_consumer_state(CommitMode::Sync)?;
        Ok(Self {
            kafka,
            cluster,
            topic,
            member,
            round: 0,
        })
    }

    fn files(&self) -> integration_tests::own::PartitionFiles {
        self.kafka.partition(&self.topic, 0)
    }

    /// Cuts the log and starts the broker.
    async fn cut_at(&mut self, offset: i64) -> Outcome {
        self.files().cut_at(offset)?;
        Ok(self.kafka.start().await?)
    }

    /// Writes records, which begin at `offset`, and sees the consumer get these and nothing else.
    async fn writes_and_sees(&mut self, offset: i64, count: usize) -> Outcome {
        self.round += 1;
        let round = self.round;
        let records: Vec<Record> = (0..count)
            .map(|nth| Record::new("k", format!("{round}.{nth}")))
            .collect();
        produce(&self.cluster, &self.topic, &records).await?;
        let seen = self.take(count).await?;
        let expected: Vec<(i64, Record)> = (offset..).zip(records).collect();
        assert_eq!(seen.iter().map(place).collect::<Vec<_>>(), expected);
        self.member
            .consumer()
            .commit_consumer_state(CommitMode::Sync)?;
        Ok(())
    }
}

impl Rig {
    /// The next records. That the broker was away, the client may say; any other error ends the
    /// scenario.
    async fn take(&self, count: usize) -> Result<Vec<Seen>, NoRecord> {
        let mut seen = Vec::with_capacity(count);
        while seen.len() < count {
            match self.member.next(TIMEOUT).await {
                Ok(next) => seen.push(next),
                Err(NoRecord::Client(KafkaError::MessageConsumption(
                    RDKafkaErrorCode::BrokerTransportFailure | RDKafkaErrorCode::AllBrokersDown,
                ))) => {}
                Err(refusal) => return Err(refusal),
            }
        }
        Ok(seen)
    }
}

fn place(seen: &Seen) -> (i64, Record) {
    (seen.offset, seen.record.clone())
}

/// Produces each record in a batch of its own.
async fn produce(cluster: &Cluster, topic: &str, records: &[Record]) -> Outcome {
    let producer = cluster.producer(&[("batch.num.messages", "1")])?;
    Ok(cluster.produce(&producer, topic, Some(0), records).await?)
}
