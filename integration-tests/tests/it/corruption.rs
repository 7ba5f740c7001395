//! What can't be read is not passed over: its partition waits in front of it, and everybody can see
//! where.

use std::collections::BTreeSet;
use std::time::Duration;

use integration_tests::app::{Journal, text};
use integration_tests::cluster::Cluster;
use integration_tests::harness::{Outcome, Scenario, Skipped};
use integration_tests::own::{OwnKafka, PartitionFiles};
use integration_tests::records::Record;
use integration_tests::target::Kind;
use integration_tests::{scenarios, wait};
use wellspring::BoxError;
use wellspring::app::RunningApp;
use wellspring::endpoint::Endpoint;
use wellspring::extract::{RecordContext, State};

pub(crate) const SCENARIOS: &[Scenario] = scenarios![
    OwnKafka =>
    a_flipped_bit_in_a_payload_halts_its_partition,
    a_flipped_bit_in_a_batch_header_halts_its_partition,
    a_flipped_bit_in_a_compressed_block_halts_its_partition,
    a_batch_of_an_unknown_format_halts_its_partition,
    a_batch_that_claims_to_be_longer_halts_its_partition,
    a_batch_that_claims_to_be_longer_than_its_log_turns_its_partition_red,
    the_first_batch_of_a_log_halts_its_partition_as_well,
];

const TIMEOUT: Duration = Duration::from_secs(40);

/// Where in a batch the damage is done: Kafka's record batch, version 2.
mod byte {
    /// The last byte of its length.
    pub(super) const LENGTH: u64 = 11;
    /// The third from the right of its length: 64 KiB more.
    pub(super) const LENGTH_HIGH: u64 = 9;
    /// The version of its format.
    pub(super) const MAGIC: u64 = 16;
    /// In the time of its first record.
    pub(super) const TIME: u64 = 30;
    /// Behind its header, in the middle of its records.
    pub(super) const RECORDS: u64 = 200;
}

/// Partition 0 has this many records, each in a batch of its own.
const RECORDS: usize = 6;

async fn a_flipped_bit_in_a_payload_halts_its_partition(kafka: OwnKafka) -> Outcome {
    let mut rig = Rig::start(kafka, &[]).await?;
    rig.halts_at(3, byte::RECORDS).await
}

async fn a_flipped_bit_in_a_batch_header_halts_its_partition(kafka: OwnKafka) -> Outcome {
    let mut rig = Rig::start(kafka, &[]).await?;
    rig.halts_at(3, byte::TIME).await
}

async fn a_flipped_bit_in_a_compressed_block_halts_its_partition(kafka: OwnKafka) -> Outcome {
    let mut rig = Rig::start(kafka, &[("compression.type", "lz4")]).await?;
    rig.halts_at(3, 80).await
}

async fn a_batch_of_an_unknown_format_halts_its_partition(kafka: OwnKafka) -> Outcome {
    let mut rig = Rig::start(kafka, &[]).await?;
    rig.halts_at(3, byte::MAGIC).await
}

async fn a_batch_that_claims_to_be_longer_halts_its_partition(kafka: OwnKafka) -> Outcome {
    let mut rig = Rig::start(kafka, &[]).await?;
    rig.halts_at(3, byte::LENGTH).await
}

/// Kafka keeps in mind where a log ends while it runs, and finds no batch there: to librdkafka that
/// is a partition to which nothing comes, and no error.
async fn a_batch_that_claims_to_be_longer_than_its_log_turns_its_partition_red(
    kafka: OwnKafka,
) -> Outcome {
    if kafka.kind() == Kind::BrokerLite {
        return Err(Skipped(
            "broker-lite reads its newest records from memory while it runs".to_owned(),
        )
        .into());
    }
    let rig = Rig::start(kafka, &[]).await?;
    let bit = rig.files().flip_bit(3, byte::LENGTH_HIGH)?;
    let (running, journal) = rig.listener().await?;
    rig.is_red(&running, 3).await?;
    let expected = names(0, 0..3)
        .chain(names(1, 0..1))
        .collect::<BTreeSet<_>>();
    let lines = journal.has(expected.len(), TIMEOUT).await?;
    running.stop(TIMEOUT).await;
    assert_eq!(lines.into_iter().collect::<BTreeSet<_>>(), expected);

    bit.flip_back()?;
    let (running, journal) = rig.listener().await?;
    let left: Vec<String> = names(0, 3..RECORDS).collect();
    assert_eq!(journal.has(left.len(), TIMEOUT).await?, left);
    running.stop(TIMEOUT).await;
    Ok(())
}

async fn the_first_batch_of_a_log_halts_its_partition_as_well(kafka: OwnKafka) -> Outcome {
    let mut rig = Rig::start(kafka, &[]).await?;
    rig.halts_at(0, byte::RECORDS).await
}

/// A topic with two partitions and records in both.
struct Rig {
    /// Kept running.
    kafka: OwnKafka,
    cluster: Cluster,
    topic: String,
    settings: Vec<(&'static str, &'static str)>,
}

impl Rig {
    /// `settings` are the producer's.
    async fn start(
        mut kafka: OwnKafka,
        settings: &[(&'static str, &'static str)],
    ) -> Result<Self, BoxError> {
        kafka.start().await?;
        let cluster = kafka.cluster();
        let topic = cluster.topic("orders", 2).await?;
        let rig = Self {
            kafka,
            cluster,
            topic,
            settings: settings.to_vec(),
        };
        rig.produce(0, 0..RECORDS).await?;
        rig.produce(1, 0..1).await?;
        Ok(rig)
    }

    /// Writes records with these numbers, each in a batch of its own.
    async fn produce(&self, partition: i32, numbers: std::ops::Range<usize>) -> Outcome {
        let mut settings = vec![("batch.num.messages", "1")];
        settings.extend(&self.settings);
        let producer = self.cluster.producer(&settings)?;
        let records: Vec<Record> = numbers
            .map(|nth| Record::new("k", value(partition, nth)))
            .collect();
        Ok(self
            .cluster
            .produce(&producer, &self.topic, Some(partition), &records)
            .await?)
    }

    fn files(&self) -> PartitionFiles {
        self.kafka.partition(&self.topic, 0)
    }

    async fn listener(&self) -> Result<(RunningApp, Journal), BoxError> {
        async fn note(State(journal): State<Journal>, cx: RecordContext) {
            journal.note(text(cx.record()).split(' ').next().unwrap_or_default());
        }
        let journal = Journal::default();
        let endpoint = Endpoint::builder(&self.topic, self.cluster.name("shop")).handler(note);
        let running = self
            .cluster
            .app()?
            .state(journal.clone())
            .endpoint(endpoint)
            .start()
            .await?;
        Ok((running, journal))
    }

    async fn is_red(&self, running: &RunningApp, offset: usize) -> Outcome {
        let place = format!("{}-0", self.topic);
        wait::until(format!("a red {place}"), TIMEOUT, async || {
            let reasons = running.health().reasons();
            let tells = |reason: &String| {
                reason.contains(&place) && reason.contains(&format!("offset {offset}"))
            };
            reasons.iter().any(tells).then_some(())
        })
        .await?;
        Ok(())
    }

    /// Flips a bit of one batch, sees that the listener stops in front of it and nowhere else,
    /// repairs it, and sees the next listener handle what is left.
    async fn halts_at(&mut self, offset: usize, byte: u64) -> Outcome {
        let damaged = i64::try_from(offset)?;
        self.kafka.stop().await?;
        let bit = self.files().flip_bit(damaged, byte)?;
        self.kafka.start().await?;
        let (running, journal) = self.listener().await?;
        self.is_red(&running, offset).await?;
        // The other partition goes on, and more behind the damage changes nothing. Kafka can't tell
        // where a log ends with a length that is wrong in it: what it writes then has
        // offsets that are there already.
        let more = if [byte::LENGTH, byte::LENGTH_HIGH].contains(&byte) {
            0
        } else {
            3
        };
        self.produce(0, RECORDS..RECORDS + more).await?;
        self.produce(1, 1..2).await?;
        let expected = names(0, 0..offset)
            .chain(names(1, 0..2))
            .collect::<BTreeSet<_>>();
        let lines = journal.has(expected.len(), TIMEOUT).await?;
        running.stop(TIMEOUT).await;
        assert_eq!(journal.lines().len(), lines.len(), "{:?}", journal.lines());
        assert_eq!(lines.into_iter().collect::<BTreeSet<_>>(), expected);
        assert_eq!(
            self.cluster.committed("shop", &self.topic, 0)?.unwrap_or(0),
            damaged
        );

        self.kafka.stop().await?;
        bit.flip_back()?;
        self.kafka.start().await?;
        let (running, journal) = self.listener().await?;
        let left: Vec<String> = names(0, offset..RECORDS + more).collect();
        assert_eq!(journal.has(left.len(), TIMEOUT).await?, left);
        assert!(
            running.health().is_ready(),
            "{:?}",
            running.health().reasons()
        );
        running.stop(TIMEOUT).await;
        Ok(())
    }
}

fn value(partition: i32, nth: usize) -> String {
    format!("{partition}.{nth} {}", "some more text ".repeat(30))
}

fn names(partition: i32, numbers: std::ops::Range<usize>) -> impl Iterator<Item = String> {
    numbers.map(move |nth| format!("{partition}.{nth}"))
}
