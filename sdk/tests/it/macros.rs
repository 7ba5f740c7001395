//! What the macros write is what one would write by hand.

#![forbid(unsafe_code)]
use std::error::Error;

use wellspring::endpoint::{Endpoint, Ordering, Registration};
use wellspring::extract::Shared;
use wellspring::prelude::*;
use wellspring::retry::{BackOff, FailureClass, OnExhausted, RetryPolicy};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(topic = "card.topups", key = "card.no")]
struct TopUp {
    card: Card,
}

#[derive(Debug, Serialize, Deserialize)]
struct Card {
    no: String,
}

#[derive(Debug, thiserror::Error, Classify)]
enum LedgerError {
    #[error("busy")]
    Busy,
    #[error("no such card")]
    #[classify(dead_letter)]
    NoSuchCard,
}

/// The endpoint that a function's attribute describes.
fn endpoint_of<F: 'static>(_function: F) -> Endpoint {
    let registration = Registration::of::<F>().expect("the function is annotated");
    (registration.endpoint)()
}

/// The macro's endpoint, resolved or not, shows as the builder's does.
fn assert_same(macros: &Endpoint, by_hand: &Endpoint) {
    assert_eq!(format!("{macros:#?}"), format!("{by_hand:#?}"));
}

#[test]
fn the_shortest_listener_is_the_shortest_builder() {
    #[kafka_listener(group = "campus-card")]
    async fn credit(_topup: TopUp) {}

    assert_same(
        &endpoint_of(credit),
        &Endpoint::for_event("campus-card").handler(credit),
    );
}

#[test]
fn every_argument_is_a_call_of_the_builder() {
    #[kafka_listener(
        topics = ["card.topups", "card.refunds"],
        group = "campus-card",
        id = "credit",
        concurrency = 2,
        workers = 16,
        ordering = "key",
        retry = "3 x 200ms exponential",
        on_exhausted = "dead_letter",
        dead_letter = "card.failed",
        retry_panics,
        retry_rejections,
        classify = fatal,
        auto_startup = false,
        properties("fetch.min.bytes" = "1024", "client.rack" = "${rack:a}"),
    )]
    async fn credit(_topup: Json<TopUp>) {}

    fn fatal(_error: &(dyn Error + 'static)) -> FailureClass {
        FailureClass::Fatal
    }

    let by_hand = Endpoint::builder("card.topups", "campus-card")
        .topic("card.refunds")
        .id("credit")
        .concurrency(2)
        .workers(16)
        .ordering(Ordering::Key)
        .retry(RetryPolicy::new(
            3,
            BackOff::exponential(std::time::Duration::from_millis(200)),
        ))
        .on_exhausted(OnExhausted::DeadLetter)
        .dead_letter_to("card.failed")
        .retry_panics()
        .retry_rejections()
        .auto_startup(false)
        .property("fetch.min.bytes", "1024")
        .property("client.rack", "${rack:a}")
        .handler(credit);
    assert_same(&endpoint_of(credit), &by_hand);
}

#[test]
fn placeholders_are_left_to_the_application() {
    #[kafka_listener(
        topic = "${topups.topic:card.topups}",
        id = "credit",
        concurrency = "${n:1}",
        workers = "${workers:4}",
        ordering = "${order:key}",
        retry = "${retry:none}",
        on_exhausted = "${then:halt}",
        auto_startup = "${auto:true}"
    )]
    async fn credit(_topup: TopUp) {}

    let by_hand = Endpoint::builder("${topups.topic:card.topups}", "${listeners.credit.group}")
        .id("credit")
        .concurrency("${n:1}")
        .workers("${workers:4}")
        .ordering("${order:key}")
        .retry("${retry:none}")
        .on_exhausted("${then:halt}")
        .auto_startup("${auto:true}")
        .handler(credit);
    assert_same(&endpoint_of(credit), &by_hand);
}

#[test]
fn a_method_gets_its_self_from_the_state() {
    struct Service;

    #[kafka_listeners]
    impl Service {
        #[kafka_listener(topic = "notes", group = "notes", dead_letter)]
        async fn on_note(
            &self,
            _note: Text,
            #[header("source")] _source: Option<String>,
        ) -> <Self as Answers>::Answer {
            Ok(())
        }

        #[kafka_listener(group = "topups")]
        async fn on_topup(_topup: TopUp) {}
    }

    trait Answers {
        type Answer;
    }

    impl Answers for Service {
        type Answer = Result<(), LedgerError>;
    }

    let by_hand = Endpoint::builder("notes", "notes").dead_letter();
    let by_hand = by_hand.handler(|Shared(_): Shared<Service>, _note: Text| async {});
    assert_same(&endpoint_of(Service::on_note), &by_hand);
    assert_same(
        &endpoint_of(Service::on_topup),
        &Endpoint::for_event("topups").handler(Service::on_topup),
    );
    let names: Vec<&str> = wellspring::endpoint::registered()
        .map(|registration| registration.name)
        .collect();
    assert!(names.contains(&"Service::on_note"), "{names:?}");
}

#[tokio::test]
async fn an_annotated_function_can_still_be_called() {
    #[kafka_listener(group = "campus-card")]
    async fn credit(topup: TopUp, #[header("source")] source: String) -> Result<(), LedgerError> {
        if topup.card.no == source {
            Ok(())
        } else {
            Err(LedgerError::NoSuchCard)
        }
    }

    let topup = || TopUp {
        card: Card { no: "7".into() },
    };
    assert!(credit(topup(), "7".into()).await.is_ok());
    assert!(credit(topup(), "8".into()).await.is_err());
}

#[test]
fn a_condition_on_the_function_holds_for_its_registration() {
    #[kafka_listener(group = "never")]
    #[cfg(any())]
    async fn never(_topup: TopUp) {}

    assert!(!wellspring::endpoint::registered().any(|registration| registration.name == "never"));
}

#[test]
fn an_event_knows_its_topic_and_its_key() {
    #[derive(Serialize, Deserialize, Event)]
    #[event(topic = "pairs")]
    struct Pair(#[key] Option<i64>, u8);

    #[derive(Serialize, Deserialize, Event)]
    #[event(topic = "pings")]
    enum Ping {
        Now,
    }

    let topup = TopUp {
        card: Card { no: "7".into() },
    };
    assert_eq!(
        (TopUp::TOPIC, Event::key(&topup).unwrap().as_deref()),
        ("card.topups", Some(b"7".as_slice()))
    );
    assert_eq!(
        Event::key(&Pair(Some(1), 0)).unwrap().as_deref(),
        Some([0, 0, 0, 0, 0, 0, 0, 1].as_slice())
    );
    assert_eq!(Event::key(&Pair(None, 0)).unwrap(), None);
    assert_eq!(
        (Ping::TOPIC, Event::key(&Ping::Now).unwrap()),
        ("pings", None)
    );
}

#[test]
fn an_error_knows_its_class() {
    #[derive(Debug, thiserror::Error, Classify)]
    #[classify(fatal)]
    enum Wrapper {
        #[error("inner")]
        #[classify(transparent)]
        Inner { source: LedgerError },
        #[error("own")]
        #[classify(skip)]
        Own,
        #[error("other")]
        Other(#[allow(dead_code, reason = "the field is there to be ignored")] u8),
    }

    assert_eq!(LedgerError::Busy.class(), FailureClass::Retry);
    assert_eq!(LedgerError::NoSuchCard.class(), FailureClass::DeadLetter);
    assert_eq!(
        Wrapper::Inner {
            source: LedgerError::NoSuchCard
        }
        .class(),
        FailureClass::DeadLetter
    );
    assert_eq!(Wrapper::Own.class(), FailureClass::Skip);
    assert_eq!(Wrapper::Other(1).class(), FailureClass::Fatal);
}

#[test]
fn constants_stand_for_texts() {
    const GROUP: &str = "campus-card";
    const LETTERS: &str = "card.failed";
    const SOURCE: &str = "source";
    struct Names;
    impl Names {
        const REFUNDS: &str = "card.refunds";
    }

    #[kafka_listener(topic = <TopUp as Event>::TOPIC, group = GROUP, dead_letter = LETTERS)]
    async fn credit(_topup: TopUp, #[header(SOURCE)] _source: String) {}

    #[kafka_listener(topics = ["card.topups", Names::REFUNDS], group = GROUP)]
    async fn both(_topup: Json<TopUp>) {}

    let by_hand = Endpoint::builder("card.topups", "campus-card").dead_letter_to("card.failed");
    assert_same(&endpoint_of(credit), &by_hand.handler(credit_by_hand));
    let by_hand = Endpoint::builder("card.topups", "campus-card").topic("card.refunds");
    assert_same(&endpoint_of(both), &by_hand.handler(both));

    async fn credit_by_hand(_topup: TopUp) {}
}

#[test]
fn a_constant_of_the_type_names_the_group_of_its_methods() {
    #[derive(Clone)]
    struct Shop;

    impl Shop {
        const GROUP: &str = "shop";
    }

    #[kafka_listeners]
    impl Shop {
        #[kafka_listener(group = Self::GROUP)]
        async fn credit(&self, _topup: TopUp) {}
    }

    assert!(format!("{:?}", endpoint_of(Shop::credit)).contains("\"shop\""));
}

#[test]
fn the_topic_of_an_event_may_be_a_constant_or_come_from_the_configuration() {
    const ORDERS: &str = "shop.orders";

    #[derive(Debug, Serialize, Deserialize, Event)]
    #[event(topic = ORDERS)]
    struct Order {
        no: u32,
    }

    #[derive(Debug, Serialize, Deserialize, Event)]
    #[event(topic = "${refunds.topic:shop.refunds}")]
    struct Refund {
        no: u32,
    }

    #[kafka_listener(group = "refunds")]
    async fn refund(_refund: Refund) {}

    #[kafka_listener(topic = "shop.refunds", group = "refunds")]
    async fn agreed(_refund: Refund) {}

    assert_eq!(
        (Order::TOPIC, Refund::TOPIC),
        ("shop.orders", "${refunds.topic:shop.refunds}")
    );
    assert_same(
        &endpoint_of(refund),
        &Endpoint::for_event("refunds").handler(refund),
    );
    assert_same(
        &endpoint_of(agreed),
        &Endpoint::builder("shop.refunds", "refunds").handler(agreed),
    );
}
