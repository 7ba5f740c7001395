//! An application against a broker: topics, partitions, health, and the way down.

use std::time::Duration;

use tokio::sync::mpsc;
use wellspring::BoxError;
use wellspring::app::{App, RunError, StartError};
use wellspring::endpoint::Endpoint;
use wellspring::extract::{RecordContext, State};
use wellspring::runtime::ManualClock;
use wellspring::testing::{self, Spec};

const TIMEOUT: Duration = Duration::from_secs(30);

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
    Endpoint::builder("${in:orders}", "shop")
        .retry("none")
        .handler(collect)
}

async fn received(handled: &mut mpsc::UnboundedReceiver<String>) -> String {
    let next = tokio::time::timeout(TIMEOUT, handled.recv()).await;
    next.expect("a record is handled soon")
        .expect("the listener is there")
}

#[test]
fn a_started_application_handles_commits_and_stops() {
    testing::run(Spec::default(), |kafka| async move {
        let (sink, mut handled) = mpsc::unbounded_channel::<String>();
        let running = kafka
            .app()
            .state(sink)
            .topic("orders", 4)
            .endpoint(collector())
            .start()
            .await
            .unwrap();
        assert!(
            running.health().is_ready(),
            "{:?}",
            running.health().reasons()
        );
        assert_eq!(running.health().listeners[0].partitions.len(), 4);
        for n in 0..20 {
            kafka
                .produce("orders", format!("k{n}"), format!("v{n}"))
                .await;
        }
        for _ in 0..20 {
            received(&mut handled).await;
        }
        kafka.await_committed("shop", "orders").await;
        assert_eq!(kafka.lag("shop", "orders").await, 0);
        assert_eq!(kafka.records("orders").await.len(), 20);
        let report = running.stop(TIMEOUT).await;
        assert_eq!(report.listeners.len(), 1);
    });
}

#[test]
fn a_halted_partition_is_red_and_the_others_go_on() {
    testing::run(Spec::new("orders:2"), |kafka| async move {
        let (sink, mut handled) = mpsc::unbounded_channel::<String>();
        let running = kafka
            .app()
            .state(sink)
            .endpoint(collector())
            .start()
            .await
            .unwrap();
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
        assert_eq!(received(&mut handled).await, "good");
        let _report = running.stop(TIMEOUT).await;
    });
}

#[test]
fn a_dead_letter_has_a_topic_as_large_as_its_own() {
    testing::run(Spec::new("orders:3"), |kafka| async move {
        let (sink, _handled) = mpsc::unbounded_channel::<String>();
        let app = kafka
            .app()
            .state(sink)
            .endpoint(collector())
            .set("listeners.shop.on-exhausted", "dead_letter");
        let running = app.start().await.unwrap();
        let poison = kafka.produce("orders", "k", "poison").await;
        let letter = kafka.consume("orders-dlt", 1).await.remove(0);
        assert_eq!(letter.partition(), poison.partition);
        assert_eq!(letter.payload(), Some(b"poison".as_slice()));
        kafka.await_committed("shop", "orders").await;
        let _report = running.stop(TIMEOUT).await;
    });
}

#[test]
fn a_dead_letter_does_not_need_the_producer_that_somebody_closed() {
    testing::run(Spec::new("orders:1"), |kafka| async move {
        let (sink, _handled) = mpsc::unbounded_channel::<String>();
        let app = kafka
            .app()
            .state(sink)
            .endpoint(collector())
            .set("listeners.shop.on-exhausted", "dead_letter");
        let running = app.start().await.unwrap();
        running.template().unwrap().close(TIMEOUT).await.unwrap();
        kafka.produce("orders", "k", "poison").await;
        let letter = kafka.consume("orders-dlt", 1).await.remove(0);
        assert_eq!(letter.payload(), Some(b"poison".as_slice()));
        let _report = running.stop(TIMEOUT).await;
    });
}

#[test]
fn a_listener_that_is_started_by_hand_is_not_waited_for_for_ever() {
    testing::run(Spec::new("orders:1"), |kafka| async move {
        let (sink, _handled) = mpsc::unbounded_channel::<String>();
        let app = kafka
            .app()
            .state(sink)
            .endpoint(collector())
            .set("listeners.shop.auto-startup", false);
        let running = app
            .set("app.start-deadline", "300ms")
            .start()
            .await
            .unwrap();
        kafka.stop().await;
        let error = running
            .listener("shop")
            .expect("it is there")
            .start()
            .await
            .unwrap_err();
        assert!(matches!(error, StartError::NotAssigned { .. }), "{error}");
        let _report = running.stop(TIMEOUT).await;
    });
}

#[test]
fn an_application_has_ended_when_its_last_listener_fails_and_another_was_stopped() {
    testing::run(Spec::new("orders:1,returns:1"), |kafka| async move {
        let (sink, _handled) = mpsc::unbounded_channel::<String>();
        let returns = Endpoint::builder("returns", "back-office").handler(collect);
        let app = kafka
            .app()
            .state(sink)
            .endpoint(collector())
            .endpoint(returns);
        let running = app
            .set("listeners.shop.on-exhausted", "stop")
            .start()
            .await
            .unwrap();
        assert!(
            running
                .listener("back-office")
                .expect("it is there")
                .stop(TIMEOUT)
                .await
                .is_some()
        );
        kafka.produce("orders", "k", "poison").await;
        let reasons = tokio::time::timeout(TIMEOUT, running.ended())
            .await
            .expect("nothing is left");
        assert!(
            matches!(&reasons[..], [reason] if reason.starts_with("shop: ")),
            "{reasons:?}"
        );
        let _report = running.stop(TIMEOUT).await;
    });
}

#[test]
fn a_listener_that_starts_later_is_started_by_hand() {
    testing::run(Spec::new("orders:1"), |kafka| async move {
        let (sink, mut handled) = mpsc::unbounded_channel::<String>();
        let app = kafka
            .app()
            .state(sink)
            .endpoint(collector())
            .set("listeners.shop.auto-startup", false);
        let running = app.start().await.unwrap();
        kafka.produce("orders", "k", "early").await;
        let listener = running.listener("shop").expect("it is there");
        assert!(
            running.health().is_ready(),
            "a listener that was not started is no reason to be red"
        );
        listener.start().await.unwrap();
        assert_eq!(received(&mut handled).await, "early");
        assert!(listener.stop(TIMEOUT).await.is_some());
        listener.start().await.unwrap();
        kafka.produce("orders", "k", "late").await;
        assert_eq!(received(&mut handled).await, "late");
        assert!(listener.stop(TIMEOUT).await.is_some());
        assert!(listener.stop(TIMEOUT).await.is_none(), "it does not run");
        let _report = running.stop(TIMEOUT).await;
        assert!(
            listener
                .start()
                .await
                .unwrap_err()
                .to_string()
                .contains("its application has stopped")
        );
    });
}

#[test]
fn a_missing_topic_is_a_reason_to_be_red_until_it_is_there() {
    let spec = Spec::default().setting("auto.create.topics.enable", false);
    testing::run(spec, |kafka| async move {
        let (sink, mut handled) = mpsc::unbounded_channel::<String>();
        let app = kafka.app().state(sink).endpoint(collector());
        let app = app.set("kafka.properties.topic.metadata.refresh.interval.ms", 100);
        let running = app.start().await.unwrap();
        let reasons = running.health().reasons().join("\n");
        assert!(
            reasons.contains("a topic is missing") && reasons.contains("orders"),
            "{reasons}"
        );
        kafka.create_topic("orders", 1).await;
        kafka.produce("orders", "k", "late").await;
        assert_eq!(received(&mut handled).await, "late");
        kafka
            .wait_until("a green health", || async {
                running.health().is_ready().then_some(())
            })
            .await;
        let _report = running.stop(TIMEOUT).await;
    });
}

#[test]
fn a_dropped_application_ends_also_when_its_health_is_still_asked_for() {
    testing::run(Spec::new("orders:1"), |kafka| async move {
        let (sink, mut handled) = mpsc::unbounded_channel::<String>();
        let running = kafka
            .app()
            .state(sink)
            .endpoint(collector())
            .start()
            .await
            .unwrap();
        let health = running.health_source();
        drop(running);
        assert!(!health.now().is_ready());
        kafka.produce("orders", "k", "nobody is there").await;
        let (sink, mut heir) = mpsc::unbounded_channel::<String>();
        let next = kafka
            .app()
            .state(sink)
            .endpoint(collector())
            .start()
            .await
            .unwrap();
        assert_eq!(received(&mut heir).await, "nobody is there");
        assert!(handled.try_recv().is_err());
        let _report = next.stop(TIMEOUT).await;
    });
}

#[cfg(feature = "actuator")]
#[test]
fn health_is_answered_over_http_where_the_configuration_says() {
    testing::run(Spec::new("orders:1"), |kafka| async move {
        let (sink, _handled) = mpsc::unbounded_channel::<String>();
        let app = kafka
            .app()
            .state(sink)
            .endpoint(collector())
            .set("actuator.port", 0);
        let running = app.start().await.unwrap();
        let address = running.actuator_address().expect("it listens");
        let taken = kafka
            .app()
            .set("actuator.port", address.port())
            .start()
            .await
            .unwrap_err();
        assert!(
            taken.to_string().contains("cannot listen on 127.0.0.1"),
            "{taken}"
        );
        let health = get(address, "/health/ready").await;
        assert!(
            health.starts_with("HTTP/1.1 200") && health.contains(r#""partitions":["orders-0"]"#),
            "{health}"
        );
        let _report = running.stop(TIMEOUT).await;
        assert!(
            tokio::net::TcpStream::connect(address).await.is_err(),
            "nobody listens any more"
        );
    });
}

#[cfg(feature = "actuator")]
async fn get(address: std::net::SocketAddr, path: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[test]
fn two_applications_share_a_process() {
    testing::run(Spec::new("orders:2"), |kafka| async move {
        let (sink, mut handled) = mpsc::unbounded_channel::<String>();
        let start = async |group: &str| {
            let app = kafka
                .app()
                .state(sink.clone())
                .endpoint(collector())
                .set("listeners.shop.group", group);
            app.start().await.unwrap()
        };
        let (first, second) = (start("a").await, start("b").await);
        kafka.produce("orders", "k", "to both").await;
        assert_eq!(received(&mut handled).await, "to both");
        assert_eq!(received(&mut handled).await, "to both");
        let _reports = (first.stop(TIMEOUT).await, second.stop(TIMEOUT).await);
    });
}

#[test]
fn run_ends_with_an_error_when_no_listener_is_left() {
    testing::run(Spec::new("orders:1"), |kafka| async move {
        kafka.produce("orders", "k", "poison").await;
        let (sink, _handled) = mpsc::unbounded_channel::<String>();
        let app = kafka
            .app()
            .state(sink)
            .endpoint(collector())
            .set("listeners.shop.on-exhausted", "stop");
        // Under `run` nobody can start this one, so it is no reason to go on.
        let later = Endpoint::builder("orders", "later").handler(collect);
        let app = app
            .endpoint(later)
            .set("listeners.later.auto-startup", false);
        let error = app.run().await.unwrap_err();
        assert!(
            matches!(error.downcast_ref(), Some(RunError::NoListenerLeft { .. })),
            "{error}"
        );
        assert!(
            error.to_string().contains("shop") && error.to_string().contains("poison"),
            "{error}"
        );
    });
}

#[test]
fn there_is_nothing_to_run_without_a_listener() {
    testing::run(Spec::default(), |kafka| async move {
        let started = kafka.app().start().await.unwrap();
        for error in [
            kafka.app().run().await.unwrap_err(),
            started.run().await.unwrap_err(),
        ] {
            assert!(
                matches!(error.downcast_ref(), Some(RunError::NoListener)),
                "{error}"
            );
        }
    });
}

#[test]
fn a_clock_that_is_moved_by_hand_makes_long_retries_short() {
    testing::run(Spec::new("orders:1"), |kafka| async move {
        let time = ManualClock::new();
        let third_time = |cx: RecordContext| async move {
            if cx.attempt() < 3 {
                Err("not yet")
            } else {
                Ok(())
            }
        };
        let listener = Endpoint::builder("orders", "patient")
            .retry("3 x 10m")
            .handler(third_time);
        let running = kafka
            .app()
            .clock(time.clock())
            .endpoint(listener)
            .start()
            .await
            .unwrap();
        kafka.produce("orders", "k", "v").await;
        let committed = || async {
            time.advance(Duration::from_secs(60));
            (kafka.lag("patient", "orders").await == 0).then_some(())
        };
        kafka
            .wait_until("the third attempt is committed", committed)
            .await;
        let _report = running.stop(TIMEOUT).await;
    });
}

#[test]
fn a_dead_letter_without_a_topic_goes_to_the_file_after_its_last_offer() {
    testing::run(Spec::new("orders:1"), |kafka| async move {
        let (sink, mut handled) = mpsc::unbounded_channel::<String>();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("letters.jsonl");
        let time = ManualClock::new();
        let listener = Endpoint::builder("orders", "shop")
            .retry("none")
            .dead_letter()
            .handler(collect);
        let running = kafka
            .app()
            .clock(time.clock())
            .state(sink)
            .set("app.create-topics", false)
            .set("app.on-refused-dead-letter", "file")
            .set("app.dead-letter-file", file.display())
            .set(
                "kafka.producer.properties.topic.metadata.propagation.max.ms",
                10,
            )
            .endpoint(listener)
            .start()
            .await
            .unwrap();
        kafka.produce("orders", "k", "poison").await;
        kafka.produce("orders", "k", "good").await;
        let waits_for_a_repair = || async {
            let reasons = running.health().reasons().join("; ");
            reasons.contains("dead letter").then_some(())
        };
        kafka
            .wait_until("a first offer that is refused", waits_for_a_repair)
            .await;
        assert!(!file.exists(), "somebody may still make the topic");
        let is_written = || async {
            time.advance(Duration::from_secs(30));
            file.exists().then_some(())
        };
        kafka
            .wait_until("the letter to be in the file", is_written)
            .await;
        assert_eq!(received(&mut handled).await, "good");
        let written = std::fs::read_to_string(&file).unwrap();
        assert!(written.contains(r#""offset":0"#), "{written}");
        let _report = running.stop(TIMEOUT).await;
    });
}

#[test]
fn topics_that_may_not_be_made_are_named() {
    testing::run(Spec::new("orders:1"), |kafka| async move {
        let app = kafka
            .app()
            .topic("orders", 2)
            .topic("other", 1)
            .set("app.create-topics", false);
        let error = app.start().await.unwrap_err();
        insta::assert_snapshot!(error, @"missing: topic other with 1 partitions; create them, or set app.create-topics to true");
    });
}

#[test]
fn an_unreachable_broker_is_a_clear_error_in_good_time() {
    testing::run(Spec::default(), |kafka| async move {
        kafka.stop().await;
        let unreachable = |app: App| app.set("app.start-deadline", "300ms");
        let topics = unreachable(kafka.app().topic("orders", 1))
            .start()
            .await
            .unwrap_err();
        assert!(matches!(topics, StartError::Topics(_)), "{topics}");
        assert!(
            topics.to_string().contains("is Kafka running there?"),
            "{topics}"
        );
        let (sink, _handled) = mpsc::unbounded_channel::<String>();
        let listener = unreachable(kafka.app().state(sink).endpoint(collector()))
            .start()
            .await
            .unwrap_err();
        assert!(
            matches!(listener, StartError::NotAssigned { .. }),
            "{listener}"
        );
        assert!(
            listener.to_string().contains("no broker can be reached"),
            "{listener}"
        );
    });
}

#[test]
fn the_kit_works_on_a_kafka_that_is_there_already() {
    testing::run(Spec::default(), |kafka| async move {
        let other = testing::external(&kafka.bootstrap(), Spec::new("orders:3")).await;
        other.produce("orders", "k", "v").await;
        assert_eq!(
            other.consume("orders", 1).await[0].key(),
            Some(b"k".as_slice())
        );
        assert!(kafka.committed("nobody", "orders").await.is_empty());
        assert_eq!(kafka.lag("nobody", "orders").await, 1);
    });
}

/// What a test says that fails.
fn failure(test: impl FnOnce() + std::panic::UnwindSafe) -> String {
    let panic = std::panic::catch_unwind(test).expect_err("it fails");
    let message = panic.downcast_ref::<String>().expect("a message").clone();
    assert!(message.contains("tests/it/app.rs"), "{message}");
    message
}

#[test]
fn a_test_that_waits_in_vain_says_what_it_saw() {
    let message = failure(|| {
        testing::run(Spec::new("orders:1"), |kafka| async move {
            kafka.produce("orders", "k", "only one").await;
            kafka
                .within(Duration::from_millis(300))
                .consume("orders", 2)
                .await;
        });
    });
    assert!(
        message.contains("orders has 1 records") && message.contains("k = only one"),
        "{message}"
    );
    let message = failure(|| {
        testing::run(Spec::new("orders:1"), |kafka| async move {
            kafka.produce("orders", "k", "nobody reads it").await;
            kafka
                .within(Duration::from_millis(300))
                .await_committed("nobody", "orders")
                .await;
        });
    });
    assert!(
        message.contains("1 records are open; committed: nothing"),
        "{message}"
    );
    let message = failure(|| {
        testing::run(Spec::new("orders:1"), |kafka| async move {
            let app = kafka.app().endpoint(
                Endpoint::builder("orders", "shop")
                    .id("sell")
                    .handler(refuse),
            );
            let _running = app.start().await.unwrap();
            kafka.produce("orders", "k", "v").await;
            kafka
                .within(Duration::from_millis(300))
                .await_committed("shop", "orders")
                .await;
        });
    });
    assert!(
        message.contains("listener sell: last failed at orders-0@0, attempt 1: no such card"),
        "{message}"
    );
}

async fn refuse(_record: wellspring::client::Record) -> Result<(), String> {
    Err("no such card".to_owned())
}

#[test]
fn a_topic_that_a_test_does_not_declare_is_a_typo() {
    let soon = Duration::from_secs(3);
    let message = failure(move || {
        testing::run(Spec::new("orders:1, audit"), |kafka| async move {
            kafka.within(soon).produce("order", "k", "v").await;
        });
    });
    assert!(
        message.contains(
            "there is no topic order (there are: audit, orders; did you mean \"orders\"?)"
        ),
        "{message}"
    );
    assert!(
        message.contains("settings(\"auto.create.topics.enable\" = \"true\")"),
        "{message}"
    );
    let message = failure(move || {
        testing::run(Spec::new("orders:1"), |kafka| async move {
            kafka.within(soon).consume("other", 1).await;
        });
    });
    assert!(
        message.contains("there is no topic other (there are: orders)"),
        "{message}"
    );
    let message = failure(move || {
        testing::run(Spec::default(), |kafka| async move {
            kafka.within(soon).lag("shop", "orders").await;
        });
    });
    assert!(
        message.contains("there is no topic orders (there is none)"),
        "{message}"
    );
}

#[test]
fn a_sender_in_a_test_is_told_of_a_missing_topic_at_once() {
    testing::run(Spec::new("orders:1"), |kafka| async move {
        let sent = kafka.template().record("order").text("v").send();
        let error = tokio::time::timeout(Duration::from_secs(10), sent)
            .await
            .expect("it is told soon")
            .expect_err("it is missing");
        assert!(error.to_string().contains("order"), "{error}");
    });
}

#[test]
fn a_test_may_let_its_broker_make_topics() {
    testing::run(
        Spec::default().setting("auto.create.topics.enable", true),
        |kafka| async move {
            kafka.produce("anything", "k", "v").await;
            assert_eq!(kafka.records("anything").await.len(), 1);
        },
    );
}

#[test]
fn a_setting_that_the_tests_broker_does_not_know_is_named() {
    let message = failure(|| {
        testing::run(
            Spec::default().setting("auto.create.topics.enabl", true),
            |_| async {},
        );
    });
    assert!(message.contains("auto.create.topics.enabl"), "{message}");
}
