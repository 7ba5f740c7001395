//! The classification of errors.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use super::carried::carried;

/// The reaction that a failure asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FailureClass {
    /// Trying again may help: the default of every error a handler returns.
    Retry,
    /// Trying again will not help: the listener's [`OnExhausted`](super::OnExhausted) speaks at
    /// once.
    Fatal,
    /// Goes to the dead-letter topic at once.
    DeadLetter,
    /// Is logged and finished at once.
    Skip,
    /// The partition waits at this record.
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
    /// Whether an error of this type may be a [`FailureClass::DeadLetter`]: if so, the listener's
    /// dead-letter topic is made at start. Default: true, as nothing rules it out.
    const MAY_DEAD_LETTER: bool = true;

    /// The class of this error.
    fn class(&self) -> FailureClass;
}

/// Looks at an error and says its class. The default says [`FailureClass::Retry`] to everything.
#[derive(Clone)]
pub struct Classifier {
    classify: Arc<ClassifyFn>,
    may_dead_letter: bool,
}

type ClassifyFn = dyn Fn(&(dyn Error + 'static)) -> FailureClass + Send + Sync;

impl Classifier {
    /// Asks `classify` about each error. What `anyhow::Error` and `eyre::Report` (with the feature
    /// `eyre`) carry, it is given as the error that it was.
    pub fn new(
        classify: impl Fn(&(dyn Error + 'static)) -> FailureClass + Send + Sync + 'static,
    ) -> Self {
        Self {
            classify: Arc::new(classify),
            may_dead_letter: false,
        }
    }

    /// Finds an `E` in the error or in its sources and asks it; everything else is retried.
    #[must_use]
    pub fn of<E: Classify + 'static>() -> Self {
        Self {
            may_dead_letter: E::MAY_DEAD_LETTER,
            ..Self::new(class_of::<E>)
        }
    }

    /// Says that it may answer [`FailureClass::DeadLetter`], so that the dead-letter topic is made
    /// at start. Of an error type that is [`Classify`] this is known.
    #[must_use]
    pub fn may_dead_letter(mut self) -> Self {
        self.may_dead_letter = true;
        self
    }

    /// Whether it is known that it may answer [`FailureClass::DeadLetter`].
    #[must_use]
    pub const fn is_for_dead_letters(&self) -> bool {
        self.may_dead_letter
    }

    /// The class of `error`.
    #[must_use]
    pub fn class(&self, error: &(dyn Error + 'static)) -> FailureClass {
        (self.classify)(carried(error))
    }
}

/// The class of the first `E` among the error and its sources; everything else is retried.
///
/// A function that classifies, for handlers whose answer names no error type, such as
/// `anyhow::Result<()>`: `#[kafka_listener(…, classify = class_of::<LedgerError>)]`.
#[must_use]
pub fn class_of<E: Classify + 'static>(error: &(dyn Error + 'static)) -> FailureClass {
    let mut next = Some(carried(error));
    while let Some(error) = next {
        if let Some(known) = error.downcast_ref::<E>() {
            return known.class();
        }
        next = source(error);
    }
    FailureClass::Retry
}

/// Returns the source of an error. The sources of an `io::Error` begin behind the error that it was
/// made of.
fn source<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    let wrapped = error
        .downcast_ref::<std::io::Error>()
        .and_then(std::io::Error::get_ref);
    wrapped
        .map(|wrapped| wrapped as &(dyn Error + 'static))
        .or_else(|| error.source())
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
