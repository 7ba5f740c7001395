//! Errors in words, of bounded length: what an error prints is its author's choice, and may be a
//! megabyte.

use std::error::Error;
use std::fmt::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Longest text of an error in logs and in health, in bytes.
const MAX_ERROR_TEXT: usize = 4 * 1024;

/// Most sources that are told: they can form a circle.
const MAX_SOURCES: usize = 32;

/// The end of a text that was cut.
const CUT: &str = " … (cut)";

/// An error and its sources on one line, at most 4 KiB of it, without control characters.
pub(crate) fn error_chain(error: &(dyn Error + 'static)) -> String {
    let mut text = BoundedText::new(MAX_ERROR_TEXT);
    text.push(&error);
    for source in sources(error) {
        text.push(&": ");
        text.push(&source);
    }
    text.on_one_line()
}

/// Returns the sources of an error, at most [`MAX_SOURCES`] of them.
pub(crate) fn sources<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(error.source(), |&source| source.source()).take(MAX_SOURCES)
}

/// The most that is shown of a value that somebody wrote, in bytes.
pub(crate) const MAX_SHOWN_VALUE: usize = 256;

/// A text that takes no more than so many bytes, cut between characters.
#[derive(Debug)]
pub(crate) struct BoundedText {
    text: String,
    most: usize,
    is_cut: bool,
}

impl BoundedText {
    /// An empty text for at most `most` bytes, with what says that it was cut.
    pub(crate) const fn new(most: usize) -> Self {
        Self {
            text: String::new(),
            most: most.saturating_sub(CUT.len()),
            is_cut: false,
        }
    }

    /// Adds what `part` prints, as far as there is room. A `Display` that fails is taken as far as
    /// it came.
    pub(crate) fn push(&mut self, part: &dyn fmt::Display) {
        if write!(self, "{part}").is_err() && !self.is_cut {
            self.text.push('…');
        }
    }

    /// The same for a `Display` that may panic: a panic is told in its place.
    pub(crate) fn push_guarded(&mut self, part: &dyn fmt::Display) {
        if catch_unwind(AssertUnwindSafe(|| self.push(part))).is_err() {
            self.push(&"(printing it panicked)");
        }
    }

    /// The text; control characters other than line breaks and tabs are replaced.
    pub(crate) fn in_lines(self) -> String {
        self.cleaned(|character| character.is_control() && !matches!(character, '\n' | '\t'))
    }

    /// The text on one line: line breaks and tabs become spaces.
    pub(crate) fn on_one_line(self) -> String {
        self.cleaned(char::is_control)
    }

    fn cleaned(self, is_odd: impl Fn(char) -> bool) -> String {
        let mut text = self.text;
        if text.contains(&is_odd) {
            let clean = |character: char| match character {
                space if is_odd(space) && space.is_whitespace() => ' ',
                odd if is_odd(odd) => char::REPLACEMENT_CHARACTER,
                plain => plain,
            };
            text = text.chars().map(clean).collect();
            // A replacement is longer than what it replaces.
            text.truncate(text.floor_char_boundary(self.most));
        }
        if self.is_cut {
            text.push_str(CUT);
        }
        text
    }
}

impl Write for BoundedText {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        let room = self.most.saturating_sub(self.text.len());
        let fits = part
            .get(..part.floor_char_boundary(room))
            .unwrap_or_default();
        self.text.push_str(fits);
        if fits.len() == part.len() {
            return Ok(());
        }
        self.is_cut = true;
        // Whoever prints a megabyte may stop here.
        Err(fmt::Error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Prints what it is told to, and more than that.
    #[derive(Debug)]
    struct PrintedBy(fn(&mut fmt::Formatter<'_>) -> fmt::Result);

    impl fmt::Display for PrintedBy {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            (self.0)(f)
        }
    }

    impl Error for PrintedBy {}

    #[test]
    fn a_text_of_megabytes_is_cut_and_says_so() {
        let huge = PrintedBy(|f| (0..1_000_000).try_for_each(|_| f.write_str("äö")));
        let text = error_chain(&huge);
        assert!(text.len() <= MAX_ERROR_TEXT, "{}", text.len());
        assert!(text.ends_with("äö … (cut)") || text.ends_with("ä … (cut)"));
    }

    #[test]
    fn what_ignores_that_it_is_cut_is_cut_all_the_same() {
        let deaf = PrintedBy(|f| {
            for _ in 0..100_000 {
                let _ignored = f.write_str("abc");
            }
            Ok(())
        });
        assert!(error_chain(&deaf).len() <= MAX_ERROR_TEXT);
    }

    #[test]
    fn control_characters_reach_neither_a_log_nor_a_terminal() {
        assert_eq!(
            error_chain(&PrintedBy(|f| f.write_str("a\nb\t\u{1b}[31mc\0"))),
            "a b \u{fffd}[31mc\u{fffd}"
        );
        let mut text = BoundedText::new(100);
        text.push(&"a\nb\u{7}");
        assert_eq!(text.in_lines(), "a\nb\u{fffd}");
    }

    #[test]
    fn a_display_that_fails_or_panics_is_told_as_far_as_it_came() {
        assert_eq!(
            error_chain(&PrintedBy(|f| f.write_str("so far").and(Err(fmt::Error)))),
            "so far…"
        );
        let mut text = BoundedText::new(100);
        text.push_guarded(&PrintedBy(|_| panic!("no words")));
        assert_eq!(text.on_one_line(), "(printing it panicked)");
    }

    #[test]
    fn sources_that_form_a_circle_have_an_end() {
        #[derive(Debug, thiserror::Error)]
        #[error("round")]
        struct Round(#[source] &'static Round);
        static ROUND: Round = Round(&ROUND);
        assert_eq!(
            error_chain(&ROUND).matches("round").count(),
            MAX_SOURCES + 1
        );
    }
}
