//! The classifier of a handler's error type, chosen where the type is known.
//!
//! Only the macros need this: they see the return type of a function as text, and cannot know
//! whether its error implements [`Classify`].

use std::marker::PhantomData;

use super::Outcome;
use crate::retry::{Classifier, Classify};

/// The error type of a handler that returns `A`.
///
/// The traits below both have a method `classifier`. On a reference to this value the compiler
/// takes the method of [`ClassifiedError`] if the error type is [`Classify`], and that of
/// [`UnclassifiedError`] otherwise, since that needs one more reference:
///
/// ```
/// use wellspring::__private::{ClassifiedError as _, ErrorOf, UnclassifiedError as _};
/// use wellspring::retry::Classifier;
///
/// let classifier: Classifier = (&ErrorOf::<Result<(), std::io::Error>>::NEW).classifier();
/// ```
#[derive(Debug, Clone, Copy)]
pub struct ErrorOf<A>(PhantomData<fn(A)>);

/// Return types of handlers, with the error that they may hold.
pub trait HandlerReturn {
    /// The error that the handler may return. `Infallible` if it returns none.
    type Error;
}

/// Error types that know their class.
pub trait ClassifiedError {
    /// Returns the classifier that finds such errors and asks them.
    fn classifier(&self) -> Classifier;
}

/// All other error types.
pub trait UnclassifiedError {
    /// Returns the classifier that retries everything.
    fn classifier(&self) -> Classifier;
}

impl<A> ErrorOf<A> {
    /// The only value.
    pub const NEW: Self = Self(PhantomData);
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

impl<A: HandlerReturn<Error: Classify + 'static>> ClassifiedError for ErrorOf<A> {
    fn classifier(&self) -> Classifier {
        Classifier::of::<A::Error>()
    }
}

impl<A> UnclassifiedError for &ErrorOf<A> {
    fn classifier(&self) -> Classifier {
        Classifier::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retry::FailureClass;

    #[derive(Debug, thiserror::Error)]
    #[error("no such card")]
    struct NoSuchCard;

    impl Classify for NoSuchCard {
        fn class(&self) -> FailureClass {
            FailureClass::DeadLetter
        }
    }

    #[derive(Debug, thiserror::Error)]
    #[error("the ledger failed")]
    struct Wrapped(#[from] NoSuchCard);

    #[test]
    #[expect(
        clippy::needless_borrow,
        reason = "written as it must be where the type is not known to be Classify"
    )]
    fn an_error_that_knows_its_class_is_asked() {
        let classifier = (&ErrorOf::<Result<(), NoSuchCard>>::NEW).classifier();
        assert_eq!(classifier.class(&NoSuchCard), FailureClass::DeadLetter);
        assert_eq!(
            classifier.class(&Wrapped(NoSuchCard)),
            FailureClass::DeadLetter
        );
    }

    #[test]
    fn an_error_that_does_not_is_retried() {
        let unknown = (&ErrorOf::<Result<(), Wrapped>>::NEW).classifier();
        assert_eq!(unknown.class(&Wrapped(NoSuchCard)), FailureClass::Retry);
        let infallible = (&ErrorOf::<()>::NEW).classifier();
        assert_eq!(infallible.class(&NoSuchCard), FailureClass::Retry);
    }
}
