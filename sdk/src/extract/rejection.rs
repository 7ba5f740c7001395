//! The reason why an argument could not be read from a record.

use crate::BoxError;

/// An extractor found nothing, or something it could not read. Such a failure is not retried by
/// default.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// The record does not have it. An `Option` of it would be `None`.
    #[error("the record has no {what}")]
    Missing {
        /// The part of the record: "key", "payload", "header \"source\"".
        what: String,
    },
    /// The record has it, but it cannot be read as the type that was asked for.
    #[error("the record's {what} is not a valid {type_name}")]
    Undecodable {
        /// The part of the record.
        what: String,
        /// The type it should have become.
        type_name: &'static str,
        /// The decoder's error.
        source: BoxError,
    },
    /// The application was given no state of this type.
    #[error("no state of type {type_name}: give it to the app with `.state(..)`")]
    NoState {
        /// The type that was asked for.
        type_name: &'static str,
    },
}

/// The name of the key in a rejection.
pub(super) const KEY: &str = "key";

impl Rejection {
    /// Returns the rejection of a record that does not have a part.
    pub fn missing(what: impl Into<String>) -> Self {
        Self::Missing { what: what.into() }
    }

    /// Returns the rejection of a record with a part that is not a `T`.
    pub fn undecodable<T>(what: impl Into<String>, source: impl Into<BoxError>) -> Self {
        Self::Undecodable {
            what: what.into(),
            type_name: std::any::type_name::<T>(),
            source: source.into(),
        }
    }

    /// Whether it is the key that is missing or cannot be read.
    #[must_use]
    pub fn is_about_the_key(&self) -> bool {
        match self {
            Self::Missing { what } | Self::Undecodable { what, .. } => what == KEY,
            Self::NoState { .. } => false,
        }
    }

    /// Whether an `Option` of the argument would be `None`.
    #[must_use]
    pub const fn is_missing(&self) -> bool {
        matches!(self, Self::Missing { .. })
    }
}
