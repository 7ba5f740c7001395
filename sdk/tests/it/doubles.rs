//! Handlers, records and producers in unit tests, without a Kafka.

use std::sync::{Arc, Mutex};

use wellspring::extract::FromRecord;
use wellspring::prelude::*;
use wellspring::testing::{context, receipt, record};
use wellspring::types::{Offset, PartitionId, Timestamp};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(topic = "orders", key = "id")]
struct Order {
    id: String,
    cups: u32,
}

fn order() -> Order {
    Order {
        id: "7".to_owned(),
        cups: 2,
    }
}

#[kafka_producer]
trait Shipments {
    #[send(topic = "shipments")]
    async fn shipped(&self, #[key] order: &str, what: &str) -> SendResult;
}

/// Takes note of what it is asked to send.
#[derive(Debug, Default)]
struct Recorded(Mutex<Vec<String>>);

impl Shipments for Recorded {
    async fn shipped(&self, order: &str, what: &str) -> SendResult {
        self.0
            .lock()
            .expect("no writer panics")
            .push(format!("{order}: {what}"));
        Ok(receipt("shipments"))
    }
}

struct Shipping {
    shipments: Arc<dyn Shipments>,
}

#[kafka_listeners]
impl Shipping {
    #[kafka_listener(group = "shipping")]
    async fn ship(
        &self,
        order: Order,
        #[header("source")] source: Option<String>,
        meta: Metadata,
    ) -> Result<(), SendError> {
        let what = format!(
            "{} cups from {} at {}",
            order.cups,
            source.unwrap_or_default(),
            meta.offset
        );
        self.shipments.shipped(&order.id, &what).await.map(drop)
    }
}

#[tokio::test]
async fn a_listener_is_called_with_what_its_arguments_find_in_a_record() {
    let recorded = Arc::new(Recorded::default());
    let shipping = Shipping {
        shipments: recorded.clone(),
    };
    let order = record("orders")
        .offset(Offset(9))
        .payload(&order())
        .header("source", "web");
    let outcome = context(order)
        .state(shipping)
        .call_listener(Shipping::ship)
        .await;
    assert!(matches!(outcome, Outcome::Done), "{outcome}");
    assert_eq!(
        *recorded.0.lock().expect("no writer panics"),
        ["7: 2 cups from web at 9"]
    );
}

#[tokio::test]
async fn a_record_that_does_not_decode_is_rejected_as_by_a_listener() {
    let shipping = Shipping {
        shipments: Arc::new(Recorded::default()),
    };
    let outcome = context(record("orders").text("{"))
        .state(shipping)
        .call_listener(Shipping::ship)
        .await;
    assert!(matches!(outcome, Outcome::Rejected(_)), "{outcome}");
    let stateless = context(record("orders").payload(&order()))
        .call_listener(Shipping::ship)
        .await;
    assert!(matches!(stateless, Outcome::Rejected(_)), "{stateless}");
}

#[tokio::test]
async fn a_method_is_called_with_metadata_that_is_made_by_hand() {
    let recorded = Arc::new(Recorded::default());
    let shipping = Shipping {
        shipments: recorded.clone(),
    };
    let meta = context(record("orders").partition(PartitionId(3)))
        .attempt(4)
        .group("shipping")
        .metadata();
    assert_eq!(
        (meta.partition, meta.attempt, meta.group.as_str()),
        (PartitionId(3), 4, "shipping")
    );
    shipping
        .ship(order(), None, meta)
        .await
        .expect("it is sent");
    assert_eq!(recorded.0.lock().expect("no writer panics").len(), 1);
}

/// The same for whoever prefers a type parameter. The attribute names the type that an application
/// runs.
struct Packing<S> {
    shipments: S,
}

#[kafka_listeners(Packing<KafkaShipments>)]
impl<S: Shipments> Packing<S> {
    #[kafka_listener(group = "packing")]
    async fn pack(&self, order: Order) -> Result<(), SendError> {
        self.shipments.shipped(&order.id, "packed").await.map(drop)
    }
}

#[tokio::test]
async fn a_generic_listener_runs_with_a_fake() {
    let packing = Packing {
        shipments: Recorded::default(),
    };
    packing.pack(order()).await.expect("it is sent");
    assert_eq!(
        *packing.shipments.0.lock().expect("no writer panics"),
        ["7: packed"]
    );
}

#[wellspring::test(topics = "orders, shipments")]
async fn a_generic_listener_is_registered_for_the_type_that_its_attribute_names(kafka: TestKafka) {
    let shipments = KafkaShipments::new(kafka.template());
    let app = kafka
        .app()
        .state(Packing { shipments })
        .listener(Packing::<KafkaShipments>::pack);
    let app = app.start().await.expect("it starts");
    assert_eq!(app.health().listeners[0].id.as_str(), "Packing::pack");
    kafka
        .template()
        .send(&order())
        .await
        .expect("it is written");
    let packed: Vec<Text> = kafka.consume_as("shipments", 1).await;
    assert_eq!(packed, [Text::from("packed")]);
    app.stop(std::time::Duration::from_secs(5)).await;
}

#[tokio::test]
async fn any_handler_can_be_called() {
    let with = |attempt| {
        context(record("lines").text("hello"))
            .attempt(attempt)
            .call(|Text(line): Text, meta: Metadata| async move {
                if meta.attempt == 1 { Err(line) } else { Ok(()) }
            })
    };
    assert!(matches!(with(1).await, Outcome::Failed(_)));
    assert!(matches!(with(2).await, Outcome::Done));
}

#[test]
fn a_record_has_what_it_was_made_of() {
    let made = record("orders")
        .payload(&order())
        .timestamp(Timestamp(5))
        .header("n", &7_i32)
        .header("no", &None::<i32>);
    let made = made.build();
    assert_eq!(
        (made.key(), made.timestamp()),
        (Some(b"7".as_slice()), Timestamp(5))
    );
    assert_eq!(made.decode::<Order>().expect("it is one"), order());
    assert_eq!(made.decode_key::<String>().expect("it is text"), "7");
    let cx = context(made).listener("l").build();
    assert_eq!(cx.header::<i32>("n").expect("it is a number"), 7);
    assert_eq!(cx.header_if_present::<i32>("no").expect("it is null"), None);
    assert_eq!(Headers::from_record(&cx).expect("all are text").len(), 2);
    let key = record("orders").key("8").payload(&order()).build();
    assert_eq!(
        key.key(),
        Some(b"8".as_slice()),
        "the key that is named wins"
    );
    let tombstone = record("orders").key("8").build();
    assert!(tombstone.payload().is_none() && tombstone.decode::<Order>().is_err());
}

#[wellspring::test(topics = "orders:2")]
async fn what_was_written_is_read_back_as_values(kafka: TestKafka) {
    for cups in 0..3 {
        let order = Order { cups, ..order() };
        kafka.template().send(&order).await.expect("it is written");
    }
    let orders: Vec<Order> = kafka.consume_as("orders", 3).await;
    assert_eq!(
        orders.iter().map(|order| order.cups).collect::<Vec<_>>(),
        [0, 1, 2]
    );
}
