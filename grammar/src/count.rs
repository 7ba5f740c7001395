//! Numbers of consumers and workers.

/// Most consumers a listener may have, and most workers each of them may have. The least is 1.
pub const MAX_COUNT: u64 = 10_000;
