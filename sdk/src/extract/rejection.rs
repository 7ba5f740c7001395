//! Why an argument could not be read from a record.

use crate::BoxError;

/// An extractor found nothing, or something it could not read. Such a failure is not retried by
/// default.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// What was asked for is not there. An `Option` of it would be `None`.
    #[error("the record has no {what}")]
    Missing {
        /// What was asked for: "key", "payload", "header \"source\"".
        what: String,
    },
    /// It is there but cannot be read as the type that was asked for.
    #[error("the record's {what} is not a valid {type_name}")]
    Undecodable {
        /// What was asked for.
        what: String,
        /// The type it should have become.
        type_name: &'static str,
        /// What the decoder said.
        source: BoxError,
    },
    /// The application was given no state of this type.
    #[error("no state of type {type_name}: give it to the app with `.state(..)`")]
    NoState {
        /// The type that was asked for.
        type_name: &'static str,
    },
}

/// How a rejection names the key.
pub(super) const KEY: &str = "key";

impl Rejection {
    /// What was asked for is not there.
    pub fn missing(what: impl Into<String>) -> Self {
        Self::Missing { what: what.into() }
    }

    /// It is there but is not a `T`.
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
