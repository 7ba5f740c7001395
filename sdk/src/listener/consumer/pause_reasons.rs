//! The reasons why a partition is not fetched.

/// The reasons for which one partition is not fetched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct PauseReasons {
    /// Whether it waits at a failed record, or at one that can't be read. That lasts as long as the
    /// assignment.
    pub(super) halted: bool,
    /// Alone it filled the budget, with that many unfinished records, and others went short.
    pub(super) backlog: Option<u64>,
}

impl PauseReasons {
    /// Whether the partition is fetched.
    pub(super) const fn is_empty(&self) -> bool {
        !self.halted && self.backlog.is_none()
    }
}
