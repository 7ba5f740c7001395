//! Where groups write down what must survive a crash.

use std::error::Error;
use std::fmt::{Debug, Display};

use thiserror::Error;

use super::records::Record;
use crate::runtime::error_chain;
use crate::types::GroupId;

/// An append-only record of decisions. Nothing is answered before it is in here.
pub(crate) trait Journal: Debug + Send + Sync + 'static {
    /// Makes the place to write to, if it is not there yet.
    ///
    /// # Errors
    /// [`JournalError`]; groups can't be served then.
    fn prepare(&self) -> Result<(), JournalError>;

    /// Writes all of these records about one group, or none.
    ///
    /// # Errors
    /// [`JournalError`]; the decision must not be answered then.
    fn append(&self, group: &GroupId, records: &[Record]) -> Result<(), JournalError>;
}

/// The journal can't be read or written.
#[derive(Debug, Error)]
#[error("{place}: {reason}")]
pub(crate) struct JournalError {
    place: String,
    reason: String,
}

impl JournalError {
    pub(super) fn new(place: impl Display, reason: impl Into<String>) -> Self {
        Self {
            place: place.to_string(),
            reason: reason.into(),
        }
    }

    pub(super) fn of(place: impl Display, error: &(dyn Error + 'static)) -> Self {
        Self::new(place, error_chain(error))
    }
}
