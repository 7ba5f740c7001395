//! Logs a persisting problem, such as a full disk, in few lines: when it begins, every half minute,
//! and when it is over.
//!
//! Pure: the time is handed in. Clients repeat refused requests at once, each of them.

use std::time::{Duration, Instant};

/// Interval at which a persisting problem is logged.
const SILENCE: Duration = Duration::from_secs(30);

/// Refusals in a row, of one thing by one other.
#[derive(Debug, Default)]
pub(crate) struct Trouble {
    refused: u64,
    told: Option<Instant>,
}

impl Trouble {
    /// Counts a refusal. Returns the number so far if it is time to log it.
    pub(crate) fn refused(&mut self, now: Instant) -> Option<u64> {
        self.refused += 1;
        let is_due = self
            .told
            .is_none_or(|told| now.saturating_duration_since(told) >= SILENCE);
        is_due.then(|| {
            self.told = Some(now);
            self.refused
        })
    }

    /// Records a success. Returns the number of refusals before it, if any.
    pub(crate) fn over(&mut self) -> Option<u64> {
        self.told.take().map(|_| std::mem::take(&mut self.refused))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Clock;
    use super::*;

    #[test]
    fn a_trouble_is_told_when_it_begins_now_and_then_and_when_it_is_over() {
        let (mut trouble, start) = (Trouble::default(), Clock::new().now());
        let told =
            |trouble: &mut Trouble, seconds| trouble.refused(start + Duration::from_secs(seconds));
        assert_eq!(trouble.over(), None);
        assert_eq!(
            [0, 1, 29, 30, 31].map(|at| told(&mut trouble, at)),
            [Some(1), None, None, Some(4), None]
        );
        assert_eq!((trouble.over(), trouble.over()), (Some(5), None));
        assert_eq!(told(&mut trouble, 32), Some(1), "the next one is another");
    }
}
