//! What kind of failure an error is, from where it is raised to the topic of the dead letters.

use std::time::Duration;

use anyhow::Context as _;
use tokio::sync::mpsc;
use wellspring::endpoint::Endpoint;
use wellspring::prelude::*;
use wellspring::retry::{Classifier, class_of};
use wellspring::types::PartitionId;

const TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(topic = "orders.placed", key = "id")]
struct Order {
    id: String,
    told: bool,
}

fn order(told: bool) -> Order {
    Order {
        id: "7".to_owned(),
        told,
    }
}

#[derive(Debug, thiserror::Error, Classify)]
enum Refused {
    #[error("no order {0}")]
    #[classify(dead_letter)]
    Unknown(String),
    #[error("busy")]
    #[expect(dead_code, reason = "a shape among others")]
    Busy,
}

#[derive(Debug, thiserror::Error, Classify)]
#[error(transparent)]
#[classify(transparent)]
struct Wrapped(#[from] Refused);

#[derive(Debug, thiserror::Error, Classify)]
#[error("later")]
#[classify(fatal)]
struct Later;

fn refuse(order: &Order) -> Result<(), Refused> {
    Err(Refused::Unknown(order.id.clone()))
}

/// No `dead_letter` here: the class of the error says it.
#[kafka_listener(group = "shop")]
async fn sell(order: Order) -> Result<(), Wrapped> {
    Ok(refuse(&order)?)
}

/// The error is inside of another one, with a context before it or without.
#[kafka_listener(group = "bank", classify = class_of::<Refused>)]
async fn book(order: Order) -> anyhow::Result<()> {
    if order.told {
        refuse(&order).context("booking")
    } else {
        Ok(refuse(&order)?)
    }
}

/// The letters of that topic, as the event that they were.
#[kafka_listener(topic = "orders.placed-dlt", group = "support")]
async fn look(
    order: Order,
    #[header("kafka_dlt-exception-message")] why: String,
    State(seen): State<mpsc::UnboundedSender<(Order, String)>>,
) {
    seen.send((order, why)).ok();
}

#[wellspring::test(topics = "orders.placed:3")]
async fn a_class_of_an_error_that_asks_for_dead_letters_makes_their_topic(
    kafka: TestKafka,
) -> wellspring::Result {
    let running = kafka.app().listener(sell).start().await?;
    assert!(
        kafka.records("orders.placed-dlt").await.is_empty(),
        "there, and empty"
    );
    let receipt = kafka.template().send(&order(false)).await?;
    let letter = kafka.consume("orders.placed-dlt", 1).await.remove(0);
    assert_eq!(
        (letter.decode::<Order>()?, letter.partition()),
        (order(false), receipt.partition)
    );
    kafka.await_committed("shop", "orders.placed").await;
    running.stop(TIMEOUT).await;
    Ok(())
}

#[wellspring::test(topics = "orders.placed, orders.placed-dlt")]
async fn letters_are_read_as_the_event_that_they_were(kafka: TestKafka) -> wellspring::Result {
    let (sink, mut seen) = mpsc::unbounded_channel::<(Order, String)>();
    let running = kafka
        .app()
        .state(sink)
        .listener(book)
        .listener(look)
        .start()
        .await?;
    let mut told = Vec::new();
    for has_context in [true, false] {
        kafka.template().send(&order(has_context)).await?;
        told.push(
            tokio::time::timeout(TIMEOUT, seen.recv())
                .await?
                .expect("the listener is there"),
        );
    }
    assert_eq!(
        told,
        [
            (order(true), "booking".to_owned()),
            (order(false), "no order 7".to_owned())
        ]
    );
    running.stop(TIMEOUT).await;
    Ok(())
}

#[wellspring::test(topics = "parked, replayed:2")]
async fn an_event_can_be_read_from_any_topic(kafka: TestKafka) -> wellspring::Result {
    let (sink, mut seen) = mpsc::unbounded_channel();
    let take = move |AnyTopic(order): AnyTopic<Order>| {
        sink.send(order).ok();
        std::future::ready(())
    };
    let endpoint = Endpoint::builder("parked", "support")
        .topic("replayed")
        .handler(take);
    let running = kafka.app().endpoint(endpoint).start().await?;
    for topic in ["parked", "replayed"] {
        let template = kafka.template();
        template
            .record(topic)
            .json(&order(true))
            .partition(PartitionId(0))
            .send()
            .await?;
        assert_eq!(
            tokio::time::timeout(TIMEOUT, seen.recv()).await?,
            Some(order(true))
        );
    }
    running.stop(TIMEOUT).await;
    Ok(())
}

#[wellspring::test(topics = "orders.placed")]
async fn an_event_of_another_topic_is_refused_at_start(kafka: TestKafka) {
    let endpoint = |topic: &str| Endpoint::builder(topic, "support").handler(|_: Order| async {});
    let refused = kafka
        .app()
        .endpoint(endpoint("${letters:orders.parked}"))
        .start()
        .await;
    let error = refused.expect_err("it is another topic").to_string();
    assert!(
        error.contains("orders.placed-dlt for its dead letters"),
        "{error}"
    );
}

#[test]
fn it_is_known_which_error_types_may_ask_for_dead_letters() {
    const { assert!(Refused::MAY_DEAD_LETTER && Wrapped::MAY_DEAD_LETTER && !Later::MAY_DEAD_LETTER) };
    assert!(Classifier::of::<Wrapped>().is_for_dead_letters());
    assert!(!Classifier::of::<Later>().is_for_dead_letters());
    assert!(
        !Classifier::new(class_of::<Refused>).is_for_dead_letters(),
        "a function may answer anything"
    );
    assert!(
        Classifier::new(class_of::<Refused>)
            .may_dead_letter()
            .is_for_dead_letters()
    );
}
