//! The broker's one clock, which tests can move.
//!
//! It runs as fast as the machine's clock and can be pushed ahead of it: "two days later, the
//! segment is gone" takes milliseconds. All clones are one clock, and pending sleeps notice the push.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::Notify;

use crate::types::Timestamp;

/// Tells the time, and sleeps. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Clock(Arc<Lead>);

/// The distance of this clock from the machine's.
#[derive(Debug, Default)]
struct Lead {
    nanos: AtomicU64,
    moved: Notify,
}

impl Clock {
    /// A clock that shows the machine's time.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The present moment, for deadlines and spans.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that everybody else asks"
    )]
    pub fn now(&self) -> Instant {
        Instant::now() + self.lead()
    }

    /// The time of day, for records and for retention.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that everybody else asks"
    )]
    pub fn wall(&self) -> Timestamp {
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp(0).plus(since_epoch + self.lead())
    }

    /// Sleeps until the clock shows `deadline`; returns at once if that has passed.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    pub async fn sleep_until(&self, deadline: Instant) {
        loop {
            let moved = self.0.moved.notified();
            let now = self.now();
            if now >= deadline {
                return;
            }
            #[expect(
                clippy::disallowed_methods,
                reason = "this is the clock that everybody else asks"
            )]
            let slept = tokio::time::sleep(deadline - now);
            tokio::select! {
                () = slept => {}
                () = moved => {}
            }
        }
    }

    /// Sleeps for `span`.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    pub async fn sleep(&self, span: Duration) {
        self.sleep_until(self.now() + span).await;
    }

    /// Pushes the clock ahead. It never goes back.
    pub fn advance(&self, by: Duration) {
        let nanos = u64::try_from(by.as_nanos()).unwrap_or(u64::MAX);
        self.0.nanos.fetch_add(nanos, Ordering::SeqCst);
        self.0.moved.notify_waiters();
    }

    fn lead(&self) -> Duration {
        Duration::from_nanos(self.0.nanos.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[tokio::test]
    async fn a_sleeper_notices_that_the_clock_was_pushed() {
        let clock = Clock::new();
        let pushed = clock.clone();
        let sleeper = async { clock.sleep(HOUR).await };
        tokio::join!(sleeper, async { pushed.advance(HOUR) });
    }

    #[tokio::test]
    async fn a_deadline_in_the_past_does_not_sleep() {
        let clock = Clock::new();
        let past = clock.now();
        clock.advance(HOUR);
        clock.sleep_until(past).await;
    }

    #[test]
    fn both_faces_of_the_clock_move_together() {
        let clock = Clock::new();
        let (now, wall) = (clock.now(), clock.wall());
        clock.advance(HOUR);
        assert!(clock.now() - now >= HOUR);
        assert!(clock.wall().since(wall) >= HOUR);
    }
}
