//! One setting as somebody wrote it, and which spellings of a key are the same.

use std::fmt;

use super::origin::Origin;
use super::secret::printable;

/// One setting as one layer wrote it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) value: String,
    pub(crate) origin: Origin,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} = {} ({})",
            self.key,
            printable(&self.key, &self.value),
            self.origin
        )
    }
}

/// A value together with where it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// The key it was written under.
    pub key: String,
    /// The place where it was written.
    pub origin: Origin,
}

/// The form in which all spellings of a key are the same: lower case, every separator an
/// underscore.
///
/// `kafka.bootstrap-servers` in a file is `KAFKA_BOOTSTRAP_SERVERS` in the environment.
pub(crate) fn canonical(key: &str) -> String {
    key.chars()
        .map(|c| {
            if c.is_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '_'
            }
        })
        .collect()
}
