//! The decision after an attempt that failed.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::panics::panic_message;
use crate::BoxError;
use crate::dead_letter::{Failure, FailureKind};
use crate::endpoint::ResolvedEndpoint;
use crate::handler::Outcome;
use crate::retry::{Classifier, Decision, FailureClass, OnExhausted, RetryPolicy};
use crate::runtime::error_chain;

/// The failure policy of one listener. Pure.
#[derive(Clone, Debug)]
pub(super) struct FailurePolicy {
    retry: RetryPolicy,
    exhausted: OnExhausted,
    classifier: Classifier,
    retry_panics: bool,
    retry_rejections: bool,
}

/// An attempt that failed, and what to do now.
#[derive(Debug)]
pub(super) struct Verdict {
    pub(super) failure: Failure,
    /// The error and its causes, in one line.
    pub(super) words: String,
    pub(super) decision: Decision,
}

/// A handler panicked.
#[derive(Debug, thiserror::Error)]
#[error("the handler panicked: {message}")]
pub(super) struct HandlerPanicked {
    message: String,
}

/// A handler gave a reason in words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Reason(String);

impl FailurePolicy {
    pub(super) fn of(endpoint: &ResolvedEndpoint) -> Self {
        Self {
            retry: endpoint.failing.retry,
            exhausted: endpoint.failing.on_exhausted,
            classifier: endpoint.failing.classifier.clone(),
            retry_panics: endpoint.failing.retry_panics,
            retry_rejections: endpoint.failing.retry_rejections,
        }
    }

    /// Decides what follows attempt number `attempt`, counted from 1. Returns `None` when the record
    /// is done.
    ///
    /// Classifying and printing an error runs the user's code. A panic there is a failure of the
    /// record as well.
    pub(super) fn judge(&self, outcome: Outcome, attempt: u32) -> Option<Verdict> {
        catch_unwind(AssertUnwindSafe(|| self.judge_unguarded(outcome, attempt))).unwrap_or_else(
            |panic| self.judge_unguarded(Outcome::Panicked(panic_message(&*panic)), attempt),
        )
    }

    fn judge_unguarded(&self, outcome: Outcome, attempt: u32) -> Option<Verdict> {
        let fatal_unless = |asked| {
            if asked {
                FailureClass::Retry
            } else {
                FailureClass::Fatal
            }
        };
        let (kind, error, class) = match outcome {
            Outcome::Done => return None,
            Outcome::Failed(error) => {
                let class = self.classifier.class(&*error);
                (FailureKind::Failed, error, class)
            }
            Outcome::Rejected(error) => (
                FailureKind::Rejected,
                error,
                fatal_unless(self.retry_rejections),
            ),
            Outcome::Panicked(message) => {
                let error = HandlerPanicked { message }.into();
                (
                    FailureKind::Panicked,
                    error,
                    fatal_unless(self.retry_panics),
                )
            }
            Outcome::Retry(error) => (FailureKind::Failed, error, FailureClass::Retry),
            Outcome::DeadLetter(error) => (FailureKind::Failed, error, FailureClass::DeadLetter),
            Outcome::Skip(reason) => (
                FailureKind::Failed,
                Reason(reason).into(),
                FailureClass::Skip,
            ),
            Outcome::Halt(error) => (FailureKind::Failed, error, FailureClass::Halt),
            Outcome::Stop(error) => (FailureKind::Failed, error, FailureClass::Stop),
        };
        let error: BoxError = error;
        let words = error_chain(&*error);
        let failure = Failure {
            kind,
            error: Arc::from(error),
            attempts: attempt,
        };
        Some(Verdict {
            failure,
            words,
            decision: self.retry.decide(class, attempt, self.exhausted),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::retry::BackOff;

    fn policy() -> FailurePolicy {
        FailurePolicy {
            retry: RetryPolicy::new(1, BackOff::fixed(Duration::from_secs(1))),
            exhausted: OnExhausted::DeadLetter,
            classifier: Classifier::default(),
            retry_panics: false,
            retry_rejections: false,
        }
    }

    fn decide(policy: &FailurePolicy, outcome: Outcome, attempt: u32) -> Option<Decision> {
        policy
            .judge(outcome, attempt)
            .map(|verdict| verdict.decision)
    }

    #[test]
    fn an_error_is_tried_again_until_the_attempts_are_used_up() {
        let wait = Decision::RetryAfter(Duration::from_secs(1));
        assert_eq!(
            decide(&policy(), Outcome::Failed("no".into()), 1),
            Some(wait)
        );
        assert_eq!(
            decide(&policy(), Outcome::Failed("no".into()), 2),
            Some(Decision::DeadLetter)
        );
        assert_eq!(decide(&policy(), Outcome::Done, 2), None);
    }

    #[test]
    fn panics_and_rejections_are_tried_again_only_when_asked_for() {
        let outcomes = || {
            [
                Outcome::Panicked("ouch".to_owned()),
                Outcome::Rejected("no key".into()),
            ]
        };
        for outcome in outcomes() {
            assert_eq!(decide(&policy(), outcome, 1), Some(Decision::DeadLetter));
        }
        let asked = FailurePolicy {
            retry_panics: true,
            retry_rejections: true,
            ..policy()
        };
        for outcome in outcomes() {
            assert!(matches!(
                decide(&asked, outcome, 1),
                Some(Decision::RetryAfter(_))
            ));
        }
    }

    /// Nobody can read it.
    #[derive(Debug)]
    struct Unprintable;

    impl std::fmt::Display for Unprintable {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            panic!("no words")
        }
    }

    impl std::error::Error for Unprintable {}

    #[test]
    fn a_panic_while_an_error_is_classified_or_printed_is_a_failure_of_the_record() {
        let panics = FailurePolicy {
            classifier: Classifier::new(|_| panic!("odd class")),
            ..policy()
        };
        let cases = [
            (panics, BoxError::from("no"), "odd class"),
            (policy(), Unprintable.into(), "no words"),
        ];
        for (policy, error, words) in cases {
            let verdict = policy.judge(Outcome::Failed(error), 1).unwrap();
            assert_eq!(verdict.decision, Decision::DeadLetter);
            assert_eq!(verdict.failure.kind, FailureKind::Panicked);
            assert_eq!(verdict.words, format!("the handler panicked: {words}"));
        }
    }

    #[test]
    fn what_the_handler_asks_for_is_done_whatever_the_classifier_says() {
        let policy = FailurePolicy {
            classifier: Classifier::new(|_| FailureClass::Stop),
            ..policy()
        };
        assert_eq!(
            decide(&policy, Outcome::Failed("no".into()), 1),
            Some(Decision::Stop)
        );
        assert_eq!(
            decide(&policy, Outcome::Skip("old".to_owned()), 1),
            Some(Decision::Skip)
        );
        assert_eq!(
            decide(&policy, Outcome::Halt("wait".into()), 1),
            Some(Decision::Halt)
        );
        assert_eq!(
            decide(&policy, Outcome::DeadLetter("odd".into()), 1),
            Some(Decision::DeadLetter)
        );
        assert!(matches!(
            decide(&policy, Outcome::Retry("busy".into()), 1),
            Some(Decision::RetryAfter(_))
        ));
    }
}
