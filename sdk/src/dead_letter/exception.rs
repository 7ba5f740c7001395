//! A failure as the exception headers tell it: a class, its cause, a message, a trace.
//!
//! Rust knows the class of an error only where its type is written down. A handler's own error type is known;
//! of an error behind `dyn Error` we take the name that its `Debug` begins with, which is that of the type or
//! of the variant wherever `Debug` is derived.

use std::error::Error;
use std::fmt::{self, Write};

use super::{Failure, FailureKind};
use crate::extract::Rejection;

/// Longest trace, in bytes: a header is not the place for more.
const MAX_TRACE: usize = 8 * 1024;

/// Most causes a trace tells of: sources can form a circle.
const MAX_CAUSES: usize = 32;

/// What the exception headers say.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Exception {
    pub(super) class: String,
    pub(super) cause_class: Option<String>,
    pub(super) message: String,
    pub(super) trace: String,
    /// Whether it is the key that could not be read.
    pub(super) of_key: bool,
}

impl Exception {
    /// The failure of a handler whose error type is `error_type`, where that is known.
    pub(super) fn of(failure: &Failure, error_type: Option<&str>) -> Self {
        let error: &(dyn Error + 'static) = failure.error.as_ref();
        let rejection = error.downcast_ref::<Rejection>();
        let class = match (failure.kind, error_type) {
            (FailureKind::Panicked, _) => "panic".to_owned(),
            (FailureKind::Failed, Some(known)) => known.to_owned(),
            (FailureKind::Rejected, _) if rejection.is_some() => {
                std::any::type_name::<Rejection>().to_owned()
            }
            (FailureKind::Failed | FailureKind::Rejected, _) => debug_name(error),
        };
        Self {
            class,
            cause_class: error.source().map(debug_name),
            message: error.to_string(),
            trace: trace(error),
            of_key: rejection.is_some_and(Rejection::is_about_the_key),
        }
    }
}

/// The name that an error's `Debug` begins with; "error" when it begins with none.
fn debug_name(error: &(dyn Error + 'static)) -> String {
    let mut name = Name(String::new());
    // The writer fails at the first character that is no part of a name, so no more is formatted.
    let _cut_short = write!(name, "{error:?}");
    if name.0.is_empty() { "error".to_owned() } else { name.0 }
}

struct Name(String);

impl Write for Name {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let part = text.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
        self.0.push_str(part);
        if part.len() == text.len() { Ok(()) } else { Err(fmt::Error) }
    }
}

/// The error and its sources, one a line.
fn trace(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(error.source(), |&cause| cause.source()).take(MAX_CAUSES);
    let mut trace = error.to_string();
    for cause in causes {
        if trace.len() > MAX_TRACE {
            break;
        }
        trace.push_str("\ncaused by: ");
        trace.push_str(&cause.to_string());
    }
    trace.truncate(trace.floor_char_boundary(MAX_TRACE));
    trace
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    enum LedgerError {
        #[error("the ledger is closed")]
        Closed { _since: u32 },
        #[error("card {0:?} is unknown")]
        Unknown(String, #[source] std::num::ParseIntError),
    }

    fn failure(kind: FailureKind, error: impl Error + Send + Sync + 'static) -> Failure {
        Failure { kind, error: Arc::new(error), attempts: 1 }
    }

    #[test]
    fn the_class_is_the_error_type_where_it_is_known() {
        let failure = failure(FailureKind::Failed, LedgerError::Closed { _since: 3 });
        assert_eq!(Exception::of(&failure, Some("bank::LedgerError")).class, "bank::LedgerError");
        assert_eq!(Exception::of(&failure, None).class, "Closed");
    }

    #[test]
    fn sources_make_the_trace() {
        let parse = "x".parse::<i32>().unwrap_err();
        let failure = failure(FailureKind::Failed, LedgerError::Unknown("x".to_owned(), parse));
        assert_eq!(
            Exception::of(&failure, None),
            Exception {
                class: "Unknown".to_owned(),
                cause_class: Some("ParseIntError".to_owned()),
                message: "card \"x\" is unknown".to_owned(),
                trace: "card \"x\" is unknown\ncaused by: invalid digit found in string".to_owned(),
                of_key: false,
            }
        );
    }

    #[test]
    fn a_trace_is_cut_between_characters() {
        let failure =
            failure(FailureKind::Failed, crate::codec::DecodeError::new("ä".repeat(9000).leak(), "x"));
        let trace = Exception::of(&failure, None).trace;
        assert!(trace.len() <= MAX_TRACE && trace.len() > MAX_TRACE - 2 && trace.ends_with('ä'));
    }

    #[test]
    fn a_text_that_became_an_error_has_no_class() {
        let failure =
            Failure { kind: FailureKind::Failed, error: Arc::from(crate::BoxError::from("no")), attempts: 1 };
        assert_eq!(Exception::of(&failure, None).class, "error");
    }
}
