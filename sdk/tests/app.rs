//! An application against a broker: topics, partitions, health, and the way down.

use std::time::Duration;

use tokio::sync::mpsc;
use wellspring::BoxError;
use wellspring::app::{App, RunError, StartError};
use wellspring::endpoint::Endpoint;
use wellspring::extract::{RecordContext, State};
use wellspring::testing::{self, Spec};

const SOON: Duration = Duration::from_secs(10);

/// Hands payloads to the test.
type Sink = mpsc::UnboundedSender<String>;

async fn collect(State(sink): State<Sink>, cx: RecordContext) -> Result<(), BoxError> {
    let payload = String::from_utf8_lossy(cx.record().payload().unwrap_or_default()).into_owned();
    if payload == "poison" {
        return Err("poison".into());
    }
    sink.send(payload)?;
    Ok(())
}

fn collector() -> Endpoint {
    Endpoint::builder("${in:orders}", "shop").retry("none").handler(collect)
}

#[test]
fn a_started_application_handles_commits_and_stops() {
    testing::run(Spec::default(), |kafka| async move {
        let (sink, mut handled) = mpsc::unbounded_channel::<String>();
        let running = kafka.app().state(sink).topic("orders", 4).endpoint(collector()).start().await.unwrap();
        assert!(running.health().is_ready(), "{:?}", running.health().reasons());
        assert_eq!(running.health().listeners[0].partitions.len(), 4);
        for n in 0..20 {
            kafka.produce("orders", format!("k{n}"), format!("v{n}")).await;
        }
        for _ in 0..20 {
            assert!(handled.recv().await.is_some());
        }
        kafka.await_committed("shop", "orders").await;
        assert_eq!(kafka.lag("shop", "orders").await, 0);
        assert_eq!(kafka.records("orders").await.len(), 20);
        let report = running.stop(SOON).await;
        assert_eq!(report.listeners.len(), 1);
    });
}

#[test]
fn a_halted_partition_is_red_and_the_others_go_on() {
    testing::run(Spec::new("orders:2"), |kafka| async move {
        let (sink, mut handled) = mpsc::unbounded_channel::<String>();
        let running = kafka.app().state(sink).endpoint(collector()).start().await.unwrap();
        let poison = kafka.produce("orders", "k", "poison").await;
        let health = kafka
            .wait_until("a red health", || async {
                Some(running.health()).filter(|health| !health.is_ready())
            })
            .await;
        let halted = &health.listeners[0].halted[0];
        assert_eq!(halted.partition.topic.as_str(), "orders");
        assert_eq!(halted.offset, poison.offset);
        assert!(health.is_live());
        for n in 0..20 {
            kafka.produce("orders", format!("k{n}"), "good").await;
        }
        assert_eq!(handled.recv().await.as_deref(), Some("good"));
        let _report = running.stop(SOON).await;
    });
}

#[test]
fn a_dead_letter_has_a_topic_as_large_as_its_own() {
    testing::run(Spec::new("orders:3"), |kafka| async move {
        let (sink, _handled) = mpsc::unbounded_channel::<String>();
        let app =
            kafka.app().state(sink).endpoint(collector()).set("listeners.shop.on-exhausted", "dead_letter");
        let running = app.start().await.unwrap();
        let poison = kafka.produce("orders", "k", "poison").await;
        let letter = kafka.consume("orders-dlt", 1).await.remove(0);
        assert_eq!(letter.partition(), poison.partition);
        assert_eq!(letter.payload(), Some(b"poison".as_slice()));
        kafka.await_committed("shop", "orders").await;
        let _report = running.stop(SOON).await;
    });
}

#[test]
fn a_listener_that_starts_later_is_started_by_hand() {
    testing::run(Spec::new("orders:1"), |kafka| async move {
        let (sink, mut handled) = mpsc::unbounded_channel::<String>();
        let app = kafka.app().state(sink).endpoint(collector()).set("listeners.shop.auto-startup", false);
        let running = app.start().await.unwrap();
        kafka.produce("orders", "k", "early").await;
        let listener = running.listener("shop").expect("it is there");
        assert!(running.health().is_ready(), "a listener that was not started is no reason to be red");
        listener.start().await.unwrap();
        assert_eq!(handled.recv().await.as_deref(), Some("early"));
        assert!(listener.stop(SOON).await.is_some());
        listener.start().await.unwrap();
        kafka.produce("orders", "k", "late").await;
        assert_eq!(handled.recv().await.as_deref(), Some("late"));
        let _report = running.stop(SOON).await;
    });
}

#[test]
fn two_applications_share_a_process() {
    testing::run(Spec::new("orders:2"), |kafka| async move {
        let (sink, mut handled) = mpsc::unbounded_channel::<String>();
        let start = async |group: &str| {
            let app =
                kafka.app().state(sink.clone()).endpoint(collector()).set("listeners.shop.group", group);
            app.start().await.unwrap()
        };
        let (first, second) = (start("a").await, start("b").await);
        kafka.produce("orders", "k", "to both").await;
        assert_eq!(handled.recv().await.as_deref(), Some("to both"));
        assert_eq!(handled.recv().await.as_deref(), Some("to both"));
        let _reports = (first.stop(SOON).await, second.stop(SOON).await);
    });
}

#[test]
fn run_ends_with_an_error_when_no_listener_is_left() {
    testing::run(Spec::new("orders:1"), |kafka| async move {
        kafka.produce("orders", "k", "poison").await;
        let (sink, _handled) = mpsc::unbounded_channel::<String>();
        let app = kafka.app().state(sink).endpoint(collector()).set("listeners.shop.on-exhausted", "stop");
        let error = app.run().await.unwrap_err();
        assert!(matches!(error.downcast_ref(), Some(RunError::NoListenerLeft { .. })), "{error}");
        assert!(error.to_string().contains("shop") && error.to_string().contains("poison"), "{error}");
    });
}

#[test]
fn topics_that_may_not_be_made_are_named() {
    testing::run(Spec::new("orders:1"), |kafka| async move {
        let app = kafka.app().topic("orders", 2).topic("other", 1).set("app.create-topics", false);
        let error = app.start().await.unwrap_err();
        insta::assert_snapshot!(error, @"missing: topic other with 1 partitions; more partitions of orders, 2 in all; create them, or set app.create-topics to true");
    });
}

#[test]
fn an_unreachable_broker_is_a_clear_error_in_good_time() {
    testing::run(Spec::default(), |kafka| async move {
        kafka.stop().await;
        let unreachable = |app: App| app.set("app.start-deadline", "300ms");
        let topics = unreachable(kafka.app().topic("orders", 1)).start().await.unwrap_err();
        assert!(matches!(topics, StartError::Topics(_)), "{topics}");
        assert!(topics.to_string().contains("is Kafka running there?"), "{topics}");
        let (sink, _handled) = mpsc::unbounded_channel::<String>();
        let listener = unreachable(kafka.app().state(sink).endpoint(collector())).start().await.unwrap_err();
        assert!(matches!(listener, StartError::NotAssigned { .. }), "{listener}");
    });
}

#[test]
fn the_kit_works_on_a_kafka_that_is_there_already() {
    testing::run(Spec::default(), |kafka| async move {
        let other = testing::external(&kafka.bootstrap(), Spec::new("orders:3")).await;
        other.produce("orders", "k", "v").await;
        assert_eq!(other.consume("orders", 1).await[0].key(), Some(b"k".as_slice()));
        assert!(kafka.committed("nobody", "orders").await.is_empty());
        assert_eq!(kafka.lag("nobody", "orders").await, 1);
    });
}

#[test]
fn a_test_that_waits_in_vain_says_what_it_saw() {
    let outcome = std::panic::catch_unwind(|| {
        testing::run(Spec::new("orders:1"), |kafka| async move {
            kafka.produce("orders", "k", "only one").await;
            kafka.within(Duration::from_millis(300)).consume("orders", 2).await;
        });
    });
    let panic = outcome.expect_err("there is one record only");
    let message = panic.downcast_ref::<String>().expect("a message");
    assert!(message.contains("orders has 1 records") && message.contains("k = only one"), "{message}");
    assert!(message.contains("tests/app.rs"), "{message}");
}
