//! `${key}` and `${key:default}` in texts; `$${` is a literal `${`.
//!
//! A default may hold placeholders itself.

use std::error::Error;
use std::fmt;

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text that stands for itself.
    Literal(&'a str),
    /// Text to be replaced.
    Placeholder {
        /// The key to look up.
        key: &'a str,
        /// The text that holds when nothing sets the key; it may hold placeholders.
        default: Option<&'a str>,
    },
}

/// The reason why a text with placeholders cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Malformed {
    /// No brace closes a placeholder.
    NotClosed,
    /// A placeholder is empty, begins with its default, or has a placeholder as its key.
    NoKey,
}

impl Malformed {
    /// Returns what is wrong.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::NotClosed => "a placeholder is not closed",
            Self::NoKey => "a placeholder has no key",
        }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason())
    }
}

impl Error for Malformed {}

/// Whether a text has a placeholder, well-formed or not.
#[must_use]
pub const fn is_in(text: &str) -> bool {
    let mut rest = text.as_bytes();
    loop {
        rest = match rest {
            // Escaped: the brace behind the second `$` opens nothing.
            [b'$', b'$', b'{', others @ ..] => others,
            [b'$', b'{', ..] => return true,
            [_, others @ ..] => others,
            [] => return false,
        };
    }
}

/// Checks all placeholders of a text, nested ones included. Returns whether there are any.
///
/// # Errors
/// When a placeholder does not close or has no key.
pub fn check(text: &str) -> Result<bool, Malformed> {
    let mut any = false;
    // A list instead of recursion: a text may nest placeholders deeper than the stack allows.
    let mut unread = vec![text];
    while let Some(text) = unread.pop() {
        for piece in pieces(text) {
            if let Piece::Placeholder { default, .. } = piece? {
                any = true;
                unread.extend(default);
            }
        }
    }
    Ok(any)
}

/// Returns the parts of a text in order. Nothing follows the first error.
pub fn pieces(text: &str) -> impl Iterator<Item = Result<Piece<'_>, Malformed>> {
    Pieces { rest: text }
}

struct Pieces<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Result<Piece<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let rest = self.rest;
        let Some((before, inside)) = rest.split_once("${") else {
            self.rest = "";
            return Some(Ok(Piece::Literal(rest)));
        };
        if before.ends_with('$') {
            // Of `$${`, the first `$` is the escape and the rest is the text.
            let (literal, opening) = (before.len() - 1, before.len() + 2);
            if literal > 0 {
                self.rest = rest.get(literal..).unwrap_or_default();
                return Some(Ok(Piece::Literal(rest.get(..literal).unwrap_or_default())));
            }
            self.rest = inside;
            return Some(Ok(Piece::Literal(rest.get(1..opening).unwrap_or_default())));
        }
        if !before.is_empty() {
            self.rest = rest.get(before.len()..).unwrap_or_default();
            return Some(Ok(Piece::Literal(before)));
        }
        let read = split_closing(inside)
            .ok_or(Malformed::NotClosed)
            .and_then(|(inside, after)| Ok((placeholder(inside)?, after)));
        self.rest = read.map_or("", |(_, after)| after);
        Some(read.map(|(piece, _)| piece))
    }
}

/// Reads what stands between the braces.
fn placeholder(inside: &str) -> Result<Piece<'_>, Malformed> {
    let (key, default) = match inside.split_once(':') {
        Some((key, default)) => (key.trim(), Some(default)),
        None => (inside.trim(), None),
    };
    if key.is_empty() || key.contains("${") {
        return Err(Malformed::NoKey);
    }
    Ok(Piece::Placeholder { key, default })
}

/// Splits at the brace that closes the placeholder, over nested ones.
fn split_closing(text: &str) -> Option<(&str, &str)> {
    let mut open = 1_usize;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        match c {
            // Only `${` opens: a default may have braces of its own, as `{a` has.
            '{' if before == '$' => open += 1,
            '}' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return text.get(..at).zip(text.get(at + 1..));
        }
        before = c;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let pieces = pieces(text).map(|piece| match piece {
            Ok(Piece::Literal(text)) => text.to_owned(),
            Ok(Piece::Placeholder { key, default: None }) => format!("<{key}>"),
            Ok(Piece::Placeholder {
                key,
                default: Some(default),
            }) => format!("<{key}|{default}>"),
            Err(malformed) => format!("! {malformed}"),
        });
        pieces.collect()
    }

    #[test]
    fn a_text_is_literals_and_placeholders_in_order() {
        for (text, pieces) in [
            ("", ""),
            ("plain", "plain"),
            ("${a}", "<a>"),
            ("x${ a }y${b:c:d}z", "x<a>y<b|c:d>z"),
            ("${a:${b:c}}", "<a|${b:c}>"),
            ("${a:}", "<a|>"),
            ("${a:{x}", "<a|{x>"),
            ("$${a} $ } {", "${a} $ } {"),
            ("a$$${b}${c}", "a$${b}<c>"),
            ("a${", "a! a placeholder is not closed"),
            ("${}b", "! a placeholder has no key"),
        ] {
            assert_eq!(shown(text), pieces, "{text}");
        }
    }

    #[test]
    fn placeholders_close_and_have_a_key() {
        for (text, any) in [
            ("", false),
            ("plain", false),
            ("${a}", true),
            ("${a:}", true),
            ("${a:${b:c}}", true),
            ("x${a}y${b}", true),
            ("$${", false),
            ("$$$${", false),
            ("} {", false),
            ("${a:{}", true),
        ] {
            assert_eq!(check(text), Ok(any), "{text}");
            assert_eq!(is_in(text), any, "{text}");
        }
        for text in [
            "${", "${a", "${}", "${:x}", "${${a}}", "${a:${b}", "${a:${}}",
        ] {
            assert!(check(text).is_err(), "{text}");
            assert!(is_in(text), "{text}");
        }
    }

    #[test]
    fn deep_nesting_does_not_use_up_the_stack() {
        let deep = format!("{}x{}", "${a:".repeat(1_000), "}".repeat(1_000));
        assert_eq!(check(&deep), Ok(true));
    }
}
