//! The answers of a handler.

use std::fmt;

use crate::BoxError;
use crate::retry::boxed;

/// The end of a record's delivery, with what is to follow.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// The record is handled.
    Done,
    /// The handler failed. The listener's classifier decides what kind of failure this is.
    Failed(BoxError),
    /// An argument could not be read from the record. Not retried unless the listener asks for it.
    Rejected(BoxError),
    /// The handler panicked with this message. Not retried unless the listener asks for it.
    Panicked(String),
    /// Try the record again, whatever the classifier would decide.
    Retry(BoxError),
    /// Write the record to the dead-letter topic without another attempt.
    DeadLetter(BoxError),
    /// Log the reason and finish the record.
    Skip(String),
    /// Halt the partition at the record.
    Halt(BoxError),
    /// Stop the listener.
    Stop(BoxError),
}

/// Types that a handler's future may resolve to: nothing, an [`Outcome`], or a `Result` of either.
#[diagnostic::on_unimplemented(
    message = "a listener cannot answer `{Self}`",
    label = "not an outcome",
    note = "it answers `()`, `Outcome`, or a `Result` of either whose error can become a `Box<dyn Error + Send + Sync>`",
    note = "a `Box<dyn Error>` cannot: it belongs to one thread; write `wellspring::BoxError`"
)]
pub trait IntoOutcome {
    /// Returns the outcome that the value stands for.
    fn into_outcome(self) -> Outcome;

    /// Returns the name of the error type, unless it only says that something failed.
    #[must_use]
    fn error_type() -> Option<&'static str> {
        None
    }
}

impl IntoOutcome for () {
    fn into_outcome(self) -> Outcome {
        Outcome::Done
    }
}

impl IntoOutcome for Outcome {
    fn into_outcome(self) -> Outcome {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<T: IntoOutcome, E: Into<BoxError> + 'static> IntoOutcome for Result<T, E> {
    fn into_outcome(self) -> Outcome {
        match self {
            Ok(answer) => answer.into_outcome(),
            Err(error) => Outcome::Failed(boxed(error)),
        }
    }

    fn error_type() -> Option<&'static str> {
        let name = std::any::type_name::<E>();
        // The name of a boxed error or of `anyhow::Error` says nothing about what failed.
        let says_nothing = name.contains("dyn ")
            || name.ends_with("anyhow::Error")
            || name.ends_with("eyre::Report");
        (!says_nothing).then_some(name)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => f.write_str("done"),
            Self::Failed(error) => write!(f, "failed: {error}"),
            Self::Rejected(error) => write!(f, "not decodable: {error}"),
            Self::Panicked(message) => write!(f, "the handler panicked: {message}"),
            Self::Retry(error) => write!(f, "to be retried: {error}"),
            Self::DeadLetter(error) => write!(f, "to be dead-lettered: {error}"),
            Self::Skip(reason) => write!(f, "skipped: {reason}"),
            Self::Halt(error) => write!(f, "halts its partition: {error}"),
            Self::Stop(error) => write!(f, "stops the listener: {error}"),
        }
    }
}
