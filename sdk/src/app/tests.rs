//! What is wrong before a start is said before any broker is asked, all of it.

use insta::assert_snapshot;

use super::builder::App;
use super::plan::{Plan, plan, report};
use crate::config::Loader;
use crate::endpoint::{Endpoint, Ordering};
use crate::extract::{FromRecord, RecordContext, Rejection, State};
use crate::retry::{OnExhausted, RetryPolicy};

async fn print(cx: RecordContext) {
    let _ = cx;
}

#[derive(Clone)]
struct Ledger;

async fn credit(State(_): State<Ledger>) {}

/// A payload that names its topic, as `#[derive(Event)]` makes one.
struct TopUp;

impl FromRecord for TopUp {
    const TOPIC: Option<&'static str> = Some("card.topups");

    fn from_record(_: &RecordContext) -> Result<Self, Rejection> {
        Ok(Self)
    }
}

async fn top_up(_: TopUp) {}

fn app() -> App {
    App::new(
        Loader::new()
            .retry_rule(super::builder::retry_rule)
            .load()
            .unwrap(),
    )
}

fn planned(app: App) -> Plan {
    plan(app).unwrap_or_else(|problems| panic!("{}", report(problems)))
}

/// The report, with the lines of this file left out.
fn problems(app: App) -> String {
    let report = report(plan(app).expect_err("it cannot start"));
    let mut parts = report.split("src/app/tests.rs:");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        text + "tests.rs:" + part.trim_start_matches(|c: char| c.is_ascii_digit())
    })
}

#[test]
fn an_endpoint_says_less_than_the_configuration_and_more_than_the_defaults() {
    let endpoint = Endpoint::builder("${topics.in:orders}", "shop")
        .id("orders")
        .workers(8)
        .retry("${orders.retry:none}")
        .property("fetch.min.bytes", "1")
        .property("fetch.max.bytes", "2000000")
        .handler(print);
    let plan = planned(
        app()
            .endpoint(endpoint)
            .set("topics.in", "orders.v2")
            .set("listeners.orders.concurrency", 3)
            .set("listeners.orders.on-exhausted", "dead-letter")
            .set("listeners.orders.properties.fetch.min.bytes", 7)
            .set("kafka.consumer.properties.fetch.max.bytes", 3_000_000),
    );
    let listener = &plan.listeners[0];
    let endpoint = &listener.endpoint;
    assert_eq!(endpoint.topics[0].as_str(), "orders.v2");
    assert_eq!(
        (
            endpoint.consuming.concurrency.get(),
            endpoint.processing.workers.get()
        ),
        (3, 8)
    );
    assert_eq!(
        endpoint.processing.ordering,
        Ordering::Key,
        "because there is more than one worker"
    );
    assert_eq!(endpoint.failing.retry, RetryPolicy::NONE);
    assert_eq!(endpoint.failing.on_exhausted, OnExhausted::DeadLetter);
    assert_eq!(listener.properties.get("fetch.min.bytes"), Some("7"));
    assert_eq!(listener.properties.get("fetch.max.bytes"), Some("2000000"));
}

#[test]
fn the_defaults_are_those_of_the_documentation() {
    let plan = planned(app().endpoint(Endpoint::builder("orders", "shop").handler(print)));
    let endpoint = &plan.listeners[0].endpoint;
    assert_eq!(
        (endpoint.id.as_str(), endpoint.group.as_str()),
        ("shop", "shop")
    );
    assert_eq!(
        (
            endpoint.consuming.concurrency.get(),
            endpoint.processing.workers.get()
        ),
        (1, 1)
    );
    assert_eq!(endpoint.processing.ordering, Ordering::Partition);
    assert_eq!(
        endpoint.failing.retry,
        "3 x 500ms exponential".parse().unwrap()
    );
    assert_eq!(endpoint.failing.on_exhausted, OnExhausted::Halt);
    assert!(endpoint.consuming.auto_startup);
}

#[test]
fn an_event_needs_no_topic() {
    let plan = planned(app().endpoint(Endpoint::for_event("shop").handler(top_up)));
    assert_eq!(plan.listeners[0].endpoint.topics[0].as_str(), "card.topups");
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let app = app()
        .state(Ledger)
        .state(Ledger)
        .endpoint(
            Endpoint::builder("a b", "shop")
                .workers("${workers:none}")
                .handler(print),
        )
        .endpoint(
            Endpoint::builder("${missing}", "")
                .id("lost")
                .property("group.id", "x")
                .handler(print),
        )
        .endpoint(Endpoint::builder("${topups.topic:elsewhere}", "cards").handler(top_up))
        .endpoint(
            Endpoint::builder("dead", "loop")
                .dead_letter_to("dead")
                .handler(print),
        )
        .topic("a/b", 1)
        .topic("c", 0)
        .listener(print);
    assert_snapshot!(problems(app), @r#"
        the application cannot start, 10 problems:
          two states of type wellspring::app::tests::Ledger: handlers find a state by its type, so wrap one of them in a type of its own
          wellspring::app::tests::print is not annotated: put #[kafka_listener(…)] on it, or build an Endpoint and give it to .endpoint(e)
          listener shop: topic = "a b": "a b" is not a topic name: use 1 to 249 characters of a-z, A-Z, 0-9, '.', '_' and '-', but not "." or ".."
          listener shop: workers = "${workers:none}": a whole number from 1 is needed
          listener lost: topic = "${missing}": nothing sets ${missing}: set missing in wellspring.toml, or WELLSPRING_MISSING in the environment, or write ${missing:a default}
          listener lost: property group.id = "x": Wellspring sets this property itself: write `group = "…"` on the listener, or set listeners.<id>.group
          listener cards handles an Event of the topic card.topups, but its topic "${topups.topic:elsewhere}" is elsewhere: leave the topic out, name card.topups-dlt for its dead letters, set a key for its placeholder, write #[event(topic = "${key:card.topups}")], or use a payload that names no topic, such as AnyTopic<T>
          listener loop: dead_letter = "dead": dead cannot keep its own dead letters: name another topic with `dead_letter = "..."`
          topic "a/b": "a/b" is not a topic name: use 1 to 249 characters of a-z, A-Z, 0-9, '.', '_' and '-', but not "." or ".."
          topic "c": a topic has at least one partition and one replica
        "#);
}

#[test]
fn mistakes_in_settings_from_code_have_their_line() {
    let app = app()
        .set("app.drain_deadline", "25")
        .set("listeners.credit.wrokers", 2);
    assert_snapshot!(problems(app), @r#"
        the application cannot start, 2 problems:
          app.drain_deadline = "25" (code, sdk/tests.rs:): expected a duration with its unit, such as 500ms or 25s, from 0s to 1h; the default is 25s
          listeners.credit.wrokers = "2" (code, sdk/tests.rs:): unknown key; did you mean listeners.credit.workers?
        "#);
}

#[test]
fn a_drain_that_outlasts_the_membership_is_refused() {
    let listener = |deadline: &str| {
        app()
            .endpoint(
                Endpoint::builder("orders", "shop")
                    .property("max.poll.interval.ms", "60000")
                    .handler(print),
            )
            .set("app.drain-deadline", deadline)
    };
    planned(listener("58s"));
    assert_snapshot!(problems(listener("59s")), @r#"
        the application cannot start, 1 problem:
          listener shop: app.drain-deadline = "59s": it must be shorter than max.poll.interval.ms (60s) by more than a second: partitions that are given back would be taken away before their running records have ended
        "#);
    let by_default = app().endpoint(Endpoint::builder("orders", "shop").handler(print));
    assert!(
        problems(by_default.set("app.drain-deadline", "1h"))
            .contains("max.poll.interval.ms (300s)")
    );
}

#[test]
fn a_retry_policy_in_the_configuration_is_checked_by_its_own_grammar() {
    let app = app()
        .endpoint(Endpoint::builder("orders", "shop").handler(print))
        .set("listeners.shop.retry", "often");
    assert_snapshot!(problems(app), @r#"
        the application cannot start, 1 problem:
          listeners.shop.retry = "often" (code, sdk/tests.rs:): "often" is not a retry policy: it must begin with "none" or a number of retries, as in "3 x 200ms"; write "none", "3 x 200ms", or "3 x 200ms exponential max 10s"
        "#);
}

#[test]
fn a_missing_state_names_the_listener_the_type_and_the_remedy() {
    let endpoint = || Endpoint::builder("orders", "shop").handler(credit);
    assert_snapshot!(problems(app().endpoint(endpoint())), @r"
        the application cannot start, 1 problem:
          listener shop needs State<wellspring::app::tests::Ledger>: give it to the app with .state(value)
        ");
    assert_snapshot!(problems(app().state(7_u8).endpoint(endpoint())), @r"
        the application cannot start, 1 problem:
          listener shop needs State<wellspring::app::tests::Ledger>: give it to the app with .state(value); it has u8
        ");
    planned(app().state(Ledger).endpoint(endpoint()));
}

#[test]
fn two_listeners_of_one_id_are_told_apart_by_their_topics() {
    let app = app()
        .endpoint(Endpoint::builder("orders", "shop").handler(print))
        .endpoint(Endpoint::builder("returns", "shop").handler(print));
    assert_snapshot!(problems(app), @r#"
        the application cannot start, 1 problem:
          two listeners have the id shop (of orders and of returns): give one of them another with id = "…"
        "#);
}

#[test]
fn a_secret_of_an_endpoint_that_cannot_be_used_is_not_printed() {
    let endpoint = Endpoint::builder("orders", "shop")
        .property("sasl.password", "${hunter2}")
        .property("ssl.key.password", "hunter2")
        .property("sasl.oauthbearer.client.secret", "hunter2")
        .handler(print);
    let report = problems(app().endpoint(endpoint));
    assert!(
        report.contains("sasl.password") && report.contains("<redacted>"),
        "{report}"
    );
    assert!(!report.contains("hunter2"), "{report}");
}

#[test]
fn properties_that_librdkafka_refuses_are_problems_of_the_start() {
    let app = app()
        .set("kafka.properties.fetch.min.bites", 1)
        .set("kafka.producer.properties.linger.ms", "soon");
    assert_snapshot!(problems(app), @r#"
        the application cannot start, 2 problems:
          kafka.properties.fetch.min.bites = "1" (code, sdk/tests.rs:): librdkafka refuses it: No such configuration property: "fetch.min.bites"; did you mean fetch.min.bytes?
          kafka.producer.properties.linger.ms = "soon" (code, sdk/tests.rs:): librdkafka refuses it: Invalid value for configuration property "queue.buffering.max.ms"
        "#);
}

#[test]
fn what_the_first_dead_letter_would_find_is_found_at_start() {
    let listener = |key: &str, value: &str| {
        let letters = Endpoint::builder("orders", "shop")
            .dead_letter()
            .handler(print);
        app().endpoint(letters).set(key, value)
    };
    assert_snapshot!(problems(listener("kafka.producer.properties.acks", "1")), @r#"
        the application cannot start, 1 problem:
          kafka.producer.properties.acks = "1" (code, sdk/tests.rs:): the Kafka client cannot be made so: it must be all with enable.idempotence=true; set that to false as well if you mean it
        "#);
    for (key, value) in [
        ("retries", "0"),
        ("transactional.id", "shop"),
        ("max.in.flight", "10"),
    ] {
        let report = problems(listener(&format!("kafka.properties.{key}"), value));
        assert!(
            report.contains(&format!("kafka.properties.{key} = \"{value}\" (code, ")),
            "{report}"
        );
    }
    planned(
        listener("kafka.producer.properties.acks", "1")
            .set("kafka.producer.properties.enable.idempotence", false),
    );
}

#[test]
fn a_consumer_that_its_group_would_put_out_is_refused_with_its_listener() {
    let endpoint = |session: &str| {
        Endpoint::builder("orders", "shop")
            .property("session.timeout.ms", session)
            .handler(print)
    };
    planned(app().endpoint(endpoint("10000")));
    assert_snapshot!(problems(app().endpoint(endpoint("400000"))), @r#"
        the application cannot start, 1 problem:
          session.timeout.ms = "400000": the Kafka client cannot be made so: max.poll.interval.ms must be at least 400000 for that, and is not
        "#);
}

#[tokio::test]
async fn a_setting_that_comes_after_the_producer_was_made_is_refused() {
    let app = app()
        .endpoint(Endpoint::builder("orders", "shop").handler(print))
        .set("kafka.producer.max-block", "1s");
    let template = app.template().unwrap();
    let app = app
        .set("orders.topic", "orders")
        .set("listeners.shop.workers", 2);
    let late = app
        .set("kafka.bootstrap-servers", "b:9092")
        .set("kafka.producer.buffer-memory", 4096)
        .set("kafka.properties.socket.timeout.ms", 1000);
    assert_snapshot!(problems(late), @r#"
    the application cannot start, 3 problems:
      kafka.bootstrap-servers = "b:9092" (code, sdk/tests.rs:): App::template() has made the producer already: call it after this
      kafka.properties.socket.timeout.ms = "1000" (code, sdk/tests.rs:): App::template() has made the producer already: call it after this
      kafka.producer.buffer-memory = "4096" (code, sdk/tests.rs:): App::template() has made the producer already: call it after this
    "#);
    drop(template);
}

#[tokio::test]
async fn what_does_not_concern_the_producer_may_come_after_it() {
    let app = app().endpoint(Endpoint::builder("${orders.topic:x}", "shop").handler(print));
    let template = app.template().unwrap();
    let plan = planned(
        app.set("orders.topic", "orders")
            .set("listeners.shop.workers", 2),
    );
    assert_eq!(plan.listeners[0].endpoint.topics[0].as_str(), "orders");
    drop(template);
}

#[test]
fn a_list_in_a_file_is_the_topics_of_a_listener() {
    let endpoint = Endpoint::builder("${shop.topics}", "shop")
        .topic("returns")
        .handler(print);
    // As the file's `topics = ["orders", "refunds", "returns"]` arrives.
    let plan = planned(
        app()
            .endpoint(endpoint)
            .set("shop.topics", "orders, refunds,returns,"),
    );
    let topics: Vec<&str> = plan.listeners[0]
        .endpoint
        .topics
        .iter()
        .map(|topic| topic.as_str())
        .collect();
    assert_eq!(topics, ["orders", "refunds", "returns"]);
    let written = Endpoint::builder("a,b", "shop").handler(print);
    assert!(problems(app().endpoint(written)).contains(r#""a,b" is not a topic name"#));
}

#[test]
fn a_topic_from_the_configuration_is_the_one_of_an_event_too() {
    let topics = |text: &str| Endpoint::builder(text, "shop").handler(top_up);
    let plan = |text: &str| {
        planned(
            app()
                .endpoint(topics(text))
                .set("topups.topic", "dev.topups"),
        )
    };
    for text in [
        "${topups.topic}",
        "${topups.topic:card.topups}",
        "dev.${topups.suffix:x}${topups.topic:}",
    ] {
        let read = plan(text).listeners[0].endpoint.topics[0]
            .as_str()
            .to_owned();
        assert!(read.ends_with("dev.topups"), "{text}: {read}");
    }
    planned(app().endpoint(topics("${topups.topic:card.topups}")));
    assert!(problems(app().endpoint(topics("${topups.topic:elsewhere}"))).contains("is elsewhere"));
}

#[test]
fn an_event_whose_type_has_a_placeholder_takes_its_topic_from_the_configuration() {
    struct Placed;
    impl FromRecord for Placed {
        const TOPIC: Option<&'static str> = Some("${placed.topic:orders}");
        fn from_record(_: &RecordContext) -> Result<Self, Rejection> {
            Ok(Self)
        }
    }
    let app = || app().endpoint(Endpoint::for_event("shop").handler(|_: Placed| async {}));
    let topic = |plan: Plan| plan.listeners[0].endpoint.topics[0].as_str().to_owned();
    assert_eq!(topic(planned(app())), "orders");
    assert_eq!(
        topic(planned(app().set("placed.topic", "dev.orders"))),
        "dev.orders"
    );
}

#[test]
fn a_template_before_the_start_tells_the_same_of_a_property() {
    let error = app()
        .set("kafka.producer.properties.lingr.ms", 1)
        .template()
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("kafka.producer.properties.lingr.ms = \"1\" (code, "),
        "{error}"
    );
    assert!(error.contains("did you mean linger.ms?"), "{error}");
}

#[test]
fn starting_and_running_can_be_spawned() {
    fn spawnable<T: Send + 'static>(_: T) {}
    spawnable(app().start());
    spawnable(app().run());
}

#[tokio::test]
async fn run_without_a_listener_explains_itself() {
    assert_snapshot!(app().run().await.unwrap_err(), @"the application has no listener to run: add one with .listener(f), .endpoint(e) or .discover(); an application that only produces needs no run()");
}
