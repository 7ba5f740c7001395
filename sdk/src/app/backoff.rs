//! The wait of an application before it tries again after a failure.

use std::time::Duration;

use crate::retry::BackOff;

/// The first wait; each next one is twice as long.
const MIN_WAIT: Duration = Duration::from_secs(1);

/// The longest wait.
const MAX_WAIT: Duration = Duration::from_secs(30);

/// Returns the waits before the next attempts.
pub(super) fn next_attempt() -> BackOff {
    BackOff {
        max: Some(MAX_WAIT),
        ..BackOff::exponential(MIN_WAIT)
    }
}
