//! Waiting for a condition, with a deadline.

use std::panic::Location;
use std::time::Duration;

use super::failure::fail;
use super::kafka::TestKafka;
use crate::runtime::Clock;

/// Wait before the condition is tried again.
const POLL_INTERVAL: Duration = Duration::from_millis(5);

impl TestKafka {
    /// Waits until `condition` returns something, and returns that.
    ///
    /// # Panics
    /// When it did not within the [deadline](Self::within); `what` is in the message, and what the
    /// listeners met.
    #[track_caller]
    pub fn wait_until<T, F, Fut>(&self, what: &str, mut condition: F) -> impl Future<Output = T>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Option<T>>,
    {
        let at = Location::caller();
        let kafka = self.clone();
        let within = self.deadline();
        async move {
            // The condition may need real time to come true, also when a test has stopped tokio's
            // clock.
            let clock = Clock::system();
            let deadline = clock.after(within);
            loop {
                if let Some(answer) = condition().await {
                    return answer;
                }
                if clock.now() >= deadline {
                    fail(
                        at,
                        format_args!("not within {within:?}: {what}{}", kafka.listeners_met()),
                    );
                }
                nap().await;
            }
        }
    }
}

/// Gives way for a moment of real time.
pub(super) async fn nap() {
    let thread = tokio::task::spawn_blocking(|| std::thread::park_timeout(POLL_INTERVAL));
    if thread.await.is_err() {
        tokio::task::yield_now().await;
    }
}
