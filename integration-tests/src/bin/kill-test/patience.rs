//! Waiting, with an end and a complaint.

use std::time::Duration;

use integration_tests::wait::Deadline;

use crate::Outcome;

/// Looks until there is something to see, and gives up after `patience` with `complaint`.
pub(crate) fn until<T>(
    patience: Duration,
    look: impl FnMut() -> Outcome<Option<T>>,
    complaint: impl FnOnce() -> String,
) -> Outcome<T> {
    Deadline::after(patience)
        .look(look)?
        .ok_or_else(|| complaint().into())
}
