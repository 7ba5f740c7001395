//! What a handler may answer.

use std::fmt;

use crate::BoxError;
use crate::retry::boxed;

/// How the delivery of a record ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// The record is handled.
    Done,
    /// It failed; the listener's classifier says what kind of failure this is.
    Failed(BoxError),
    /// An argument could not be read from it; not retried unless asked for.
    Rejected(BoxError),
    /// The handler panicked with this message; not retried unless asked for.
    Panicked(String),
    /// Try it again, whatever the classifier would say.
    Retry(BoxError),
    /// Write it to the dead-letter topic now.
    DeadLetter(BoxError),
    /// Log the reason and finish it.
    Skip(String),
    /// Let its partition wait at it.
    Halt(BoxError),
    /// Stop the listener.
    Stop(BoxError),
}

/// What a handler's future may resolve to: nothing, an [`Outcome`], or a `Result` of either.
#[diagnostic::on_unimplemented(
    message = "a listener cannot answer `{Self}`",
    label = "not an outcome",
    note = "it answers `()`, `Outcome`, or a `Result` of either whose error can become a `Box<dyn Error + Send + Sync>`",
    note = "a `Box<dyn Error>` cannot: it belongs to one thread; write `wellspring::BoxError`"
)]
pub trait IntoOutcome {
    /// The outcome it stands for.
    fn into_outcome(self) -> Outcome;

    /// The name of its error type, where that says more than that it is an error.
    #[must_use]
    fn error_type() -> Option<&'static str> {
        None
    }
}

/// The error type of a handler's return type; `Infallible` where it has none. Macros look for
/// [`Classify`](crate::retry::Classify) on it.
pub trait HandlerReturn {
    /// The error a handler may return.
    type Error;
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
        // A boxed error of any type, or `anyhow::Error`, is no class.
        let says_nothing = name.contains("dyn ")
            || name.ends_with("anyhow::Error")
            || name.ends_with("eyre::Report");
        (!says_nothing).then_some(name)
    }
}

impl HandlerReturn for () {
    type Error = std::convert::Infallible;
}

impl HandlerReturn for Outcome {
    type Error = std::convert::Infallible;
}

impl<T, E> HandlerReturn for Result<T, E> {
    type Error = E;
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
