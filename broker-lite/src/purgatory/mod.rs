//! Where requests wait for news until their time is up.
//!
//! A request that cannot be answered yet registers its [`Wait`] wherever the news will come from,
//! looks again (the news may have come in between), and only then waits. What it waits for is its
//! own business: this room knows neither partitions nor groups.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::runtime::Clock;

/// Time after which a wait ends even if nobody ever asked for an end; a client cannot ask for
/// longer.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// One request's wait.
#[derive(Debug)]
pub(crate) struct Wait {
    clock: Clock,
    deadline: Instant,
    news: Arc<Notify>,
}

/// Why a wait has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Woken {
    /// Something has happened; look again.
    News,
    /// The time is up; answer with what there is.
    Deadline,
}

impl Wait {
    /// A wait of at most `patience` from now.
    pub(crate) fn new(clock: &Clock, patience: Duration) -> Self {
        let deadline = clock.now() + patience.min(LONGEST);
        Self {
            clock: clock.clone(),
            deadline,
            news: Arc::default(),
        }
    }

    /// What to notify of news. A notification that comes before [`Wait::wait`] is not lost.
    pub(crate) fn news(&self) -> &Arc<Notify> {
        &self.news
    }

    /// Waits for news or the end.
    ///
    /// # Cancel safety
    /// Dropping it may lose one notification; look again before waiting anew.
    pub(crate) async fn wait(&self) -> Woken {
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
