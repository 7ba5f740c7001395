//! The name of a consumer group.

use std::fmt;
use std::sync::Arc;

/// The id of a consumer group (`group.id`): any text but the empty one. Cloning is cheap.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GroupId(Arc<str>);

/// A group id was empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a group id is empty: give the listener a group, for example `group = \"campus-card\"`")]
pub struct InvalidGroupId;

impl GroupId {
    /// Takes `id` as a group id.
    ///
    /// # Errors
    /// When it is empty: Kafka refuses to store offsets for it.
    pub fn new(id: impl AsRef<str>) -> Result<Self, InvalidGroupId> {
        let id = id.as_ref();
        if id.is_empty() {
            Err(InvalidGroupId)
        } else {
            Ok(Self(id.into()))
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
