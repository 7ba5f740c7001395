//! The problems of settings, all reported at once.

use std::fmt;

/// Settings that cannot be used; every problem is listed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError {
    problems: Vec<Problem>,
}

impl ConfigError {
    pub(crate) fn check(problems: Vec<Problem>) -> Result<(), Self> {
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Self { problems })
        }
    }

    /// The problems, in the order of the keys.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl From<Problem> for ConfigError {
    fn from(problem: Problem) -> Self {
        Self {
            problems: vec![problem],
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, problem) in self.problems.iter().enumerate() {
            let separator = if place == 0 { "" } else { "; " };
            write!(f, "{separator}{problem}")?;
        }
        Ok(())
    }
}

/// One setting that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The setting does not exist.
    #[error("{key} is not a setting{}", .nearest.map(|nearest| format!(" (is {nearest} meant?)")).unwrap_or_default())]
    UnknownKey {
        /// As written.
        key: String,
        /// The known key that is most similar.
        nearest: Option<&'static str>,
    },
    /// The value is not one that the setting takes.
    #[error("{key}={value} is not possible: {allowed} is")]
    BadValue {
        /// The setting.
        key: &'static str,
        /// As written.
        value: String,
        /// The values it takes.
        allowed: String,
    },
    /// Kafka has the setting, and this broker cannot do what it asks for.
    #[error("{key} can't be set here: {reason}")]
    NotHere {
        /// As written.
        key: String,
        /// The reason, and what to do instead.
        reason: &'static str,
    },
    /// Two settings contradict each other.
    #[error("{key}={value} is not possible: {reason}")]
    Contradiction {
        /// The setting.
        key: &'static str,
        /// As written.
        value: String,
        /// The setting that it contradicts, and how.
        reason: String,
    },
    /// A line of a settings file is neither a setting nor a comment nor blank.
    #[error("line {line} of {file} is not KEY=VALUE")]
    BadLine {
        /// The file.
        file: String,
        /// The line's number, from 1.
        line: usize,
    },
}

/// Returns the candidate with the smallest edit distance to `word`, if it is small.
pub(super) fn nearest(
    word: &str,
    candidates: impl Iterator<Item = &'static str>,
) -> Option<&'static str> {
    let (distance, candidate) = candidates
        .map(|candidate| (edits(word, candidate), candidate))
        .min_by_key(|(edits, _)| *edits)?;
    (distance <= 1 + word.len() / 5).then_some(candidate)
}

/// Returns the edit distance: the number of letters to insert, delete or replace.
fn edits(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (taken, letter) in from.bytes().enumerate() {
        let mut diagonal = taken;
        let mut left = taken + 1;
        let mut next = vec![left];
        for (other, above) in to.bytes().zip(row.iter().skip(1)) {
            left = (diagonal + usize::from(letter != other))
                .min(above + 1)
                .min(left + 1);
            diagonal = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_key_is_recognized() {
        let known = ["log.retention.ms", "num.partitions"];
        assert_eq!(
            nearest("log.retention.mss", known.into_iter()),
            Some("log.retention.ms")
        );
        assert_eq!(
            nearest("log.retension.ms", known.into_iter()),
            Some("log.retention.ms")
        );
        assert_eq!(nearest("zookeeper.connect", known.into_iter()), None);
    }
}
