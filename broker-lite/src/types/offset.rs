//! The position of a record in its partition, and the epoch of the leader that wrote it.

use std::fmt;

/// The position of a record in its partition. The first record has offset 0; offsets never change and
/// may have holes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Offset(pub i64);

impl Offset {
    /// The offset of the first record of a new partition.
    pub const ZERO: Self = Self(0);

    /// The offset that follows this one.
    #[must_use]
    pub const fn next(self) -> Self {
        self.plus(1)
    }

    /// The offset `count` places further on. It stops at the largest offset there is.
    #[must_use]
    pub const fn plus(self, count: i64) -> Self {
        Self(self.0.saturating_add(count))
    }

    /// Returns the distance from `base`; negative if this offset lies before it.
    #[must_use]
    pub const fn since(self, base: Self) -> i64 {
        self.0.saturating_sub(base.0)
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Counts the leaders a partition has had. It grows with each election (KIP-101), and a start of
/// the broker is one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeaderEpoch(pub i32);

impl LeaderEpoch {
    /// The epoch of the first leader.
    pub const ZERO: Self = Self(0);

    /// The protocol's value for an epoch that is not known, or that shall not be checked.
    pub const NONE: Self = Self(-1);

    /// The epoch of the next leader.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for LeaderEpoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
