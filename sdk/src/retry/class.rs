//! What kind of failure an error is.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// What a failure asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FailureClass {
    /// Trying again may help: the default of every error a handler returns.
    Retry,
    /// Trying again will not help: the listener's [`OnExhausted`](super::OnExhausted) speaks at once.
    Fatal,
    /// Goes to the dead-letter topic at once.
    DeadLetter,
    /// Is logged and finished at once.
    Skip,
    /// Its partition waits at this record.
    Halt,
    /// The listener stops.
    Stop,
}

/// An error type that knows its class; write it with `#[derive(Classify)]`.
///
/// ```
/// use wellspring::retry::{Classify, FailureClass};
///
/// #[derive(Debug, thiserror::Error)]
/// enum LedgerError {
///     #[error("the database is busy")]
///     Busy,
///     #[error("no such card")]
///     NoSuchCard,
/// }
///
/// impl Classify for LedgerError {
///     fn class(&self) -> FailureClass {
///         match self {
///             Self::Busy => FailureClass::Retry,
///             Self::NoSuchCard => FailureClass::DeadLetter,
///         }
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say what kind of failure it is",
    note = "derive `Classify` on it, or give the shape that wraps it a class of its own: #[classify(fatal)]"
)]
pub trait Classify: Error {
    /// The class of this error.
    fn class(&self) -> FailureClass;
}

/// Looks at an error and says its class. The default says [`FailureClass::Retry`] to everything.
#[derive(Clone)]
pub struct Classifier(Arc<ClassifyFn>);

type ClassifyFn = dyn Fn(&(dyn Error + 'static)) -> FailureClass + Send + Sync;

impl Classifier {
    /// Asks `classify` about each error.
    pub fn new(classify: impl Fn(&(dyn Error + 'static)) -> FailureClass + Send + Sync + 'static) -> Self {
        Self(Arc::new(classify))
    }

    /// Finds an `E` in the error or in its sources and asks it; everything else is retried.
    #[must_use]
    pub fn of<E: Classify + 'static>() -> Self {
        Self::new(|error| {
            let mut next = Some(error);
            while let Some(error) = next {
                if let Some(known) = error.downcast_ref::<E>() {
                    return known.class();
                }
                next = error.source();
            }
            FailureClass::Retry
        })
    }

    /// The class of `error`.
    #[must_use]
    pub fn class(&self, error: &(dyn Error + 'static)) -> FailureClass {
        (self.0)(error)
    }
}

impl Default for Classifier {
    fn default() -> Self {
        Self::new(|_| FailureClass::Retry)
    }
}

impl fmt::Debug for Classifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Classifier")
    }
}
