//! What the first page of the documentation shows: an event, a listener, a producer, an
//! application, a test.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use wellspring::prelude::*;

const TIMEOUT: Duration = Duration::from_secs(10);

/// A type that knows its topic and its key.
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
}

/// What was credited, in cents.
#[derive(Clone, Default)]
struct Ledger(Arc<Mutex<Vec<(String, u64)>>>);

impl Ledger {
    fn entries(&self) -> MutexGuard<'_, Vec<(String, u64)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[kafka_listener(
    group = "campus-card",
    workers = 16,
    ordering = "key",
    retry = "3 x 200ms exponential",
    dead_letter
)]
async fn credit(
    topup: TopUp,
    meta: Metadata,
    State(ledger): State<Ledger>,
) -> Result<(), LedgerError> {
    if topup.card.is_empty() {
        return Err(LedgerError::NoSuchCard);
    }
    assert_eq!(meta.topic.as_str(), "card.topups");
    ledger.entries().push((topup.card, topup.cents));
    Ok(())
}

#[kafka_producer]
trait TopUps {
    async fn requested(&self, #[header("source")] source: &str, topup: &TopUp) -> SendResult;
}

#[wellspring::test(topics = "card.topups:4")]
async fn a_top_up_is_credited_and_a_wrong_one_is_a_dead_letter(
    kafka: TestKafka,
) -> wellspring::Result {
    let ledger = Ledger::default();
    let app = kafka.app().state(ledger.clone()).listener(credit);
    let running = app.start().await?;
    let topups = KafkaTopUps::new(running.template()?);
    topups
        .requested(
            "test",
            &TopUp {
                card: "2026001".into(),
                cents: 500,
            },
        )
        .await?;
    topups
        .requested(
            "test",
            &TopUp {
                card: String::new(),
                cents: 7,
            },
        )
        .await?;
    kafka.await_committed("campus-card", "card.topups").await;
    assert_eq!(*ledger.entries(), [("2026001".to_owned(), 500)]);
    let letter = kafka.consume("card.topups-dlt", 1).await.remove(0);
    assert_eq!(
        letter.headers().last("source"),
        Some(Some(b"test".as_slice()))
    );
    assert!(
        running.listener("credit").is_some(),
        "its id is the name of its function"
    );
    let _report = running.stop(TIMEOUT).await;
    Ok(())
}

#[wellspring::test(topics = "card.topups")]
async fn one_listener_is_taken_by_its_name_and_configured_by_its_id(kafka: TestKafka) {
    let ledger = Ledger::default();
    let app = kafka
        .app()
        .state(ledger.clone())
        .listener(credit)
        .set("listeners.credit.group", "other");
    let running = app.start().await.unwrap();
    kafka
        .template()
        .send(&TopUp {
            card: "1".into(),
            cents: 1,
        })
        .await
        .unwrap();
    kafka.await_committed("other", "card.topups").await;
    assert_eq!(ledger.entries().len(), 1);
    let _report = running.stop(TIMEOUT).await;
}
