//! Time: the system's clock, or one that a test moves by hand.
//!
//! [`Clock`] is what every room is handed. A [`ManualClock`] makes one that stands still until the
//! test calls [`ManualClock::advance`]; everything that was due by then wakes up.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant, SystemTime};

/// A source of time that can be handed around. Cloning is cheap; clones share the time.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    kind: Kind,
}

#[derive(Clone, Debug, Default)]
enum Kind {
    #[default]
    System,
    Manual(Arc<ManualTime>),
}

impl Clock {
    /// The operating system's clock; waiting is done by tokio's timer.
    #[must_use]
    pub fn system() -> Self {
        Self::default()
    }

    /// The monotonic time: for deadlines and durations.
    #[must_use]
    pub fn now(&self) -> Instant {
        match &self.kind {
            Kind::System => system_now(),
            Kind::Manual(time) => time.state().now,
        }
    }

    /// The calendar time: for timestamps that leave the process.
    #[must_use]
    pub fn wall(&self) -> SystemTime {
        match &self.kind {
            Kind::System => system_wall(),
            Kind::Manual(time) => time.state().wall,
        }
    }

    /// Waits until `at`. A time that has passed is ready at once.
    ///
    /// # Cancel safety
    /// Dropping the future forgets the wait and nothing else.
    pub fn sleep_until(&self, at: Instant) -> Sleep {
        let kind = match &self.kind {
            Kind::System => SleepKind::System(Box::pin(tokio::time::sleep_until(at.into()))),
            Kind::Manual(time) => SleepKind::Manual {
                time: time.clone(),
                at,
                ticket: None,
            },
        };
        Sleep { kind }
    }

    /// Waits for `duration` from now.
    ///
    /// # Cancel safety
    /// Dropping the future forgets the wait and nothing else.
    pub fn sleep(&self, duration: Duration) -> Sleep {
        self.sleep_until(self.after(duration))
    }

    /// The moment `duration` from now; some decades from now when there is no such moment.
    #[must_use]
    pub fn after(&self, duration: Duration) -> Instant {
        later(self.now(), duration)
    }

    /// Runs `future` for at most `within`.
    ///
    /// # Errors
    /// [`Elapsed`] when the time ran out first; the future is dropped then.
    ///
    /// # Cancel safety
    /// As cancel-safe as `future` itself.
    pub async fn timeout<F: Future>(
        &self,
        within: Duration,
        future: F,
    ) -> Result<F::Output, Elapsed> {
        let deadline = self.sleep(within);
        tokio::select! {
            biased;
            output = future => Ok(output),
            () = deadline => Err(Elapsed { within }),
        }
    }
}

/// Returns `now + duration`, or a moment decades away where that overflows.
pub(crate) fn later(now: Instant, duration: Duration) -> Instant {
    const DECADES: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);
    now.checked_add(duration).unwrap_or_else(|| now + DECADES)
}

/// A time limit was exceeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not done within {within:?}")]
pub struct Elapsed {
    /// The limit.
    pub within: Duration,
}

/// A clock for tests, which moves only when told to.
#[derive(Clone, Debug)]
pub struct ManualClock {
    time: Arc<ManualTime>,
}

impl ManualClock {
    /// Returns a clock that starts at the present and then stands still.
    #[must_use]
    pub fn new() -> Self {
        let state = ManualState {
            now: system_now(),
            wall: system_wall(),
            next_ticket: 0,
            sleepers: BTreeMap::new(),
        };
        Self {
            time: Arc::new(ManualTime {
                state: Mutex::new(state),
            }),
        }
    }

    /// Returns the clock to hand to the code under test.
    #[must_use]
    pub fn clock(&self) -> Clock {
        Clock {
            kind: Kind::Manual(self.time.clone()),
        }
    }

    /// Moves both times forward by `by` and wakes everything that is due by then.
    pub fn advance(&self, by: Duration) {
        let due = {
            let mut state = self.time.state();
            state.now += by;
            state.wall += by;
            let now = state.now;
            let later = state.sleepers.split_off(&(now, u64::MAX));
            std::mem::replace(&mut state.sleepers, later)
        };
        for waker in due.into_values() {
            waker.wake();
        }
    }

    /// Returns the number of pending waits, so that a test can wait until its code sleeps.
    #[must_use]
    pub fn sleepers(&self) -> usize {
        self.time.state().sleepers.len()
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::new()
    }
}

/// A wait started by [`Clock::sleep`] or [`Clock::sleep_until`].
#[must_use = "a wait does nothing unless it is awaited"]
pub struct Sleep {
    kind: SleepKind,
}

enum SleepKind {
    System(Pin<Box<tokio::time::Sleep>>),
    Manual {
        time: Arc<ManualTime>,
        at: Instant,
        ticket: Option<u64>,
    },
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        match &mut self.kind {
            SleepKind::System(sleep) => sleep.as_mut().poll(cx),
            SleepKind::Manual { time, at, ticket } => {
                let mut state = time.state();
                if state.now >= *at {
                    return Poll::Ready(());
                }
                let ticket = *ticket.get_or_insert_with(|| state.take_ticket());
                state.sleepers.insert((*at, ticket), cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let SleepKind::Manual {
            time,
            at,
            ticket: Some(ticket),
        } = &self.kind
        {
            time.state().sleepers.remove(&(*at, *ticket));
        }
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sleep").finish_non_exhaustive()
    }
}

/// The state of a manual clock. The lock guards all of it, is never held over a wake-up or an
/// await.
#[derive(Debug)]
struct ManualTime {
    state: Mutex<ManualState>,
}

#[derive(Debug)]
struct ManualState {
    now: Instant,
    wall: SystemTime,
    next_ticket: u64,
    sleepers: BTreeMap<(Instant, u64), Waker>,
}

impl ManualTime {
    fn state(&self) -> MutexGuard<'_, ManualState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ManualState {
    fn take_ticket(&mut self) -> u64 {
        self.next_ticket += 1;
        self.next_ticket
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that asks the system"
)]
fn system_now() -> Instant {
    Instant::now()
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that asks the system"
)]
fn system_wall() -> SystemTime {
    SystemTime::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_ready(sleep: &mut Sleep) -> bool {
        Pin::new(sleep)
            .poll(&mut Context::from_waker(Waker::noop()))
            .is_ready()
    }

    #[test]
    fn a_manual_clock_stands_still_until_it_is_moved() {
        let hand = ManualClock::new();
        let clock = hand.clock();
        let (before, wall) = (clock.now(), clock.wall());
        assert_eq!(clock.now(), before);
        hand.advance(Duration::from_secs(3));
        assert_eq!(clock.now() - before, Duration::from_secs(3));
        assert_eq!(clock.wall(), wall + Duration::from_secs(3));
    }

    #[test]
    fn a_wait_ends_when_its_time_has_come_and_not_before() {
        let hand = ManualClock::new();
        let mut sleep = hand.clock().sleep(Duration::from_secs(2));
        assert!(!is_ready(&mut sleep));
        hand.advance(Duration::from_secs(1));
        assert!(!is_ready(&mut sleep));
        hand.advance(Duration::from_secs(1));
        assert!(is_ready(&mut sleep));
    }

    #[test]
    fn a_dropped_wait_leaves_nothing_behind() {
        let hand = ManualClock::new();
        let mut sleep = hand.clock().sleep(Duration::from_secs(2));
        assert!(!is_ready(&mut sleep));
        assert_eq!(hand.sleepers(), 1);
        drop(sleep);
        assert_eq!(hand.sleepers(), 0);
    }

    #[tokio::test]
    async fn what_takes_too_long_is_given_up() {
        let clock = Clock::system();
        let within = Duration::from_millis(1);
        let outcome = clock.timeout(within, std::future::pending::<()>()).await;
        assert_eq!(outcome, Err(Elapsed { within }));
        assert_eq!(clock.timeout(within, async { 7 }).await, Ok(7));
    }
}
