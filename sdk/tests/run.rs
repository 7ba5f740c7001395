//! A process that is told to stop. The signals reach the whole process, so there is one test here.
#![cfg(unix)]

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use wellspring::app::RunError;
use wellspring::endpoint::Endpoint;
use wellspring::extract::State;
use wellspring::runtime::Clock;
use wellspring::testing::{self, Spec};

/// Says that the handler runs, and lets it go on.
#[derive(Clone, Default)]
struct Gate {
    entered: Arc<Notify>,
    leave: Arc<Notify>,
}

async fn pass(State(gate): State<Gate>) {
    gate.entered.notify_one();
    gate.leave.notified().await;
}

fn send_sigterm() {
    let kill = format!("kill -TERM {}", std::process::id());
    assert!(
        Command::new("sh")
            .arg("-c")
            .arg(kill)
            .status()
            .is_ok_and(|status| status.success())
    );
}

#[test]
fn sigterm_drains_commits_and_leaves_and_a_second_one_ends_the_waiting() {
    testing::run(Spec::new("orders:1, stuck:1"), |kafka| async move {
        let gate = Gate::default();
        let app = |topic: &str, group: &str| {
            kafka
                .app()
                .state(gate.clone())
                .endpoint(Endpoint::builder(topic, group).handler(pass))
        };

        kafka.produce("orders", "k", "v").await;
        let (ended, ()) = tokio::join!(app("orders", "shop").run(), async {
            gate.entered.notified().await;
            send_sigterm();
            // Heard by itself, and an echo all the same.
            Clock::system().sleep(Duration::from_millis(50)).await;
            send_sigterm();
            Clock::system().sleep(Duration::from_millis(600)).await;
            gate.leave.notify_one();
        });
        assert!(ended.is_ok(), "{ended:?}");
        assert_eq!(
            kafka.lag("shop", "orders").await,
            0,
            "the running record was finished and committed"
        );

        kafka.produce("stuck", "k", "v").await;
        // Two signals that come at the same moment are one, so it is sent until it is heard.
        let insist = async {
            gate.entered.notified().await;
            kafka
                .wait_until("the application to end", async || {
                    send_sigterm();
                    None::<()>
                })
                .await;
        };
        let ended = tokio::select! {
            ended = app("stuck", "stuck").run() => ended,
            () = insist => unreachable!("it never has an answer"),
        };
        let error = ended.unwrap_err();
        assert!(
            matches!(error.downcast_ref(), Some(RunError::Interrupted)),
            "{error}"
        );
        assert_eq!(
            kafka.lag("stuck", "stuck").await,
            1,
            "the record comes again"
        );
    });
}
