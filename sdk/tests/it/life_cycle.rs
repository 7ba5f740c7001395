//! Listeners that fail, are stopped and start again while their application runs.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use wellspring::app::{App, RunError};
use wellspring::endpoint::Endpoint;
use wellspring::extract::{RecordContext, State};
use wellspring::listener::ListenerState;
use wellspring::runtime::Clock;
use wellspring::testing::{self, Spec, TestKafka};
use wellspring::types::{Offset, PartitionId};

const TIMEOUT: Duration = Duration::from_secs(30);

/// Long enough for what must not happen.
const SHORT_WAIT: Duration = Duration::from_millis(300);

/// Says that a slow handler runs, and lets it go on.
#[derive(Clone, Default)]
struct Gate {
    entered: Arc<Notify>,
    leave: Arc<Notify>,
}

async fn handle(State(gate): State<Gate>, cx: RecordContext) -> Result<(), &'static str> {
    match cx.record().payload() {
        Some(b"poison") => return Err("poison"),
        Some(b"slow") => {
            gate.entered.notify_one();
            gate.leave.notified().await;
        }
        _ => {}
    }
    Ok(())
}

/// An application whose listeners, one for each of these groups, end at a poisonous record.
fn app(kafka: &TestKafka, gate: &Gate, groups: &[&str]) -> App {
    groups
        .iter()
        .fold(kafka.app().state(gate.clone()), |app, group| {
            let endpoint = Endpoint::builder(*group, *group)
                .workers(4)
                .retry("none")
                .handler(handle);
            app.endpoint(endpoint)
                .set(format!("listeners.{group}.on-exhausted"), "stop")
        })
}

#[test]
fn a_listener_that_fails_lets_its_other_handlers_end_and_commits() {
    testing::run(Spec::new("shop:2"), |kafka| async move {
        let gate = Gate::default();
        let mut run = Box::pin(app(&kafka, &gate, &["shop"]).run());
        let send = |partition, text: &'static str| {
            let template = kafka.template();
            async move {
                template
                    .record("shop")
                    .partition(PartitionId(partition))
                    .text(text)
                    .send()
                    .await
                    .unwrap()
            }
        };
        let failing = async {
            send(0, "slow").await;
            gate.entered.notified().await;
            send(1, "poison").await;
            Clock::system().sleep(SHORT_WAIT).await;
        };
        tokio::select! {
            ended = &mut run => panic!("a handler still runs: {ended:?}"),
            () = failing => gate.leave.notify_one(),
        }
        let error = run.await.unwrap_err();
        assert!(
            matches!(error.downcast_ref(), Some(RunError::NoListenerLeft { .. })),
            "{error}"
        );
        let committed = kafka.committed("shop", "shop").await;
        assert_eq!(
            committed.get(&PartitionId(0)),
            Some(&Offset(1)),
            "{committed:?}"
        );
    });
}

#[test]
fn a_listener_that_failed_drains_before_it_starts_again() {
    testing::run(Spec::new("shop:2"), |kafka| async move {
        let gate = Gate::default();
        let running = app(&kafka, &gate, &["shop"]).start().await.unwrap();
        let listener = running.listener("shop").expect("it is there");
        let template = kafka.template();
        template
            .record("shop")
            .partition(PartitionId(0))
            .text("slow")
            .send()
            .await
            .unwrap();
        gate.entered.notified().await;
        template
            .record("shop")
            .partition(PartitionId(1))
            .text("poison")
            .send()
            .await
            .unwrap();
        let failed = || async {
            matches!(listener.health().state, ListenerState::Failed { .. }).then_some(())
        };
        kafka.wait_until("it fails", failed).await;
        let mut again = Box::pin(listener.start());
        assert!(
            Clock::system()
                .timeout(SHORT_WAIT, &mut again)
                .await
                .is_err(),
            "a handler still runs"
        );
        gate.leave.notify_one();
        // Whether it lives long enough to be assigned or meets the poison first is all the same
        // here.
        drop(again.await);
        assert_eq!(
            kafka.committed("shop", "shop").await.get(&PartitionId(0)),
            Some(&Offset(1))
        );
        let _report = running.stop(TIMEOUT).await;
    });
}

#[test]
fn an_application_has_not_ended_while_a_listener_that_was_started_again_runs() {
    testing::run(Spec::new("shop:1, office:1"), |kafka| async move {
        let gate = Gate::default();
        let running = app(&kafka, &gate, &["shop", "office"])
            .start()
            .await
            .unwrap();
        let mut ended = Box::pin(running.ended());
        assert!(
            Clock::system()
                .timeout(SHORT_WAIT, &mut ended)
                .await
                .is_err(),
            "both run"
        );
        let office = running.listener("office").expect("it is there");
        office.stop(TIMEOUT).await;
        office.start().await.unwrap();
        kafka.produce("shop", "k", "poison").await;
        assert!(
            Clock::system()
                .timeout(SHORT_WAIT, &mut ended)
                .await
                .is_err(),
            "one still runs"
        );
        kafka.produce("office", "k", "poison").await;
        let reasons = Clock::system()
            .timeout(TIMEOUT, &mut ended)
            .await
            .expect("nothing is left");
        assert_eq!(reasons.len(), 2, "{reasons:?}");
        drop(ended);
        let _report = running.stop(TIMEOUT).await;
    });
}

#[test]
fn an_application_whose_only_listener_was_started_again_ends_with_it() {
    testing::run(Spec::new("shop:1"), |kafka| async move {
        let running = app(&kafka, &Gate::default(), &["shop"])
            .start()
            .await
            .unwrap();
        let mut ended = Box::pin(running.ended());
        let shop = running.listener("shop").expect("it is there");
        shop.stop(TIMEOUT).await;
        assert!(
            Clock::system()
                .timeout(SHORT_WAIT, &mut ended)
                .await
                .is_err(),
            "it may be started again"
        );
        shop.start().await.unwrap();
        kafka.produce("shop", "k", "poison").await;
        let reasons = Clock::system()
            .timeout(TIMEOUT, &mut ended)
            .await
            .expect("nothing is left");
        assert_eq!(reasons.len(), 1, "{reasons:?}");
        drop(ended);
        let _report = running.stop(TIMEOUT).await;
    });
}

#[test]
fn a_start_does_not_outlive_the_stop_of_its_application() {
    testing::run(Spec::new("shop:1"), |kafka| async move {
        for _ in 0..10 {
            let app =
                app(&kafka, &Gate::default(), &["shop"]).set("listeners.shop.auto-startup", false);
            let running = app.start().await.unwrap();
            let shop = running.listener("shop").expect("it is there");
            let (_started, _report) = tokio::join!(shop.start(), running.stop(TIMEOUT));
            let state = shop.health().state;
            assert_eq!(state, ListenerState::Stopped);
        }
    });
}
