//! The number of retries of a failed record, and its end after the last attempt.

use std::time::Duration;

use super::{BackOff, FailureClass};

/// Retries after the first attempt, and the waits between them.
///
/// The default is three retries from 500 ms, doubling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Retries after the first attempt; 0 is none.
    pub retries: u32,
    /// The waits between attempts.
    pub backoff: BackOff,
}

/// The end of a record whose attempts are used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum OnExhausted {
    /// The partition waits at the record, the others go on, health is red. Loses nothing: the
    /// default.
    #[default]
    Halt,
    /// The record is written to the dead-letter topic, and finished once that write is
    /// acknowledged.
    DeadLetter,
    /// The record is logged and finished.
    Skip,
    /// The listener stops with an error.
    Stop,
}

/// The decision about a failed record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision {
    /// Try it again after this wait.
    RetryAfter(Duration),
    /// Write it to the dead-letter topic.
    DeadLetter,
    /// Log it and finish it.
    Skip,
    /// Let its partition wait at it.
    Halt,
    /// Stop the listener.
    Stop,
}

/// A text is not a retry policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is not a retry policy: {reason}; write \"none\", \"3 x 200ms\", or \"3 x 200ms exponential max 10s\""
)]
pub struct InvalidRetry {
    /// The text.
    pub text: String,
    /// The problem with it.
    pub reason: &'static str,
}

impl RetryPolicy {
    /// No retry: the first failure is the last.
    pub const NONE: Self = Self {
        retries: 0,
        backoff: BackOff::fixed(Duration::ZERO),
    };

    /// `retries` retries after the first attempt.
    #[must_use]
    pub const fn new(retries: u32, backoff: BackOff) -> Self {
        Self { retries, backoff }
    }

    /// Returns the decision after attempt number `attempt` (counted from 1) failed with an error of
    /// this class.
    #[must_use]
    pub fn decide(&self, class: FailureClass, attempt: u32, exhausted: OnExhausted) -> Decision {
        match class {
            FailureClass::Retry if attempt <= self.retries => {
                Decision::RetryAfter(self.backoff.wait(attempt))
            }
            FailureClass::Retry | FailureClass::Fatal => exhausted.into(),
            FailureClass::DeadLetter => Decision::DeadLetter,
            FailureClass::Skip => Decision::Skip,
            FailureClass::Halt => Decision::Halt,
            FailureClass::Stop => Decision::Stop,
        }
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            retries: 3,
            backoff: BackOff::exponential(Duration::from_millis(500)),
        }
    }
}

impl From<OnExhausted> for Decision {
    fn from(action: OnExhausted) -> Self {
        match action {
            OnExhausted::Halt => Self::Halt,
            OnExhausted::DeadLetter => Self::DeadLetter,
            OnExhausted::Skip => Self::Skip,
            OnExhausted::Stop => Self::Stop,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_retries_are_four_attempts() {
        let policy = RetryPolicy::new(3, BackOff::fixed(Duration::from_secs(1)));
        let decide = |attempt| policy.decide(FailureClass::Retry, attempt, OnExhausted::Skip);
        for attempt in 1..=3 {
            assert_eq!(
                decide(attempt),
                Decision::RetryAfter(Duration::from_secs(1))
            );
        }
        assert_eq!(decide(4), Decision::Skip);
    }

    #[test]
    fn a_fatal_error_is_not_retried() {
        let decision =
            RetryPolicy::default().decide(FailureClass::Fatal, 1, OnExhausted::DeadLetter);
        assert_eq!(decision, Decision::DeadLetter);
    }
}
