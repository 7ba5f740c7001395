//! A broker lost the end of a log: a listener goes on with what stands in its place now, whether it
//! stayed, was put out of its group, or starts anew (KIP-320). librdkafka alone does so only for
//! one that stayed.

use std::time::Duration;

use integration_tests::app::{Journal, text};
use integration_tests::cluster::Cluster;
use integration_tests::harness::{Outcome, Scenario};
use integration_tests::own::OwnKafka;
use integration_tests::records::Record;
use integration_tests::{scenarios, wait};
use wellspring::BoxError;
use wellspring::app::RunningApp;
use wellspring::endpoint::Endpoint;
use wellspring::extract::{RecordContext, State};
use wellspring::listener::ListenerHealth;

pub(crate) const SCENARIOS: &[Scenario] = scenarios![
    OwnKafka =>
    a_listener_that_stayed_handles_what_is_written_after_a_cut,
    a_listener_that_stayed_handles_what_was_written_over_a_small_cut_before_it_was_back,
    a_listener_that_stayed_does_not_begin_from_the_start,
    a_listener_that_stayed_goes_on_after_a_log_was_cut_twice,
    a_listener_that_was_put_out_of_its_group_handles_all_that_was_written_over_the_cut,
    a_listener_that_was_put_out_of_its_group_does_not_begin_from_the_start,
    a_listener_that_starts_anew_handles_all_that_was_written_over_the_cut,
    a_listener_that_starts_anew_does_not_begin_from_the_start,
    a_listener_that_prefers_the_latest_does_not_jump_to_the_end_of_a_cut_log,
    a_listener_that_starts_anew_reads_a_log_that_was_cut_to_nothing,
];

const TIMEOUT: Duration = Duration::from_secs(60);

/// Records before the cut, and the first that is cut off.
const WRITTEN: usize = 100;
const CUT: i64 = 80;

async fn a_listener_that_stayed_handles_what_is_written_after_a_cut(kafka: OwnKafka) -> Outcome {
    stayed(kafka, 40).await
}

async fn a_listener_that_stayed_does_not_begin_from_the_start(kafka: OwnKafka) -> Outcome {
    stayed(kafka, 5).await
}

async fn stayed(kafka: OwnKafka, count: usize) -> Outcome {
    let mut rig = Rig::start(kafka, "earliest", "45000").await?;
    let running = rig.listener().await?;
    rig.kafka.kill().await?;
    rig.cut_at(CUT).await?;
    rig.writes(count).await?;
    rig.handles(CUT, count).await?;
    tells(&running, CUT);
    running.stop(TIMEOUT).await;
    Ok(())
}

async fn a_listener_that_stayed_handles_what_was_written_over_a_small_cut_before_it_was_back(
    kafka: OwnKafka,
) -> Outcome {
    let mut rig = Rig::start(kafka, "earliest", "45000").await?;
    rig.reconnect = "5000";
    let running = rig.listener().await?;
    rig.kafka.kill().await?;
    rig.cut_at(97).await?;
    rig.writes(10).await?;
    rig.handles(97, 10).await?;
    tells(&running, 97);
    running.stop(TIMEOUT).await;
    Ok(())
}

async fn a_listener_that_stayed_goes_on_after_a_log_was_cut_twice(kafka: OwnKafka) -> Outcome {
    let mut rig = Rig::start(kafka, "earliest", "45000").await?;
    let running = rig.listener().await?;
    rig.kafka.kill().await?;
    rig.cut_at(CUT).await?;
    rig.writes(30).await?;
    rig.handles(CUT, 30).await?;
    rig.kafka.kill().await?;
    rig.cut_at(CUT + 10).await?;
    rig.produce(30, "again").await?;
    let lines = rig.journal.has(WRITTEN + 60, TIMEOUT).await?;
    let again = lines.iter().filter(|line| line.contains("again"));
    let expected: Vec<String> = (CUT + 10..)
        .zip(0..30)
        .map(|(at, number)| format!("{at}: again {number}"))
        .collect();
    assert_eq!(
        again.collect::<Vec<_>>(),
        expected.iter().collect::<Vec<_>>()
    );
    tells(&running, CUT + 10);
    running.stop(TIMEOUT).await;
    Ok(())
}

/// Health shows where the log was cut, and is green: nothing is wrong any more.
fn tells(running: &RunningApp, cut: i64) {
    let health = running.health();
    let cuts: Vec<i64> = health
        .listeners
        .iter()
        .flat_map(|one| &one.truncated)
        .map(|log| log.cut_at.0)
        .collect();
    assert_eq!(cuts, [cut]);
    assert!(
        health.listeners.iter().all(|one| one.halted.is_empty()),
        "{health:?}"
    );
}

async fn a_listener_that_was_put_out_of_its_group_handles_all_that_was_written_over_the_cut(
    kafka: OwnKafka,
) -> Outcome {
    put_out(kafka, 40).await
}

async fn a_listener_that_was_put_out_of_its_group_does_not_begin_from_the_start(
    kafka: OwnKafka,
) -> Outcome {
    put_out(kafka, 5).await
}

async fn put_out(kafka: OwnKafka, count: usize) -> Outcome {
    let mut rig = Rig::start(kafka, "earliest", "6000").await?;
    let running = rig.listener().await?;
    rig.kafka.kill().await?;
    let has_lost = async || {
        let is_idle = |listener: &ListenerHealth| listener.partitions.is_empty();
        running.health().listeners.iter().all(is_idle).then_some(())
    };
    wait::until("the end of the session", TIMEOUT, has_lost).await?;
    rig.cut_at(CUT).await?;
    rig.writes(count).await?;
    rig.handles(CUT, count).await?;
    tells(&running, CUT);
    running.stop(TIMEOUT).await;
    Ok(())
}

async fn a_listener_that_starts_anew_handles_all_that_was_written_over_the_cut(
    kafka: OwnKafka,
) -> Outcome {
    start_anew(kafka, "earliest", CUT, 40).await
}

async fn a_listener_that_starts_anew_does_not_begin_from_the_start(kafka: OwnKafka) -> Outcome {
    start_anew(kafka, "earliest", CUT, 5).await
}

async fn a_listener_that_prefers_the_latest_does_not_jump_to_the_end_of_a_cut_log(
    kafka: OwnKafka,
) -> Outcome {
    start_anew(kafka, "latest", CUT, 5).await
}

async fn a_listener_that_starts_anew_reads_a_log_that_was_cut_to_nothing(
    kafka: OwnKafka,
) -> Outcome {
    start_anew(kafka, "latest", 0, 30).await
}

async fn start_anew(kafka: OwnKafka, reset: &'static str, cut: i64, count: usize) -> Outcome {
    let mut rig = Rig::start(kafka, reset, "45000").await?;
    rig.listener().await?.stop(TIMEOUT).await;
    rig.kafka.kill().await?;
    rig.cut_at(cut).await?;
    rig.writes(count).await?;
    let running = rig.app().await?;
    rig.handles(cut, count).await?;
    tells(&running, cut);
    running.stop(TIMEOUT).await;
    Ok(())
}

/// A topic with one partition and the listener of a group.
struct Rig {
    kafka: OwnKafka,
    cluster: Cluster,
    topic: String,
    journal: Journal,
    /// What `auto.offset.reset` and `session.timeout.ms` say.
    reset: &'static str,
    session: &'static str,
    /// Longest wait before it connects again, in milliseconds.
    reconnect: &'static str,
}

impl Rig {
    async fn start(
        mut kafka: OwnKafka,
        reset: &'static str,
        session: &'static str,
    ) -> Result<Self, BoxError> {
        kafka.start().await?;
        let cluster = kafka.cluster();
        let topic = cluster.topic("log", 1).await?;
        Ok(Self {
            kafka,
            cluster,
            topic,
            journal: Journal::default(),
            reset,
            session,
            reconnect: "200",
        })
    }

    async fn app(&self) -> Result<RunningApp, BoxError> {
        let endpoint = Endpoint::builder(&self.topic, self.cluster.name("group")).handler(note);
        let app = self
            .cluster
            .app()?
            .set("kafka.consumer.properties.auto.offset.reset", self.reset)
            .set("kafka.consumer.properties.session.timeout.ms", self.session)
            .set("kafka.properties.reconnect.backoff.ms", self.reconnect)
            .set("kafka.properties.reconnect.backoff.max.ms", self.reconnect)
            .state(self.journal.clone());
        Ok(app.endpoint(endpoint).start().await?)
    }

    /// A listener that has handled and committed all records that were written before the cut.
    async fn listener(&self) -> Result<RunningApp, BoxError> {
        let running = self.app().await?;
        self.produce(WRITTEN, "before").await?;
        self.journal.has(WRITTEN, TIMEOUT).await?;
        self.has_committed(WRITTEN).await?;
        Ok(running)
    }

    /// Cuts the log in front of `offset` and starts the broker.
    async fn cut_at(&mut self, offset: i64) -> Outcome {
        self.kafka.partition(&self.topic, 0).cut_at(offset)?;
        Ok(self.kafka.start().await?)
    }

    async fn writes(&self, count: usize) -> Outcome {
        self.produce(count, "after").await
    }

    /// Produces each record in a batch of its own.
    async fn produce(&self, count: usize, round: &str) -> Outcome {
        let producer = self.cluster.producer(&[("batch.num.messages", "1")])?;
        let records: Vec<Record> = (0..count)
            .map(|number| Record::new("k", format!("{round} {number}")))
            .collect();
        Ok(self
            .cluster
            .produce(&producer, &self.topic, Some(0), &records)
            .await?)
    }

    /// Sees the records of [`Rig::writes`] handled, which begin at `offset`, and no other than
    /// these a second time.
    async fn handles(&self, offset: i64, count: usize) -> Outcome {
        let before = self
            .journal
            .lines()
            .iter()
            .filter(|line| line.contains("before"))
            .count();
        let lines = self.journal.has(before + count, TIMEOUT).await?;
        let after: Vec<&String> = lines.iter().filter(|line| line.contains("after")).collect();
        let expected: Vec<String> = (offset..)
            .zip(0..count)
            .map(|(offset, number)| format!("{offset}: after {number}"))
            .collect();
        assert_eq!(after, expected.iter().collect::<Vec<_>>());
        assert_eq!(lines.len(), before + count, "{lines:?}");
        self.has_committed(usize::try_from(offset)? + count).await
    }

    async fn has_committed(&self, next: usize) -> Outcome {
        let next = i64::try_from(next)?;
        let committed = async || {
            let committed = self.cluster.committed("group", &self.topic, 0).ok()?;
            (committed == Some(next)).then_some(())
        };
        Ok(wait::until(format!("a commit of {next}"), TIMEOUT, committed).await?)
    }
}

async fn note(State(journal): State<Journal>, cx: RecordContext) {
    journal.note(format!("{}: {}", cx.record().offset(), text(cx.record())));
}
