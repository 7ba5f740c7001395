//! Questions about a listener that the compiler can answer.
//!
//! Topics are constants of types, so a listener whose topic and whose payload disagree need not
//! compile. `#[kafka_listener]` asks these questions where the answers belong; a builder's user may
//! ask them too:
//!
//! ```
//! use wellspring::endpoint::checks::{assert_topic, named_topic};
//! use wellspring::extract::{FromRecord, RecordContext};
//!
//! const _: () = assert_topic("card.topups", named_topic(&[RecordContext::TOPIC, Some("card.topups")]));
//! ```

use wellspring_grammar::placeholder;

use crate::handler::IntoOutcome;
use crate::retry::RetryPolicy;
use crate::types::DLT_SUFFIX;

/// The topic that the arguments of a handler name: the first of those that do.
#[must_use]
pub const fn named_topic(arguments: &[Option<&'static str>]) -> Option<&'static str> {
    let mut rest = arguments;
    while let [argument, others @ ..] = rest {
        if argument.is_some() {
            return *argument;
        }
        rest = others;
    }
    None
}

/// Does not compile when a listener's topic is written that is neither the one that the payload
/// names nor that of its dead letters. What a placeholder stands for shows at start.
///
/// # Panics
/// Then, in a constant, at compile time.
pub const fn assert_readable(written: &str, named: Option<&'static str>) {
    if let Some(named) = named
        && !reads(written, named)
        && !placeholder::is_in(written)
        && !placeholder::is_in(named)
    {
        let mut sentence = Sentence::new();
        sentence
            .push("the payload is an `Event` of topic \"")
            .push(named);
        sentence
            .push("\", not of \"")
            .push(written)
            .push("\": leave the topic out, write \"")
            .push(named);
        sentence
            .push(DLT_SUFFIX)
            .push("\" for its dead letters, or take the payload as `AnyTopic<_>`")
            .fail();
    }
}

/// Whether an event of the topic `named` may be read from `written`: it is that topic, or the one
/// of its dead letters.
pub(crate) const fn reads(written: &str, named: &str) -> bool {
    let (written, named) = (written.as_bytes(), named.as_bytes());
    match written.split_at_checked(named.len()) {
        Some((start, rest)) => {
            equal(start, named) && (rest.is_empty() || equal(rest, DLT_SUFFIX.as_bytes()))
        }
        None => false,
    }
}

/// Does not compile when a topic to send to is written that is not the one that the payload names.
/// What a placeholder stands for shows at start.
///
/// # Panics
/// Then, in a constant, at compile time.
pub const fn assert_topic(written: &str, named: Option<&'static str>) {
    if let Some(named) = named
        && !equal(written.as_bytes(), named.as_bytes())
        && !placeholder::is_in(written)
        && !placeholder::is_in(named)
    {
        let mut sentence = Sentence::new();
        sentence
            .push("the payload is an `Event` of topic \"")
            .push(named)
            .push("\", not of \"")
            .push(written);
        sentence
            .push("\": leave the topic out, or send it as `Json(_)`")
            .fail();
    }
}

/// The topic that the payload names; does not compile when it names none.
///
/// # Panics
/// Then, in a constant, at compile time.
#[must_use]
#[expect(clippy::panic, reason = "in a constant, a panic is a compile error")]
pub const fn required_topic(named: Option<&'static str>) -> &'static str {
    match named {
        Some(topic) => topic,
        None => panic!(
            "nothing names a topic: write `topic = \"...\"` (for a method that sends, `#[send(topic = \"...\")]`), \
             or use a payload that derives `Event`"
        ),
    }
}

/// Does not compile when two arguments name different topics.
///
/// # Panics
/// Then, in a constant, at compile time.
pub const fn assert_one_topic(first: Option<&'static str>, other: Option<&'static str>) {
    if let (Some(first), Some(other)) = (first, other)
        && !equal(first.as_bytes(), other.as_bytes())
    {
        let mut sentence = Sentence::new();
        sentence
            .push("a record is of one topic: another argument is an `Event` of \"")
            .push(first);
        sentence.push("\", this one of \"").push(other);
        sentence.push("\"; write a listener for each").fail();
    }
}

/// Does not compile when what a handler's function answers cannot move between threads.
pub fn assert_send(future: impl Future + Send) {
    drop(future);
}

/// Does not compile when a handler answers something that is no outcome.
pub const fn assert_answer<A: IntoOutcome>() {}

/// The policy that a literal stands for; does not compile when it stands for none.
///
/// # Panics
/// Then, in a constant, at compile time.
#[must_use]
pub const fn retry_policy(text: &str) -> RetryPolicy {
    match RetryPolicy::parse(text) {
        Ok(policy) => policy,
        Err(reason) => {
            let mut sentence = Sentence::new();
            sentence.push("not a retry policy: ").push(reason).fail()
        }
    }
}

const fn equal(a: &[u8], b: &[u8]) -> bool {
    let (mut a, mut b) = (a, b);
    while let ([x, more_a @ ..], [y, more_b @ ..]) = (a, b) {
        if *x != *y {
            return false;
        }
        (a, b) = (more_a, more_b);
    }
    a.is_empty() && b.is_empty()
}

/// A sentence that is put together at compile time, where `format!` is not to be had.
struct Sentence {
    bytes: [u8; Self::CAPACITY],
    len: usize,
}

impl Sentence {
    /// Room for two names of topics and what is said around them.
    const CAPACITY: usize = 1024;

    const fn new() -> Self {
        Self {
            bytes: [0; Self::CAPACITY],
            len: 0,
        }
    }

    /// Adds as much of `text` as fits.
    const fn push(&mut self, text: &str) -> &mut Self {
        let (_, free) = self.bytes.split_at_mut(self.len);
        if let Some((room, _)) = free.split_at_mut_checked(text.len()) {
            room.copy_from_slice(text.as_bytes());
            self.len += text.len();
        }
        self
    }

    #[expect(clippy::panic, reason = "in a constant, a panic is a compile error")]
    const fn fail(&self) -> ! {
        match std::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(sentence) => panic!("{}", sentence),
            Err(_) => panic!("a sentence of whole texts is text"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(check: impl FnOnce() + std::panic::UnwindSafe) -> Option<String> {
        let panic = std::panic::catch_unwind(check).err()?;
        panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| Some((*panic.downcast_ref::<&str>()?).to_owned()))
    }

    #[test]
    fn the_first_argument_that_names_a_topic_speaks() {
        assert_eq!(named_topic(&[]), None);
        assert_eq!(named_topic(&[None, None]), None);
        assert_eq!(named_topic(&[None, Some("a"), Some("b")]), Some("a"));
    }

    #[test]
    fn a_topic_that_the_payload_does_not_name_is_told_with_both_names() {
        assert_eq!(said(|| assert_topic("a", None)), None);
        assert_eq!(said(|| assert_topic("a", Some("a"))), None);
        assert_eq!(said(|| assert_topic("${topic}", Some("a"))), None);
        assert_eq!(said(|| assert_topic("a", Some("${topic:b}"))), None);
        let sentence =
            said(|| assert_topic("card.topup", Some("card.topups"))).expect("they differ");
        assert!(
            sentence.contains("of topic \"card.topups\", not of \"card.topup\""),
            "{sentence}"
        );
    }

    #[test]
    fn an_event_is_read_from_its_topic_and_from_that_of_its_dead_letters() {
        for (written, is_read) in [
            ("a.b", true),
            ("a.b-dlt", true),
            ("a.b-dlt-dlt", false),
            ("a.b-retry", false),
            ("a", false),
            ("", false),
        ] {
            assert_eq!(reads(written, "a.b"), is_read, "{written}");
            assert_eq!(
                said(move || assert_readable(written, Some("a.b"))).is_none(),
                is_read,
                "{written}"
            );
        }
        let sentence = said(|| assert_readable("other", Some("a.b"))).expect("they differ");
        assert!(
            sentence.contains("write \"a.b-dlt\" for its dead letters"),
            "{sentence}"
        );
    }

    #[test]
    fn names_that_do_not_fit_into_the_sentence_are_left_out() {
        let long = "x".repeat(Sentence::CAPACITY);
        let sentence = said(move || assert_topic(&long, Some("a"))).expect("they differ");
        assert!(sentence.contains("leave the topic out"), "{sentence}");
    }
}
