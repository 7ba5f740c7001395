//! The wait before the next attempt.

use std::time::Duration;

/// The wait between attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackOff {
    /// Wait before the first retry.
    pub initial: Duration,
    /// The factor from each wait to the next: 1 is a fixed back-off.
    pub multiplier: u32,
    /// Longest wait; `None` is no limit.
    pub max: Option<Duration>,
}

impl BackOff {
    /// The same wait every time.
    #[must_use]
    pub const fn fixed(wait: Duration) -> Self {
        Self {
            initial: wait,
            multiplier: 1,
            max: None,
        }
    }

    /// A wait that doubles every time.
    #[must_use]
    pub const fn exponential(initial: Duration) -> Self {
        Self {
            initial,
            multiplier: 2,
            max: None,
        }
    }

    /// The wait before retry number `retry`, counted from 1.
    #[must_use]
    pub fn wait(&self, retry: u32) -> Duration {
        let factor = self.multiplier.saturating_pow(retry.saturating_sub(1));
        let wait = self.initial.saturating_mul(factor);
        self.max.map_or(wait, |max| wait.min(max))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exponential_wait_doubles_up_to_its_limit() {
        let mut backoff = BackOff::exponential(Duration::from_secs(1));
        backoff.max = Some(Duration::from_secs(10));
        let waits: Vec<u64> = (1..=6).map(|retry| backoff.wait(retry).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 10, 10]);
    }

    #[test]
    fn a_wait_never_overflows() {
        assert_eq!(
            BackOff::exponential(Duration::MAX).wait(u32::MAX),
            Duration::MAX
        );
    }
}
