//! Retry policies as text: `"3 x 200ms exponential max 10s"`.
//!
//! ```text
//! policy   = "none" | count "x" duration [ "exponential" ] [ "max" duration ]
//! duration = one or more of  digits ( "ms" | "s" | "m" | "h" )        for example 1m30s
//! ```
//!
//! The parser is a `const fn`, so that a literal costs nothing at run time.

use std::time::Duration;

/// The contents of a policy's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryText {
    /// Retries after the first attempt; 0 is none.
    pub retries: u32,
    /// The wait before the first retry.
    pub initial: Duration,
    /// By what each wait is multiplied to make the next: 1, or 2 with `exponential`.
    pub multiplier: u32,
    /// Longest wait; `None` is no limit.
    pub max: Option<Duration>,
}

impl RetryText {
    /// Reads a policy.
    ///
    /// # Errors
    /// When the text is not a policy; the error says what is wrong with it.
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
            Ok((multiplier, max)) => Ok(Self {
                retries,
                initial,
                multiplier,
                max,
            }),
            Err(reason) => Err(reason),
        }
    }

    const NONE: Self = Self {
        retries: 0,
        initial: Duration::ZERO,
        multiplier: 1,
        max: None,
    };
}

/// Reads what may follow the wait: the multiplier and the longest wait.
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

/// Returns the first word, empty at the end of the text, and what follows it.
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
    const EXPECTED: &str =
        "it must begin with \"none\" or a number of retries, as in \"3 x 200ms\"";
    let mut retries: u32 = 0;
    let mut rest = word;
    if rest.is_empty() {
        return Err(EXPECTED);
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
        Err(EXPECTED)
    }
}

const fn duration(word: &[u8]) -> Result<Duration, &'static str> {
    const EXPECTED: &str =
        "a wait is a number with a unit (ms, s, m, h), as in \"200ms\" or \"1m30s\"";
    let mut millis: u64 = 0;
    let mut rest = word;
    if rest.is_empty() {
        return Err(EXPECTED);
    }
    while !rest.is_empty() {
        let Ok((number, unit)) = digits(rest) else {
            return Err(EXPECTED);
        };
        let (factor, more) = match unit {
            [b'm', b's', more @ ..] => (1, more),
            [b's', more @ ..] => (1_000, more),
            [b'm', more @ ..] => (60_000, more),
            [b'h', more @ ..] => (3_600_000, more),
            _ => return Err(EXPECTED),
        };
        let Some(part) = number.checked_mul(factor) else {
            return Err(EXPECTED);
        };
        let Some(sum) = millis.checked_add(part) else {
            return Err(EXPECTED);
        };
        millis = sum;
        rest = more;
    }
    Ok(Duration::from_millis(millis))
}

/// Reads the number at the start, and returns what follows it.
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
    use super::*;

    #[test]
    fn each_part_of_a_policy_is_read() {
        let (none, wait) = (RetryText::NONE, Duration::from_millis(200));
        let fixed = RetryText {
            retries: 3,
            initial: wait,
            ..none
        };
        assert_eq!(RetryText::parse("none"), Ok(none));
        assert_eq!(RetryText::parse("3 x 200ms"), Ok(fixed));
        let doubling = RetryText {
            multiplier: 2,
            ..fixed
        };
        assert_eq!(RetryText::parse(" 3  x 200ms  exponential "), Ok(doubling));
        let capped = RetryText {
            max: Some(Duration::from_secs(90)),
            ..doubling
        };
        assert_eq!(
            RetryText::parse("3 x 200ms exponential max 1m30s"),
            Ok(capped)
        );
    }

    #[test]
    fn each_mistake_is_named() {
        let check = |text: &str, part: &str| {
            let reason = RetryText::parse(text).expect_err(text);
            assert!(reason.contains(part), "{text:?}: {reason}");
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
}
