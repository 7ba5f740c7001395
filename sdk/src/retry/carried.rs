//! Errors inside of other errors' boxes: `anyhow::Error` and `eyre::Report`.
//!
//! They become a `Box<dyn Error>` of a type of their own that hides the error inside: its sources
//! begin *behind* that error, so nobody who looks for it finds it, unless a context stands before
//! it. So they are kept as they are.

use std::any::Any;
use std::error::Error;
use std::fmt;

use crate::BoxError;

/// An error that carries another one. It prints as that, and has its sources.
struct Carried(Box<dyn Carrier>);

trait Carrier: Send + Sync {
    fn inner(&self) -> &(dyn Error + 'static);
}

impl Carrier for anyhow::Error {
    fn inner(&self) -> &(dyn Error + 'static) {
        self.as_ref()
    }
}

#[cfg(feature = "eyre")]
impl Carrier for eyre::Report {
    fn inner(&self) -> &(dyn Error + 'static) {
        self.as_ref()
    }
}

/// The error in a box from which [`carried`] finds it.
pub(crate) fn boxed<E: Into<BoxError> + 'static>(error: E) -> BoxError {
    let mut error = Some(error);
    if let Some(carrier) = carrier(&mut error) {
        return Box::new(Carried(carrier));
    }
    match error {
        Some(error) => error.into(),
        None => "an error that was taken".into(),
    }
}

/// The error that `error` carries, or itself when it carries none.
pub(crate) fn carried<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    error
        .downcast_ref::<Carried>()
        .map_or(error, |carried| carried.0.inner())
}

/// Takes what is in the slot, when it is a carrier.
fn carrier(slot: &mut dyn Any) -> Option<Box<dyn Carrier>> {
    if let Some(error) = slot.downcast_mut::<Option<anyhow::Error>>() {
        return error
            .take()
            .map(|error| Box::new(error) as Box<dyn Carrier>);
    }
    #[cfg(feature = "eyre")]
    if let Some(error) = slot.downcast_mut::<Option<eyre::Report>>() {
        return error
            .take()
            .map(|error| Box::new(error) as Box<dyn Carrier>);
    }
    None
}

impl fmt::Display for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.0.inner(), f)
    }
}

impl fmt::Debug for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.0.inner(), f)
    }
}

impl Error for Carried {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.inner().source()
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;

    use super::*;
    use crate::retry::{Classifier, Classify, FailureClass};
    use crate::runtime::error_chain;

    #[derive(Debug, thiserror::Error)]
    #[error("no such card")]
    struct NoSuchCard;

    impl Classify for NoSuchCard {
        fn class(&self) -> FailureClass {
            FailureClass::DeadLetter
        }
    }

    fn refuse() -> Result<(), NoSuchCard> {
        Err(NoSuchCard)
    }

    fn class(error: &BoxError) -> FailureClass {
        Classifier::of::<NoSuchCard>().class(&**error)
    }

    #[test]
    fn an_error_in_anyhow_is_found_with_and_without_a_context() {
        let bare: anyhow::Error = refuse().map_err(anyhow::Error::from).unwrap_err();
        assert_eq!(class(&boxed(bare)), FailureClass::DeadLetter);
        let told = refuse()
            .context("crediting")
            .context("topping up")
            .unwrap_err();
        assert_eq!(class(&boxed(told)), FailureClass::DeadLetter);
        assert_eq!(
            class(&boxed(anyhow::anyhow!("no such luck"))),
            FailureClass::Retry
        );
    }

    #[cfg(feature = "eyre")]
    #[test]
    fn an_error_in_eyre_is_found_with_and_without_a_context() {
        assert_eq!(
            class(&boxed(eyre::Report::from(NoSuchCard))),
            FailureClass::DeadLetter
        );
        let told = eyre::WrapErr::wrap_err(refuse(), "crediting").unwrap_err();
        assert_eq!(class(&boxed(told)), FailureClass::DeadLetter);
    }

    #[test]
    fn an_error_in_a_box_or_as_it_is_is_found() {
        assert_eq!(class(&boxed(NoSuchCard)), FailureClass::DeadLetter);
        assert_eq!(
            class(&boxed(BoxError::from(NoSuchCard))),
            FailureClass::DeadLetter
        );
        assert_eq!(
            class(&boxed(std::io::Error::other(NoSuchCard))),
            FailureClass::DeadLetter
        );
        let twice = anyhow::Error::from(std::io::Error::other(NoSuchCard)).context("crediting");
        assert_eq!(class(&boxed(twice)), FailureClass::DeadLetter);
        assert_eq!(class(&boxed("no such card")), FailureClass::Retry);
    }

    #[test]
    fn a_function_that_classifies_is_given_the_error_inside() {
        let by_type = Classifier::new(|error| {
            if error.is::<NoSuchCard>() {
                FailureClass::Skip
            } else {
                FailureClass::Retry
            }
        });
        assert_eq!(
            by_type.class(&*boxed(anyhow::Error::from(NoSuchCard))),
            FailureClass::Skip
        );
    }

    #[test]
    fn a_carried_error_is_told_once() {
        let error = boxed(anyhow::Error::from(NoSuchCard).context("crediting"));
        assert_eq!(error_chain(&*error), "crediting: no such card");
        let error = boxed(anyhow::Error::from(NoSuchCard));
        assert_eq!(
            (error_chain(&*error).as_str(), format!("{error:?}").as_str()),
            ("no such card", "NoSuchCard")
        );
    }
}
