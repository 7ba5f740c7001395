//! Annotated functions and methods as an application runs them, against a broker.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

use std::sync::Mutex;
use std::time::Duration;

use tokio::sync::mpsc;
use wellspring::prelude::*;

const TIMEOUT: Duration = Duration::from_secs(10);

/// Hands what was handled to the test.
type Sink = mpsc::UnboundedSender<String>;

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(topic = "card.topups", key = "card")]
struct TopUp {
    card: String,
    cents: u64,
}

#[derive(Debug, thiserror::Error, Classify)]
enum LedgerError {
    #[error("no such card")]
    #[classify(dead_letter)]
    NoSuchCard,
    #[error("busy")]
    Busy,
}

/// An unknown card is a dead letter at once; a busy ledger is asked again.
#[kafka_listener(group = "ledger", retry = "3 x 1ms", workers = "${ledger.workers:4}")]
async fn credit(
    State(sink): State<Sink>,
    #[header("source")] source: Option<String>,
    #[header("tries")] tries: Result<u32, Rejection>,
    Key(key): Key<String>,
    meta: Metadata,
    topup: TopUp,
) -> Result<(), LedgerError> {
    let source = source.as_deref().unwrap_or("nobody");
    let tries = tries.unwrap_or_default();
    let line = format!(
        "{key} {} from {source} {tries} attempt {}",
        topup.cents, meta.attempt
    );
    sink.send(line).map_err(|_| LedgerError::NoSuchCard)?;
    match (topup.card.as_str(), meta.attempt) {
        ("unknown", _) => Err(LedgerError::NoSuchCard),
        ("busy", 1) => Err(LedgerError::Busy),
        _ => Ok(()),
    }
}

/// A service that cannot be cloned.
struct Audit {
    sink: Sink,
    lines: Mutex<usize>,
}

#[wellspring::kafka_listeners]
impl Audit {
    #[kafka_listener(id = "audit", topic = "${audit.topic}")]
    async fn note(
        &self,
        Text(line): Text,
        #[header("source")] source: String,
    ) -> wellspring::Result {
        let mut lines = self.lines.lock().expect("no writer panics");
        *lines += 1;
        Ok(self.sink.send(format!("{lines} {source}: {line}"))?)
    }
}

fn topup(card: &str) -> TopUp {
    TopUp {
        card: card.to_owned(),
        cents: 500,
    }
}

#[wellspring::test(topics = "card.topups:2")]
async fn a_function_gets_its_arguments_from_the_record(kafka: TestKafka) -> wellspring::Result {
    let (sink, mut handled) = mpsc::unbounded_channel();
    let running = kafka
        .app()
        .state::<Sink>(sink)
        .listener(credit)
        .start()
        .await?;
    let template = kafka.template();
    template.send(&topup("7")).await?;
    assert_eq!(
        handled.recv().await.as_deref(),
        Some("7 500 from nobody 0 attempt 1")
    );
    template
        .record("card.topups")
        .header("source", "web")
        .header("tries", &3_u32)
        .payload(&topup("8"))
        .send()
        .await?;
    assert_eq!(
        handled.recv().await.as_deref(),
        Some("8 500 from web 3 attempt 1")
    );
    kafka.await_committed("ledger", "card.topups").await;
    running.stop(TIMEOUT).await;
    Ok(())
}

#[wellspring::test(topics = "card.topups, card.topups-dlt")]
async fn the_class_of_its_error_decides_about_the_record(kafka: TestKafka) -> wellspring::Result {
    let (sink, mut handled) = mpsc::unbounded_channel();
    let running = kafka
        .app()
        .state::<Sink>(sink)
        .listener(credit)
        .start()
        .await?;
    for card in ["busy", "unknown"] {
        kafka.template().send(&topup(card)).await?;
    }
    let mut lines = Vec::new();
    for _ in 0..3 {
        lines.extend(handled.recv().await);
    }
    lines.sort();
    assert_eq!(
        lines,
        [
            "busy 500 from nobody 0 attempt 1",
            "busy 500 from nobody 0 attempt 2",
            "unknown 500 from nobody 0 attempt 1"
        ]
    );
    let dead = kafka.consume("card.topups-dlt", 1).await;
    assert_eq!(dead[0].key(), Some(b"unknown".as_slice()));
    kafka.await_committed("ledger", "card.topups").await;
    running.stop(TIMEOUT).await;
    Ok(())
}

#[wellspring::test(topics = "notes", settings("auto.create.topics.enable" = "false"))]
async fn a_method_has_its_self_from_the_state(kafka: TestKafka) {
    let (sink, mut handled) = mpsc::unbounded_channel();
    let app = kafka
        .app()
        .set("audit.topic", "notes")
        .set("listeners.audit.group", "audit");
    let app = app
        .state(Audit {
            sink,
            lines: Mutex::default(),
        })
        .listener(Audit::note);
    let running = app.start().await.expect("it starts");
    for line in ["one", "two"] {
        let record = kafka
            .template()
            .record("notes")
            .header("source", "web")
            .text(line)
            .send();
        record.await.expect("it is written");
    }
    assert_eq!(handled.recv().await.as_deref(), Some("1 web: one"));
    assert_eq!(handled.recv().await.as_deref(), Some("2 web: two"));
    running.stop(TIMEOUT).await;
}

#[wellspring::test(topics = "card.topups, notes")]
async fn all_listeners_of_the_binary_are_discovered(kafka: TestKafka) -> wellspring::Result {
    let (sink, mut handled) = mpsc::unbounded_channel();
    let app = kafka
        .app()
        .set("audit.topic", "notes")
        .set("listeners.audit.group", "audit");
    let app = app
        .state(Audit {
            sink: sink.clone(),
            lines: Mutex::default(),
        })
        .state::<Sink>(sink);
    let running = app.discover().start().await?;
    kafka.template().send(&topup("7")).await?;
    assert_eq!(
        handled.recv().await.as_deref(),
        Some("7 500 from nobody 0 attempt 1")
    );
    kafka
        .template()
        .record("notes")
        .header("source", "web")
        .text("one")
        .send()
        .await?;
    assert_eq!(handled.recv().await.as_deref(), Some("1 web: one"));
    running.stop(TIMEOUT).await;
    Ok(())
}

#[wellspring::test]
async fn a_method_without_its_state_is_told_before_the_start(kafka: TestKafka) {
    let app = kafka
        .app()
        .set("audit.topic", "notes")
        .set("listeners.audit.group", "audit");
    let error = app
        .listener(Audit::note)
        .start()
        .await
        .expect_err("nobody gave it an `Audit`");
    assert!(error.to_string().contains("Audit"), "{error}");
}
