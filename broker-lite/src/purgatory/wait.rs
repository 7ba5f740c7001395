//! One wait: until it is notified or its deadline has passed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::runtime::Clock;

/// The longest wait, whatever the client asks for. It keeps the deadline within the range of
/// [`Instant`].
const MAX_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// One request's wait.
#[derive(Debug)]
pub(crate) struct Wait {
    clock: Clock,
    deadline: Instant,
    news: Arc<Notify>,
}

/// The reason why a wait has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Woken {
    /// Something has happened; look again.
    News,
    /// The time is up: answer with what there is.
    Deadline,
}

impl Wait {
    /// Returns a wait that ends `max_wait` from now at the latest.
    pub(crate) fn new(clock: &Clock, max_wait: Duration) -> Self {
        let deadline = clock.now() + max_wait.min(MAX_WAIT);
        Self {
            clock: clock.clone(),
            deadline,
            news: Arc::default(),
        }
    }

    /// Returns what to notify when something has happened. A notification before [`Wait::wait`] is
    /// not lost.
    pub(crate) fn news(&self) -> &Arc<Notify> {
        &self.news
    }

    /// Waits for a notification or the deadline.
    ///
    /// # Cancel safety
    /// Dropping the future may lose one notification: look again before the next wait.
    pub(crate) async fn wait(&self) -> Woken {
        // A notification that came with the deadline counts: its request may be answered in full.
        tokio::select! {
            biased;
            () = self.news.notified() => Woken::News,
            () = self.clock.sleep_until(self.deadline) => Woken::Deadline,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn news_before_the_wait_is_not_lost() {
        let wait = Wait::new(&Clock::new(), Duration::from_secs(3600));
        wait.news().notify_one();
        assert_eq!(wait.wait().await, Woken::News);
    }

    #[tokio::test]
    async fn a_wait_ends_at_its_deadline_on_the_brokers_clock() {
        let clock = Clock::new();
        let wait = Wait::new(&clock, Duration::from_secs(3600));
        clock.advance(Duration::from_secs(3600));
        assert_eq!(wait.wait().await, Woken::Deadline);
    }
}
