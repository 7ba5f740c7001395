//! The ids of group members, and the number of a generation.

use std::fmt;
use std::sync::Arc;

/// Most bytes of a client's own name that go into its member id.
const MAX_PREFIX_BYTES: usize = 249;

/// The id that the coordinator gives a member at its first join. Empty means that it has none yet.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct MemberId(Arc<str>);

/// The `group.instance.id` of a static member: chosen by the user, it outlives restarts (KIP-345).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct InstanceId(Arc<str>);

/// Counts the completed joins of a group. A request of another generation is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Generation(pub(crate) i32);

impl Generation {
    /// Returns the generation after this one. After `i32::MAX` it starts over at 1.
    pub(super) fn next(self) -> Self {
        Self(self.0.checked_add(1).unwrap_or(1))
    }

    /// Whether the sender claims to be in a generation; clients outside any group send -1.
    pub(super) fn is_some(self) -> bool {
        self.0 >= 0
    }
}

impl MemberId {
    /// Returns a new id: the prefix, cut if it is long, for people who read it, and a unique
    /// suffix.
    pub(crate) fn generate(prefix: &str) -> Self {
        let (prefix, _) = prefix.split_at(prefix.floor_char_boundary(MAX_PREFIX_BYTES));
        Self::from(format!("{prefix}-{}", uuid::Uuid::new_v4()))
    }

    /// Returns the id as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the sender has no id yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl InstanceId {
    /// Returns the id as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl<T: Into<Arc<str>>> From<T> for MemberId {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}

impl<T: Into<Arc<str>>> From<T> for InstanceId {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for MemberId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for MemberId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for InstanceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for InstanceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_id_tells_whose_it_is_within_bounds() {
        assert!(MemberId::generate("orders").as_str().starts_with("orders-"));
        let long = MemberId::generate(&"\u{e9}".repeat(20_000));
        assert_eq!(
            long.as_str().len(),
            MAX_PREFIX_BYTES - 1 + 1 + 36,
            "cut between two characters"
        );
    }
}
