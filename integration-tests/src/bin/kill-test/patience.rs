//! Waiting, with an end.

use std::thread;
use std::time::{Duration, Instant};

use crate::Outcome;

/// How long between two looks.
const PAUSE: Duration = Duration::from_millis(10);

/// Looks until there is something to see, and gives up after `patience` with `complaint`.
#[expect(
    clippy::disallowed_methods,
    reason = "plain threads that wait for other processes: there is no clock to inject"
)]
pub(crate) fn until<T>(
    patience: Duration,
    mut look: impl FnMut() -> Outcome<Option<T>>,
    complaint: impl FnOnce() -> String,
) -> Outcome<T> {
    let began = Instant::now();
    loop {
        if let Some(seen) = look()? {
            return Ok(seen);
        }
        if began.elapsed() > patience {
            return Err(complaint().into());
        }
        thread::sleep(PAUSE);
    }
}
