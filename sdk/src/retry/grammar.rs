//! Retry policies as text: `"3 x 200ms exponential max 10s"`.
//!
//! ```text
//! policy   = "none" | count "x" duration [ "exponential" ] [ "max" duration ]
//! duration = one or more of  digits ( "ms" | "s" | "m" | "h" )        for example 1m30s
//! ```
//!
//! The parser is a `const fn`, so that a literal in an attribute is checked by the compiler with
//! the same code that reads a configuration file.

use std::str::FromStr;
use std::time::Duration;

use super::{BackOff, InvalidRetry, OnExhausted, RetryPolicy};

impl RetryPolicy {
    /// Reads a policy; the error says what is wrong with the text.
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
        let (word, rest) = word(text.as_bytes());
        if equal(word, b"none") {
            return match end(rest) {
                Ok(()) => Ok(Self::NONE),
                Err(reason) => Err(reason),
            };
        }
        let retries = match count(word) {
            Ok(retries) => retries,
            Err(reason) => return Err(reason),
        };
        let (times, rest) = self::word(rest);
        if !equal(times, b"x") {
            return Err("an \"x\" must follow the number of retries, as in \"3 x 200ms\"");
        }
        let (wait, rest) = self::word(rest);
        let initial = match duration(wait) {
            Ok(initial) => initial,
            Err(reason) => return Err(reason),
        };
        match options(rest) {
            Ok((multiplier, max)) => Ok(Self::new(
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
#[error("{text:?} is not one of \"halt\", \"dead-letter\", \"skip\" and \"stop\"")]
pub struct InvalidOnExhausted {
    text: String,
}

impl FromStr for OnExhausted {
    type Err = InvalidOnExhausted;

    fn from_str(text: &str) -> Result<Self, InvalidOnExhausted> {
        match text {
            "halt" => Ok(Self::Halt),
            "dead-letter" | "dead_letter" => Ok(Self::DeadLetter),
            "skip" => Ok(Self::Skip),
            "stop" => Ok(Self::Stop),
            other => Err(InvalidOnExhausted {
                text: other.to_owned(),
            }),
        }
    }
}

const fn options(text: &[u8]) -> Result<(u32, Option<Duration>), &'static str> {
    let (option, rest) = word(text);
    let (multiplier, option, rest) = if equal(option, b"exponential") {
        let (option, rest) = word(rest);
        (2, option, rest)
    } else {
        (1, option, rest)
    };
    if option.is_empty() {
        return Ok((multiplier, None));
    }
    if !equal(option, b"max") {
        return Err("only \"exponential\" and \"max DURATION\" may follow the wait, in this order");
    }
    let (max, rest) = word(rest);
    match (duration(max), end(rest)) {
        (Ok(max), Ok(())) => Ok((multiplier, Some(max))),
        (Err(reason), _) | (_, Err(reason)) => Err(reason),
    }
}

/// The first word and what follows it; empty at the end. Words are split at spaces.
const fn word(text: &[u8]) -> (&[u8], &[u8]) {
    let text = text.trim_ascii_start();
    let mut len = 0;
    let mut rest = text;
    while let [byte, more @ ..] = rest
        && !byte.is_ascii_whitespace()
    {
        rest = more;
        len += 1;
    }
    text.split_at(len)
}

const fn equal(word: &[u8], expected: &[u8]) -> bool {
    let (mut a, mut b) = (word, expected);
    while let ([x, more_a @ ..], [y, more_b @ ..]) = (a, b) {
        if *x != *y {
            return false;
        }
        a = more_a;
        b = more_b;
    }
    a.is_empty() && b.is_empty()
}

const fn end(rest: &[u8]) -> Result<(), &'static str> {
    if word(rest).0.is_empty() {
        Ok(())
    } else {
        Err("nothing may follow the end of the policy")
    }
}

const fn count(word: &[u8]) -> Result<u32, &'static str> {
    const ODD: &str = "it must begin with \"none\" or a number of retries, as in \"3 x 200ms\"";
    let mut retries: u32 = 0;
    let mut rest = word;
    if rest.is_empty() {
        return Err(ODD);
    }
    while let [digit @ b'0'..=b'9', more @ ..] = rest {
        retries = retries
            .saturating_mul(10)
            .saturating_add((*digit - b'0') as u32);
        rest = more;
    }
    if rest.is_empty() {
        Ok(retries)
    } else {
        Err(ODD)
    }
}

const fn duration(word: &[u8]) -> Result<Duration, &'static str> {
    const ODD: &str = "a wait is a number with a unit (ms, s, m, h), as in \"200ms\" or \"1m30s\"";
    let mut millis: u64 = 0;
    let mut rest = word;
    if rest.is_empty() {
        return Err(ODD);
    }
    while !rest.is_empty() {
        let Ok((number, unit)) = digits(rest) else {
            return Err(ODD);
        };
        let (factor, more) = match unit {
            [b'm', b's', more @ ..] => (1, more),
            [b's', more @ ..] => (1_000, more),
            [b'm', more @ ..] => (60_000, more),
            [b'h', more @ ..] => (3_600_000, more),
            _ => return Err(ODD),
        };
        let Some(part) = number.checked_mul(factor) else {
            return Err(ODD);
        };
        let Some(sum) = millis.checked_add(part) else {
            return Err(ODD);
        };
        millis = sum;
        rest = more;
    }
    Ok(Duration::from_millis(millis))
}

/// The number at the start and what follows it.
const fn digits(text: &[u8]) -> Result<(u64, &[u8]), ()> {
    let mut number: u64 = 0;
    let mut rest = text;
    let mut any = false;
    while let [digit @ b'0'..=b'9', more @ ..] = rest {
        let Some(tens) = number.checked_mul(10) else {
            return Err(());
        };
        let Some(sum) = tens.checked_add((*digit - b'0') as u64) else {
            return Err(());
        };
        number = sum;
        rest = more;
        any = true;
    }
    if any { Ok((number, rest)) } else { Err(()) }
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn each_mistake_is_named() {
        let check = |text: &str, part: &str| {
            let error = text.parse::<RetryPolicy>().expect_err(text).to_string();
            assert!(error.contains(part), "{text:?}: {error}");
        };
        check("", "must begin with");
        check("three x 1s", "must begin with");
        check("-1 x 1s", "must begin with");
        check("3x 200ms", "must begin with");
        check("3", "an \"x\" must follow");
        check("3 times 1s", "an \"x\" must follow");
        check("3 x", "number with a unit");
        check("3 x 200", "number with a unit");
        check("3 x 1d", "number with a unit");
        check("3 x 99999999999999999h", "number with a unit");
        check("3 x 1s linear", "only \"exponential\"");
        check("3 x 1s max 2s exponential", "nothing may follow");
        check("3 x 1s max", "number with a unit");
        check("none at all", "nothing may follow");
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
