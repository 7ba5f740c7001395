//! The size of a read.

/// The number of bytes that a read may return.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ReadBudget {
    bytes: usize,
    oversized_first: bool,
}

impl ReadBudget {
    /// At most `bytes`. A first batch that is larger is not returned.
    pub(crate) const fn at_most(bytes: usize) -> Self {
        Self {
            bytes,
            oversized_first: false,
        }
    }

    /// Returns the bytes that it allows, apart from an oversized first batch.
    pub(crate) const fn bytes(self) -> usize {
        self.bytes
    }

    /// Allows the first batch even if it is larger than the budget, so that no consumer is stuck
    /// in front of it (KIP-74).
    pub(crate) const fn or_one_batch(self) -> Self {
        Self {
            oversized_first: true,
            ..self
        }
    }

    /// Whether the first batch may be larger than the budget.
    pub(super) const fn allows_oversized_first(self) -> bool {
        self.oversized_first
    }
}
