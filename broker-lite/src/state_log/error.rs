//! Faults of an internal topic or of one of its records.

use std::error::Error;
use std::fmt::Display;

use thiserror::Error;

use crate::runtime::error_chain;

/// An internal topic can't be created, written or read.
#[derive(Debug, Error)]
#[error("{place}: {reason}")]
pub(crate) struct StateLogError {
    place: String,
    reason: String,
}

impl StateLogError {
    /// A topic or a partition, and what is wrong with it.
    pub(crate) fn new(place: impl Display, reason: impl Into<String>) -> Self {
        Self {
            place: place.to_string(),
            reason: reason.into(),
        }
    }

    /// As [`StateLogError::new`], with an error and its sources as the reason.
    pub(super) fn of(place: impl Display, error: &(dyn Error + 'static)) -> Self {
        Self::new(place, error_chain(error))
    }
}

/// A record that does not have the fields its version promises.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub(crate) enum BadRecord {
    /// The bytes end inside a field.
    #[error("{field} is cut short")]
    Short { field: &'static str },
    /// A length, a name or a text out of its range.
    #[error("{field} is malformed")]
    Malformed { field: &'static str },
    /// Written by a newer broker.
    #[error("{what} version {version} is not supported")]
    Version { what: &'static str, version: i16 },
}
