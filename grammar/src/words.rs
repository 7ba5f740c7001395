//! Settings that are one word of a few.
//!
//! Each list is an enum, so that whoever gives the words a meaning is asked by the compiler about
//! every one of them.

use std::error::Error;
use std::fmt;

use crate::nearest::nearest;

/// A text that is none of the words of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownWord {
    text: String,
    /// The setting, as "an ordering".
    what: &'static str,
    words: &'static [&'static str],
}

impl fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<String> = self.words.iter().map(|word| format!("{word:?}")).collect();
        let (text, what, words) = (&self.text, self.what, words.join(", "));
        write!(f, "{text:?} is not {what}: it is one of {words}")?;
        match nearest(&self.text.to_lowercase(), self.words.iter().copied()) {
            Some(word) => write!(f, "; did you mean {word:?}?"),
            None => Ok(()),
        }
    }
}

impl Error for UnknownWord {}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $what:literal: $($variant:ident = $word:literal),+ $(,)?) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $(#[doc = concat!("`", $word, "`")] $variant,)+
        }

        impl $name {
            /// The words, in the order in which messages and documentation list them.
            pub const WORDS: &[&str] = &[$($word),+];

            /// Finds a word. A `-` in it is as good as a `_`.
            #[must_use]
            pub fn find(text: &str) -> Option<Self> {
                match text.replace('-', "_").as_str() {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }

            /// Reads a word.
            ///
            /// # Errors
            /// When `text` is none of the words; the error lists them.
            pub fn parse(text: &str) -> Result<Self, UnknownWord> {
                Self::find(text).ok_or_else(|| UnknownWord {
                    text: text.to_owned(),
                    what: $what,
                    words: Self::WORDS,
                })
            }

            /// Returns the name of the variant, which wellspring's own type has, too.
            #[must_use]
            pub const fn variant(self) -> &'static str {
                match self {
                    $(Self::$variant => stringify!($variant),)+
                }
            }
        }
    };
}

words! {
    /// The order that the workers of a consumer keep.
    Ordering, "an ordering":
    Key = "key",
    Partition = "partition",
    None = "none",
}

words! {
    /// The end of a record whose attempts are used up.
    OnExhausted, "what can become of a record":
    Halt = "halt",
    DeadLetter = "dead_letter",
    Skip = "skip",
    Stop = "stop",
}

words! {
    /// The reaction that a failure asks for.
    FailureClass, "a class of failures":
    Retry = "retry",
    Fatal = "fatal",
    DeadLetter = "dead_letter",
    Skip = "skip",
    Halt = "halt",
    Stop = "stop",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_with_either_separator() {
        assert_eq!(
            OnExhausted::find("dead_letter"),
            Some(OnExhausted::DeadLetter)
        );
        assert_eq!(
            OnExhausted::find("dead-letter"),
            Some(OnExhausted::DeadLetter)
        );
        assert_eq!(OnExhausted::find("Dead_Letter"), None);
        assert_eq!(FailureClass::DeadLetter.variant(), "DeadLetter");
    }

    #[test]
    fn each_listed_word_is_read() {
        assert!(
            Ordering::WORDS
                .iter()
                .all(|word| Ordering::parse(word).is_ok())
        );
        assert!(
            OnExhausted::WORDS
                .iter()
                .all(|word| OnExhausted::parse(word).is_ok())
        );
        assert!(
            FailureClass::WORDS
                .iter()
                .all(|word| FailureClass::parse(word).is_ok())
        );
    }

    #[test]
    fn an_unknown_word_is_told_with_the_known_ones() {
        let said = |text| Ordering::parse(text).map_err(|unknown| unknown.to_string());
        assert_eq!(
            said("Keys"),
            Err(
                "\"Keys\" is not an ordering: it is one of \"key\", \"partition\", \"none\"; did you mean \"key\"?"
                    .to_owned()
            )
        );
        assert_eq!(
            said("timestamp"),
            Err(
                "\"timestamp\" is not an ordering: it is one of \"key\", \"partition\", \"none\""
                    .to_owned()
            )
        );
    }
}
