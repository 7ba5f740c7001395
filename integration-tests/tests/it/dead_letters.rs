//! What could be read can be dead-lettered, and what its topic refuses for good is not offered for
//! ever.

use std::time::Duration;

use integration_tests::app::{Journal, text};
use integration_tests::cluster::Cluster;
use integration_tests::harness::{Outcome, Scenario};
use integration_tests::records::Record;
use integration_tests::{scenarios, wait};
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use wellspring::BoxError;
use wellspring::admin::Topic;
use wellspring::app::App;
use wellspring::endpoint::Endpoint;
use wellspring::extract::{RecordContext, State};

pub(crate) const SCENARIOS: &[Scenario] = scenarios![
    a_record_as_large_as_its_topic_takes_is_dead_lettered,
    a_record_older_than_the_dead_letter_topic_takes_is_dead_lettered,
    an_error_of_megabytes_is_dead_lettered_with_a_part_of_it,
    a_letter_that_is_too_large_halts_its_partition_with_the_size,
    a_letter_without_the_key_that_its_topic_wants_goes_to_a_file_and_the_next_record_is_handled,
    a_topic_that_appears_later_gets_its_dead_letter_topic,
];

const TIMEOUT: Duration = Duration::from_secs(30);

/// Fails on all that does not begin with `good`.
async fn handle(State(journal): State<Journal>, cx: RecordContext) -> Result<(), BoxError> {
    let value = text(cx.record());
    if value == "huge" {
        return Err("\u{0}no".repeat(1_000_000).into());
    }
    if !value.starts_with("good") {
        return Err("no use for it".into());
    }
    journal.note(value);
    Ok(())
}

/// An application whose failed records go to a dead-letter topic with this setting.
fn app(
    cluster: &Cluster,
    topic: &str,
    journal: &Journal,
    setting: (&str, &str),
) -> Result<App, BoxError> {
    let endpoint = Endpoint::builder(topic, cluster.name("shop"))
        .retry("none")
        .dead_letter()
        .handler(handle);
    let letters = Topic::new(format!("{topic}-dlt"), 1).setting(setting.0, setting.1);
    Ok(cluster
        .app()?
        .state(journal.clone())
        .declare(letters)
        .endpoint(endpoint))
}

/// Bytes that no codec makes smaller.
fn incompressible(count: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let byte = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_be_bytes()[0]
    };
    (0..count).map(byte).collect()
}

async fn a_record_as_large_as_its_topic_takes_is_dead_lettered(cluster: Cluster) -> Outcome {
    let topic = cluster.topic("orders", 1).await?;
    let journal = Journal::default();
    let running = app(&cluster, &topic, &journal, ("retention.ms", "-1"))?
        .start()
        .await?;
    // Over the limit of the client, and just under that of the topic, headers and all.
    let large = Record::new("k", vec![b'{'; 1_020_000]);
    let producer = cluster.producer(&[("message.max.bytes", "2000000")])?;
    cluster
        .produce(
            &producer,
            &topic,
            Some(0),
            &[large.clone(), Record::new("k", "good")],
        )
        .await?;

    assert_eq!(journal.has(1, TIMEOUT).await?, ["good"]);
    let letter = cluster
        .member("letters", &format!("{topic}-dlt"), &[])?
        .next(TIMEOUT)
        .await?;
    assert!(
        letter.record.value == large.value,
        "the letter has the bytes of its record"
    );
    running.stop(TIMEOUT).await;
    Ok(())
}

async fn a_record_older_than_the_dead_letter_topic_takes_is_dead_lettered(
    cluster: Cluster,
) -> Outcome {
    let topic = cluster.topic("orders", 1).await?;
    let journal = Journal::default();
    let setting = ("message.timestamp.before.max.ms", "3600000");
    let running = app(&cluster, &topic, &journal, setting)?.start().await?;
    let producer = cluster.producer(&[])?;
    cluster
        .produce_at(&producer, &topic, 1_000, &Record::new("k", "old"))
        .await?;

    let letter = cluster
        .member("letters", &format!("{topic}-dlt"), &[])?
        .next(TIMEOUT)
        .await?;
    let original = letter
        .record
        .headers
        .iter()
        .find(|(name, _)| name == "kafka_dlt-original-timestamp");
    assert_eq!(
        original.unwrap().1.as_deref(),
        Some(1_000_i64.to_be_bytes().as_slice())
    );
    running.stop(TIMEOUT).await;
    Ok(())
}

async fn an_error_of_megabytes_is_dead_lettered_with_a_part_of_it(cluster: Cluster) -> Outcome {
    let topic = cluster.topic("orders", 1).await?;
    let journal = Journal::default();
    let running = app(&cluster, &topic, &journal, ("retention.ms", "-1"))?
        .start()
        .await?;
    cluster
        .produce(
            &cluster.producer(&[])?,
            &topic,
            Some(0),
            &[Record::new("k", "huge")],
        )
        .await?;

    let letter = cluster
        .member("letters", &format!("{topic}-dlt"), &[])?
        .next(TIMEOUT)
        .await?;
    let size: usize = letter
        .record
        .headers
        .iter()
        .map(|(_, value)| value.as_ref().map_or(0, Vec::len))
        .sum();
    assert!(size < 16 * 1024, "{size} bytes of headers");
    running.stop(TIMEOUT).await;
    Ok(())
}

async fn a_letter_that_is_too_large_halts_its_partition_with_the_size(cluster: Cluster) -> Outcome {
    let topic = cluster.topic("orders", 1).await?;
    let journal = Journal::default();
    let running = app(&cluster, &topic, &journal, ("max.message.bytes", "5000"))?
        .start()
        .await?;
    let producer = cluster.producer(&[])?;
    cluster
        .produce(
            &producer,
            &topic,
            Some(0),
            &[Record::new("k", incompressible(20_000))],
        )
        .await?;

    let halted = wait::until("the partition to halt", TIMEOUT, async || {
        running.health().listeners.first()?.halted.first().cloned()
    });
    let halted = halted.await?.to_string();
    assert!(
        halted.contains("too large") && halted.contains("(the record has 20001 bytes)"),
        "{halted}"
    );
    assert!(!running.health().is_ready());
    running.stop(TIMEOUT).await;
    Ok(())
}

async fn a_letter_without_the_key_that_its_topic_wants_goes_to_a_file_and_the_next_record_is_handled(
    cluster: Cluster,
) -> Outcome {
    let topic = cluster.topic("orders", 1).await?;
    let journal = Journal::default();
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("letters.jsonl");
    let running = app(&cluster, &topic, &journal, ("cleanup.policy", "compact"))?
        .set("app.on-refused-dead-letter", "file")
        .set("app.dead-letter-file", file.display())
        .start()
        .await?;
    let records = [
        Record {
            key: None,
            ..Record::new("", "bad")
        },
        Record::new("k", "good"),
    ];
    cluster
        .produce(&cluster.producer(&[])?, &topic, Some(0), &records)
        .await?;

    assert_eq!(journal.has(1, TIMEOUT).await?, ["good"]);
    let written = std::fs::read_to_string(&file)?;
    assert!(
        written.contains(r#""payload":"626164""#) && written.contains(r#""key":null"#),
        "{written}"
    );
    assert_eq!(written.lines().count(), 1);
    assert!(
        running.health().is_ready(),
        "{:?}",
        running.health().reasons()
    );
    running.stop(TIMEOUT).await;
    Ok(())
}

async fn a_topic_that_appears_later_gets_its_dead_letter_topic(cluster: Cluster) -> Outcome {
    let topic = cluster.name("orders");
    let letters = format!("{topic}-dlt");
    let endpoint = Endpoint::builder(&*topic, cluster.name("shop"))
        .retry("none")
        .dead_letter()
        .handler(handle);
    let journal = Journal::default();
    let app = cluster.app()?.state(journal.clone()).endpoint(endpoint);
    let running = app.start().await?;
    assert!(!running.health().is_ready(), "its topic is missing");

    cluster.topic("orders", 3).await?;
    let client: BaseConsumer = cluster.client().create()?;
    wait::until("the dead-letter topic", TIMEOUT, async || {
        let metadata = client.fetch_metadata(None, TIMEOUT).ok()?;
        let made = metadata
            .topics()
            .iter()
            .find(|known| known.name() == letters)?;
        assert_eq!(made.partitions().len(), 3);
        Some(())
    })
    .await?;
    let records = [Record::new("k", "bad"), Record::new("k", "good")];
    cluster
        .produce(&cluster.producer(&[])?, &topic, Some(2), &records)
        .await?;
    assert_eq!(journal.has(1, TIMEOUT).await?, ["good"]);
    let letter = cluster
        .member("letters", &letters, &[])?
        .next(TIMEOUT)
        .await?;
    assert_eq!(letter.partition, 2);
    assert_eq!(letter.record.value.as_deref(), Some(b"bad".as_slice()));
    assert!(
        running.health().is_ready(),
        "{:?}",
        running.health().reasons()
    );
    running.stop(TIMEOUT).await;
    Ok(())
}
