//! Retry policies and what follows them as text.

use std::str::FromStr;

use wellspring_grammar::retry::RetryText;
use wellspring_grammar::words;

use super::{BackOff, InvalidRetry, OnExhausted, RetryPolicy};

impl RetryPolicy {
    /// Reads a policy: `none`, `3 x 200ms`, `3 x 200ms exponential max 10s`. The error says what is
    /// wrong with the text.
    ///
    /// ```
    /// use wellspring::retry::RetryPolicy;
    ///
    /// const POLICY: RetryPolicy = match RetryPolicy::parse("3 x 200ms exponential") {
    ///     Ok(policy) => policy,
    ///     Err(reason) => panic!("{}", reason),
    /// };
    /// assert_eq!(POLICY.retries, 3);
    /// ```
    ///
    /// # Errors
    /// When the text is not a policy.
    pub const fn parse(text: &str) -> Result<Self, &'static str> {
        match RetryText::parse(text) {
            Ok(RetryText {
                retries,
                initial,
                multiplier,
                max,
            }) => Ok(Self::new(
                retries,
                BackOff {
                    initial,
                    multiplier,
                    max,
                },
            )),
            Err(reason) => Err(reason),
        }
    }
}

impl FromStr for RetryPolicy {
    type Err = InvalidRetry;

    fn from_str(text: &str) -> Result<Self, InvalidRetry> {
        Self::parse(text).map_err(|reason| InvalidRetry {
            text: text.to_owned(),
            reason,
        })
    }
}

/// A text is not one of the things that can be done with an exhausted record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct InvalidOnExhausted(words::UnknownWord);

impl FromStr for OnExhausted {
    type Err = InvalidOnExhausted;

    fn from_str(text: &str) -> Result<Self, InvalidOnExhausted> {
        match words::OnExhausted::parse(text) {
            Ok(words::OnExhausted::Halt) => Ok(Self::Halt),
            Ok(words::OnExhausted::DeadLetter) => Ok(Self::DeadLetter),
            Ok(words::OnExhausted::Skip) => Ok(Self::Skip),
            Ok(words::OnExhausted::Stop) => Ok(Self::Stop),
            Err(unknown) => Err(InvalidOnExhausted(unknown)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    fn policy(text: &str) -> RetryPolicy {
        text.parse().unwrap_or_else(|e| panic!("{e}"))
    }

    #[test]
    fn what_the_documentation_shows_is_read() {
        let wait = Duration::from_millis(200);
        assert_eq!(policy("none"), RetryPolicy::NONE);
        assert_eq!(
            policy("3 x 200ms"),
            RetryPolicy::new(3, BackOff::fixed(wait))
        );
        assert_eq!(
            policy(" 3  x 200ms  exponential "),
            RetryPolicy::new(3, BackOff::exponential(wait))
        );
        let capped = BackOff {
            max: Some(Duration::from_secs(10)),
            ..BackOff::exponential(wait)
        };
        assert_eq!(
            policy("3 x 200ms exponential max 10s"),
            RetryPolicy::new(3, capped)
        );
        assert_eq!(policy("0 x 1m30s").backoff.initial, Duration::from_secs(90));
        assert_eq!(
            policy("5 x 2h max 3h").backoff.max,
            Some(Duration::from_secs(3 * 3600))
        );
    }

    proptest! {
        #[test]
        fn every_policy_that_is_written_is_read(
            retries: u32,
            wait in 0_u64..1 << 40,
            doubles: bool,
            max in proptest::option::of(0_u64..1 << 40),
        ) {
            let mut text = format!("{retries} x {wait}ms");
            text.push_str(if doubles { " exponential" } else { "" });
            text.extend(max.map(|max| format!(" max {}s{}ms", max / 1000, max % 1000)));
            let backoff = BackOff {
                initial: Duration::from_millis(wait),
                multiplier: if doubles { 2 } else { 1 },
                max: max.map(Duration::from_millis),
            };
            prop_assert_eq!(policy(&text), RetryPolicy::new(retries, backoff));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text: String) {
            drop(text.parse::<RetryPolicy>());
        }
    }

    #[test]
    fn the_compiler_can_read_a_policy() {
        const POLICY: Result<RetryPolicy, &str> = RetryPolicy::parse("3 x 1s exponential");
        assert_eq!(
            POLICY,
            Ok(RetryPolicy::new(
                3,
                BackOff::exponential(Duration::from_secs(1))
            ))
        );
    }

    #[test]
    fn what_is_done_with_an_exhausted_record_has_a_name() {
        assert_eq!("halt".parse(), Ok(OnExhausted::Halt));
        assert_eq!("dead-letter".parse(), Ok(OnExhausted::DeadLetter));
        assert_eq!("dead_letter".parse(), Ok(OnExhausted::DeadLetter));
        assert!("dlq".parse::<OnExhausted>().is_err());
    }
}
