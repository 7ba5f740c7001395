//! The name of a consumer group.

use std::fmt;
use std::sync::Arc;

/// Longest group id, in bytes: texts of Kafka's protocol are no longer.
const MAX_LENGTH: usize = 32_767;

/// The id of a consumer group (`group.id`): any text that is not empty and not longer than 32,767
/// bytes. Cloning is cheap.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GroupId(Arc<str>);

/// A text is no group id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidGroupId {
    /// The id is empty: Kafka refuses to store offsets for it.
    #[error(
        "a group id is empty: give the listener a group, for example `group = \"campus-card\"`"
    )]
    Empty,
    /// The id does not fit Kafka's protocol.
    #[error("a group id has {bytes} bytes: Kafka's protocol takes at most 32767")]
    TooLong {
        /// The id's length in bytes.
        bytes: usize,
    },
}

impl GroupId {
    /// Takes `id` as a group id.
    ///
    /// # Errors
    /// When it is empty, or longer than 32,767 bytes.
    pub fn new(id: impl AsRef<str>) -> Result<Self, InvalidGroupId> {
        let id = id.as_ref();
        match id.len() {
            0 => Err(InvalidGroupId::Empty),
            1..=MAX_LENGTH => Ok(Self(id.into())),
            bytes => Err(InvalidGroupId::TooLong { bytes }),
        }
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_id_fits_the_protocol() {
        assert_eq!(GroupId::new(""), Err(InvalidGroupId::Empty));
        assert!(GroupId::new("x".repeat(32_767)).is_ok());
        assert_eq!(
            GroupId::new("x".repeat(32_768)),
            Err(InvalidGroupId::TooLong { bytes: 32_768 })
        );
    }
}
