//! A failure as the exception headers tell it: a class, its cause, a message, a trace.
//!
//! Rust knows the class of an error only where its type is written down. A handler's own error type
//! is known; of an error behind `dyn Error` we take the name that its `Debug` begins with, which is
//! that of the type or of the variant wherever `Debug` is derived.

use std::error::Error;
use std::fmt::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Failure, FailureKind};
use crate::extract::Rejection;
use crate::runtime::{BoundedText, sources};

/// Limits for the text of a failure in a letter. A header is not the place for more: a letter has
/// to fit its topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limits {
    /// Longest name of a class, in bytes.
    class: usize,
    /// Longest message, in bytes.
    message: usize,
    /// Longest trace, in bytes.
    trace: usize,
}

impl Limits {
    /// For every letter.
    pub(super) const USUAL: Self = Self {
        class: 256,
        message: 4 * 1024,
        trace: 8 * 1024,
    };

    /// For one that was too large with the usual.
    pub(super) const LEAST: Self = Self {
        class: 64,
        message: 128,
        trace: 128,
    };
}

/// The contents of the exception headers.
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
    ///
    /// Whatever the error prints, it is cut to the limits, and a panic while it prints is told in
    /// its place.
    pub(super) fn of(failure: &Failure, error_type: Option<&str>, limits: Limits) -> Self {
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
            class: cut(&class, limits.class),
            cause_class: error
                .source()
                .map(|cause| cut(&debug_name(cause), limits.class)),
            message: cut(error, limits.message),
            trace: trace(error, limits.trace),
            of_key: rejection.is_some_and(Rejection::is_about_the_key),
        }
    }
}

/// The name that an error's `Debug` begins with; "error" when it begins with none.
fn debug_name(error: &(dyn Error + 'static)) -> String {
    let mut name = Name(String::new());
    // The writer fails at the first character that is no part of a name, so no more is formatted. A
    // panic is as good.
    let _cut_short = catch_unwind(AssertUnwindSafe(|| write!(name, "{error:?}")));
    if name.0.is_empty() {
        "error".to_owned()
    } else {
        name.0
    }
}

struct Name(String);

impl Write for Name {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let part = text
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .next()
            .unwrap_or_default();
        self.0.push_str(part);
        if part.len() == text.len() {
            Ok(())
        } else {
            Err(fmt::Error)
        }
    }
}

/// The error and its sources, one a line.
fn trace(error: &(dyn Error + 'static), most: usize) -> String {
    let mut trace = BoundedText::new(most);
    trace.push_guarded(&error);
    for cause in sources(error) {
        trace.push(&"\ncaused by: ");
        trace.push_guarded(&cause);
    }
    trace.in_lines()
}

fn cut(text: &dyn fmt::Display, most: usize) -> String {
    let mut bounded = BoundedText::new(most);
    bounded.push_guarded(text);
    bounded.in_lines()
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
        Failure {
            kind,
            error: Arc::new(error),
            attempts: 1,
        }
    }

    #[test]
    fn the_class_is_the_error_type_where_it_is_known() {
        let failure = failure(FailureKind::Failed, LedgerError::Closed { _since: 3 });
        assert_eq!(
            Exception::of(&failure, Some("bank::LedgerError"), Limits::USUAL).class,
            "bank::LedgerError"
        );
        assert_eq!(Exception::of(&failure, None, Limits::USUAL).class, "Closed");
    }

    #[test]
    fn sources_make_the_trace() {
        let parse = "x".parse::<i32>().unwrap_err();
        let failure = failure(
            FailureKind::Failed,
            LedgerError::Unknown("x".to_owned(), parse),
        );
        assert_eq!(
            Exception::of(&failure, None, Limits::USUAL),
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
        let failure = failure(
            FailureKind::Failed,
            crate::codec::DecodeError::new("ä".repeat(9000).leak(), "x"),
        );
        let trace = Exception::of(&failure, None, Limits::USUAL).trace;
        assert!(
            trace.len() <= Limits::USUAL.trace && trace.ends_with("ä … (cut)"),
            "{}",
            trace.len()
        );
    }

    #[test]
    fn a_text_that_became_an_error_has_no_class() {
        let failure = Failure {
            kind: FailureKind::Failed,
            error: Arc::from(crate::BoxError::from("no")),
            attempts: 1,
        };
        assert_eq!(Exception::of(&failure, None, Limits::USUAL).class, "error");
    }

    /// Prints megabytes with control characters, and panics the second time it is asked.
    #[derive(Debug)]
    struct Liar(std::sync::atomic::AtomicU32);

    impl fmt::Display for Liar {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let asked = self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            assert!(asked == 0, "not twice");
            (0..1_000_000).try_for_each(|_| f.write_str("no\0way"))
        }
    }

    impl Error for Liar {}

    #[test]
    fn whatever_an_error_prints_its_headers_are_bounded() {
        let failure = failure(
            FailureKind::Failed,
            Liar(std::sync::atomic::AtomicU32::new(0)),
        );
        let exception = Exception::of(&failure, Some(&"x".repeat(10_000)), Limits::USUAL);
        assert!(exception.class.len() <= Limits::USUAL.class);
        assert!(
            exception.message.len() <= Limits::USUAL.message && !exception.message.contains('\0')
        );
        assert_eq!(exception.trace, "(printing it panicked)");
    }
}
