//! The order in which records wait for each other.

use std::str::FromStr;

use wellspring_grammar::words;

/// The order that the workers of one consumer keep.
///
/// The default is by partition with one worker, and by key with more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ordering {
    /// Records of one key of one topic are handled one after another. A null key orders nothing.
    Key,
    /// Records of one partition are handled one after another.
    Partition,
    /// Nothing waits for anything.
    None,
}

/// A text is not an ordering.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct InvalidOrdering(words::UnknownWord);

impl FromStr for Ordering {
    type Err = InvalidOrdering;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match words::Ordering::parse(text) {
            Ok(words::Ordering::Key) => Ok(Self::Key),
            Ok(words::Ordering::Partition) => Ok(Self::Partition),
            Ok(words::Ordering::None) => Ok(Self::None),
            Err(unknown) => Err(InvalidOrdering(unknown)),
        }
    }
}
