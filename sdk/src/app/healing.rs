//! Replaces Kafka clients that have failed for good (`app.on-fatal-error`).
//!
//! Producers replace their clients themselves; this module restarts listeners, and detects the end
//! of the application.

use std::sync::Arc;
use std::time::Duration;

use super::backoff::next_attempt;
use super::listener::Listener;
use super::listeners::Listeners;
use super::producer::LazyProducer;
use crate::runtime::{Clock, Shutdown};

/// Interval between checks for failed clients.
const CHECK_INTERVAL: Duration = Duration::from_millis(250);

/// A listener that ran this long has recovered: its next failure counts as the first.
const RECOVERY_TIME: Duration = Duration::from_secs(60);

/// Restarts a listener whenever its client has failed for good and a new one may succeed, until
/// shutdown.
pub(super) async fn heal(listener: Arc<Listener>, clock: Clock, shutdown: Shutdown) {
    tokio::select! {
        () = shutdown.triggered() => {}
        () = start_again_and_again(&listener, &clock) => {}
    }
}

async fn start_again_and_again(listener: &Listener, clock: &Clock) {
    let backoff = next_attempt();
    let (mut failures, mut started) = (0_u32, clock.now());
    while !listener.is_abandoned() {
        clock.sleep(CHECK_INTERVAL).await;
        let Some(reason) = listener.heals() else {
            continue;
        };
        let ran = clock.now().saturating_duration_since(started);
        failures = if ran >= RECOVERY_TIME {
            1
        } else {
            failures.saturating_add(1)
        };
        let wait = backoff.wait(failures);
        tracing::warn!(listener = %listener.id(), reason, failures, ?wait, "the listener's client has failed for good: restarting it");
        clock.sleep(wait).await;
        // It may have been stopped or started meanwhile.
        if listener.heals().is_none() {
            continue;
        }
        started = clock.now();
        match listener.start().await {
            Ok(()) => tracing::info!(listener = %listener.id(), "the listener was restarted"),
            Err(reason) => {
                tracing::error!(listener = %listener.id(), reason, "the listener could not be restarted")
            }
        }
    }
}

/// Waits until a client of the application has failed for good, and returns whose it was and why.
pub(super) async fn first_fatal(listeners: &Listeners, producers: &[LazyProducer]) -> String {
    let clock = Clock::system();
    loop {
        let listener = listeners.iter().find_map(|listener| {
            let reason = listener.client_failure()?;
            Some(format!("listener {}: {reason}", listener.id()))
        });
        let producer = || {
            let mut healths = producers.iter().filter_map(LazyProducer::health);
            let (name, dead) = healths.find(|(_, health)| !health.is_live())?;
            Some(format!("{name}: {}", dead.reason().unwrap_or_default()))
        };
        if let Some(reason) = listener.or_else(producer) {
            return reason;
        }
        clock.sleep(CHECK_INTERVAL).await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use broker_lite::{Broker, BrokerHandle};

    use super::*;
    use crate::app::{App, RunningApp};
    use crate::client::AfterFatal;
    use crate::config::{Loader, OnFatalError};
    use crate::endpoint::Endpoint;
    use crate::extract::RecordContext;
    use crate::listener::ListenerState;

    const TIMEOUT: Duration = Duration::from_secs(30);

    async fn broker() -> BrokerHandle {
        Broker::builder().topic("orders", 1).start().await.unwrap()
    }

    async fn started(
        broker: &BrokerHandle,
        handled: Arc<AtomicUsize>,
        what: OnFatalError,
    ) -> RunningApp {
        let config = Loader::new()
            .set("kafka.bootstrap-servers", broker.bootstrap())
            .load()
            .unwrap();
        let handler = move |_: RecordContext| {
            let handled = Arc::clone(&handled);
            async move {
                handled.fetch_add(1, Ordering::SeqCst);
            }
        };
        let endpoint = Endpoint::builder("orders", "shop").handler(handler);
        App::new(config)
            .on_fatal_error(what)
            .endpoint(endpoint)
            .start()
            .await
            .unwrap()
    }

    fn fail(running: &RunningApp, then: AfterFatal) {
        let listener = running.listeners.iter().next().unwrap();
        listener
            .latest()
            .unwrap()
            .fail_its_client("the client has failed", then);
    }

    fn state(running: &RunningApp) -> ListenerState {
        running.health().listeners[0].state.clone()
    }

    async fn until(what: &str, condition: impl Fn() -> bool) {
        let clock = Clock::system();
        let deadline = clock.after(TIMEOUT);
        while !condition() {
            assert!(clock.now() < deadline, "not in time: {what}");
            clock.sleep(Duration::from_millis(5)).await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_listener_whose_client_failed_for_good_is_started_again_and_handles_what_comes() {
        let (broker, handled) = (broker().await, Arc::new(AtomicUsize::new(0)));
        let running = started(&broker, Arc::clone(&handled), OnFatalError::Heal).await;
        let template = running.template().unwrap();
        template
            .record("orders")
            .text("before")
            .send()
            .await
            .unwrap();
        until("the first record", || handled.load(Ordering::SeqCst) == 1).await;

        fail(&running, AfterFatal::StartAgain);
        let health = running.health();
        assert!(!health.is_ready() && health.is_live(), "{health:?}");
        assert!(
            health.reasons()[0].contains("is started again: the client has failed"),
            "{health:?}"
        );
        template
            .record("orders")
            .text("after")
            .send()
            .await
            .unwrap();
        until("the second record", || handled.load(Ordering::SeqCst) == 2).await;
        until("ready", || running.health().is_ready()).await;
        running.stop(TIMEOUT).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_listener_whose_place_another_one_has_stays_down_and_is_the_end_of_the_application() {
        let broker = broker().await;
        let running = started(&broker, Arc::default(), OnFatalError::Heal).await;
        fail(&running, AfterFatal::Stay);
        let ended = Clock::system()
            .timeout(TIMEOUT, running.ended())
            .await
            .unwrap();
        assert_eq!(ended, ["shop: the client has failed"]);
        assert!(!running.health().is_live());
        running.stop(TIMEOUT).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn by_choice_a_client_that_failed_for_good_turns_health_red_or_ends_the_application() {
        let broker = broker().await;
        let running = started(&broker, Arc::default(), OnFatalError::Red).await;
        fail(&running, AfterFatal::StartAgain);
        assert!(matches!(state(&running), ListenerState::Failed { .. }));
        running.stop(TIMEOUT).await;

        let running = started(&broker, Arc::default(), OnFatalError::End).await;
        fail(&running, AfterFatal::StartAgain);
        let error = Clock::system()
            .timeout(TIMEOUT, running.ended_with())
            .await
            .unwrap();
        assert!(
            error.to_string().contains("the client has failed"),
            "{error}"
        );
        running.stop(TIMEOUT).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_listener_that_somebody_stopped_is_not_started_again() {
        let broker = broker().await;
        let running = started(&broker, Arc::default(), OnFatalError::Heal).await;
        fail(&running, AfterFatal::StartAgain);
        running.listener("shop").unwrap().stop(TIMEOUT).await;
        assert!(matches!(state(&running), ListenerState::Failed { .. }));
        running.stop(TIMEOUT).await;
    }
}
