//! Waiting on a condition, with a deadline: the only place of this crate that sleeps.

use std::convert::Infallible;
use std::fmt::Debug;
use std::future::Future;
use std::time::{Duration, Instant};

use tokio::io::AsyncReadExt as _;

/// Rest between two looks at a condition.
const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// A point in time after which waiting is pointless.
#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    at: Instant,
}

impl Deadline {
    /// The deadline this far from now.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "this crate watches other processes, whose time is the real one"
    )]
    pub fn after(span: Duration) -> Self {
        Self {
            at: Instant::now() + span,
        }
    }

    /// Returns the time that is left; zero once it has passed.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "this crate watches other processes, whose time is the real one"
    )]
    pub fn left(&self) -> Duration {
        self.at.saturating_duration_since(Instant::now())
    }

    /// True once it has passed.
    #[must_use]
    pub fn has_passed(&self) -> bool {
        self.left().is_zero()
    }

    /// Blocks until the condition holds, and says whether it came to hold in time.
    pub fn poll(&self, mut holds: impl FnMut() -> bool) -> bool {
        let look = || Ok::<_, Infallible>(holds().then_some(()));
        self.look(look).is_ok_and(|seen| seen.is_some())
    }

    /// Blocks until there is something to see; `None` when there was nothing in time.
    ///
    /// # Errors
    ///
    /// The first that a look ends in.
    #[expect(
        clippy::disallowed_methods,
        reason = "the pause between two looks at a condition"
    )]
    pub fn look<T, E>(
        &self,
        mut look: impl FnMut() -> Result<Option<T>, E>,
    ) -> Result<Option<T>, E> {
        loop {
            let seen = look()?;
            if seen.is_some() || self.has_passed() {
                return Ok(seen);
            }
            std::thread::sleep(POLL_INTERVAL);
        }
    }
}

/// Looks again and again until there is an answer, and returns it.
///
/// # Errors
///
/// [`TimedOut`] when there was none within the span; `what` says in words what was waited for.
///
/// # Cancel safety
///
/// Dropping the future abandons the look in progress and nothing else.
#[expect(
    clippy::disallowed_methods,
    reason = "the pause between two looks at a condition"
)]
pub async fn until<T, Look, Answer>(
    what: impl Into<String>,
    within: Duration,
    mut look: Look,
) -> Result<T, TimedOut>
where
    Look: FnMut() -> Answer,
    Answer: Future<Output = Option<T>>,
{
    let deadline = Deadline::after(within);
    loop {
        if let Some(found) = look().await {
            return Ok(found);
        }
        if deadline.has_passed() {
            return Err(TimedOut::new(what, within));
        }
        tokio::time::sleep(POLL_INTERVAL).await;
    }
}

/// Takes the time that a handler under test is to take.
///
/// # Cancel safety
///
/// Nothing is lost.
#[expect(
    clippy::disallowed_methods,
    reason = "the time of a handler is part of the scenario"
)]
pub async fn take(time: Duration) {
    tokio::time::sleep(time).await;
}

/// Ends when whoever started this program closes its standard input, or dies.
///
/// # Cancel safety
///
/// Input that was read is lost; nobody is meant to send any.
pub async fn stdin_closed() {
    let mut stdin = tokio::io::stdin();
    let mut ignored = [0; 64];
    while matches!(stdin.read(&mut ignored).await, Ok(1..)) {}
}

/// Something did not come true in time.
#[derive(Debug, thiserror::Error)]
#[error("waited {within:?} in vain for {what}")]
pub struct TimedOut {
    what: String,
    within: Duration,
}

impl TimedOut {
    /// For waits that do not look again and again but are told.
    pub fn new(what: impl Into<String>, within: Duration) -> Self {
        Self {
            what: what.into(),
            within,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_that_holds_is_seen_after_the_deadline_too() {
        assert!(Deadline::after(Duration::ZERO).poll(|| true));
        assert!(!Deadline::after(Duration::ZERO).poll(|| false));
    }

    #[tokio::test]
    async fn a_wait_in_vain_says_what_for() {
        let waited = until("the moon", Duration::from_millis(1), async || None::<()>).await;
        assert_eq!(
            waited.unwrap_err().to_string(),
            "waited 1ms in vain for the moon"
        );
    }
}
