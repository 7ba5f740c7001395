//! What the reader of a chapter sees, and the claims that it makes.

use std::fmt::Debug;
use std::io::{self, Write};

/// Lines are at most this long.
const WIDTH: usize = 88;

/// Whether a reader is asked before each step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// All steps in a row.
    Straight,
    /// A step begins when the reader presses Enter.
    Stepwise,
}

/// Tells a chapter and checks what it claims.
#[derive(Debug)]
pub struct Narrator<W = io::Stdout> {
    out: W,
    pace: Pace,
    chapter: &'static str,
    step: usize,
    claims: usize,
}

/// A claim that did not hold.
#[derive(Debug, thiserror::Error)]
#[error("chapter {chapter}: a claim does not hold: {claim} (expected {expected}, seen {seen})")]
pub struct FailedClaim {
    chapter: &'static str,
    claim: String,
    expected: String,
    seen: String,
}

impl<W: Write> Narrator<W> {
    /// Tells to `out`.
    pub const fn new(out: W, pace: Pace) -> Self {
        Self {
            out,
            pace,
            chapter: "",
            step: 0,
            claims: 0,
        }
    }

    /// Begins a chapter.
    pub fn begin(&mut self, chapter: &'static str, title: &str) {
        self.chapter = chapter;
        self.step = 0;
        self.line(&format!("\n== {chapter}: {title}"));
    }

    /// Says what the chapter is about to show.
    pub fn expect(&mut self, text: &str) {
        self.line("");
        self.paragraph("", "", text);
    }

    /// Says what is done next, and lets the reader decide when.
    ///
    /// # Cancel safety
    /// A line of standard input that was read is lost.
    pub async fn step(&mut self, text: &str) {
        self.step += 1;
        self.line("");
        let number = format!("{}. ", self.step);
        self.paragraph(&number, "   ", text);
        if self.pace == Pace::Straight {
            return;
        }
        self.write("   (Enter) ");
        // Not tokio's standard input, which reads on when nobody waits any more.
        let read = tokio::task::spawn_blocking(|| io::stdin().read_line(&mut String::new()));
        // Where nobody can press Enter the chapter goes on.
        if !matches!(read.await, Ok(Ok(1..))) {
            self.pace = Pace::Straight;
        }
    }

    /// Shows what happened, one line at a time.
    pub fn show(&mut self, text: impl AsRef<str>) {
        for line in text.as_ref().lines() {
            if line.len() < WIDTH {
                self.line(&format!("     {line}"));
            } else {
                self.paragraph("     ", "       ", line);
            }
        }
    }

    /// Explains what was seen.
    pub fn note(&mut self, text: &str) {
        self.paragraph("   ", "   ", text);
    }

    /// Claims that what was `seen` is what was `expected`.
    ///
    /// # Errors
    /// [`FailedClaim`] when it is not.
    pub fn claim<T: PartialEq + Debug>(
        &mut self,
        claim: impl Into<String>,
        seen: T,
        expected: T,
    ) -> Result<(), FailedClaim> {
        let claim = claim.into();
        if seen == expected {
            self.claims += 1;
            self.paragraph("   ✓ ", "     ", &claim);
            return Ok(());
        }
        self.paragraph("   ✗ ", "     ", &claim);
        Err(FailedClaim {
            chapter: self.chapter,
            claim,
            expected: format!("{expected:?}"),
            seen: format!("{seen:?}"),
        })
    }

    /// Returns how many claims have held so far.
    pub const fn claims(&self) -> usize {
        self.claims
    }

    /// Writes one line as it is.
    pub fn line(&mut self, line: &str) {
        self.write(&format!("{line}\n"));
    }

    fn paragraph(&mut self, first: &str, rest: &str, text: &str) {
        let options = textwrap::Options::new(WIDTH)
            .initial_indent(first)
            .subsequent_indent(rest);
        for line in textwrap::wrap(text, options) {
            self.line(&line);
        }
    }

    /// A reader that went away does not stop a chapter: its claims are checked all the same.
    fn write(&mut self, text: &str) {
        let written = self.out.write_all(text.as_bytes());
        written.and_then(|()| self.out.flush()).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_chapter_is_told_with_numbered_steps_and_checked_claims() {
        let mut out = Vec::new();
        let mut narrator = Narrator::new(&mut out, Pace::Straight);
        narrator.begin("sums", "one and one");
        narrator.step("Add.").await;
        narrator.show("1 + 1");
        narrator.claim("it is two", 1 + 1, 2).unwrap();
        assert_eq!(narrator.claims(), 1);
        let text = String::from_utf8(out).unwrap();
        assert_eq!(
            text,
            "\n== sums: one and one\n\n1. Add.\n     1 + 1\n   ✓ it is two\n"
        );
    }

    #[test]
    fn a_claim_that_fails_says_which_what_was_expected_and_what_was_seen() {
        let mut narrator = Narrator::new(Vec::new(), Pace::Straight);
        narrator.begin("sums", "one and one");
        let failed = narrator.claim("it is three", 1 + 1, 3).unwrap_err();
        assert_eq!(
            failed.to_string(),
            "chapter sums: a claim does not hold: it is three (expected 3, seen 2)"
        );
        assert_eq!(narrator.claims(), 0);
    }
}
