//! The backlog: batches with records that the dispatcher has not looked at yet, oldest first.

use std::collections::VecDeque;

use super::ids::BatchId;

/// Batches in the order in which they arrived, and the position in the first of them.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    batches: VecDeque<BatchId>,
    /// Index of the first record of the front batch that was not looked at.
    next: usize,
}

impl Backlog {
    pub(super) fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    pub(super) fn push(&mut self, batch: BatchId) {
        self.batches.push_back(batch);
    }

    /// Returns the oldest batch and the index of the record to go on with.
    pub(super) fn front(&self) -> Option<(BatchId, usize)> {
        Some((*self.batches.front()?, self.next))
    }

    /// Notes that the scan of the front batch stopped in front of this record.
    pub(super) fn stop_at(&mut self, index: usize) {
        self.next = index;
    }

    /// Removes the front batch: all of its records were looked at.
    pub(super) fn pop(&mut self) {
        self.batches.pop_front();
        self.next = 0;
    }
}
