//! Which records wait for each other.

/// What the workers of one consumer keep in order.
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
#[error("{text:?} is not an ordering: write \"key\", \"partition\" or \"none\"")]
pub struct InvalidOrdering {
    text: String,
}

impl std::str::FromStr for Ordering {
    type Err = InvalidOrdering;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "key" => Ok(Self::Key),
            "partition" => Ok(Self::Partition),
            "none" => Ok(Self::None),
            other => Err(InvalidOrdering {
                text: other.to_owned(),
            }),
        }
    }
}
