//! The partitions as the engine sees them, from their assignment to their revocation.

use std::sync::Arc;

use super::chain::Chain;
use crate::listener::commit::{OffsetTracker, PartitionNo, Progress};

/// The assigned partitions by their number.
#[derive(Debug)]
pub(super) struct Partitions {
    table: Vec<Partition>,
    /// Those whose progress has changed since it was published last.
    changed: Vec<PartitionNo>,
    /// Longest distance between the lowest unfinished record and the newest one.
    max_span: u64,
}

/// One assignment of one partition. Its state does not outlive the assignment.
#[derive(Debug)]
pub(super) struct Partition {
    state: PartitionState,
    pub(super) tracker: OffsetTracker,
    /// Records that arrived while the tracker was full.
    pub(super) overflow: Chain,
    progress: Arc<Progress>,
    /// Records that have left the engine.
    departed: u64,
    is_changed: bool,
}

/// The treatment of a partition's records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PartitionState {
    /// They are started.
    Active,
    /// A failed record holds the partition: what runs may end, nothing is started.
    Halted,
    /// The partition is being revoked: what runs may end, nothing is started.
    Draining,
    /// The partition is not this consumer's.
    Revoked,
}

impl Partitions {
    pub(super) fn new(max_span: u64) -> Self {
        Self {
            table: Vec::new(),
            changed: Vec::new(),
            max_span,
        }
    }

    /// Begins an assignment under a number that no record in the engine carries.
    pub(super) fn assign(&mut self, number: PartitionNo, progress: Arc<Progress>) {
        let index = usize::from(number);
        // Numbers are small and used again, so a table by number has few empty places and needs no
        // hashing for each record.
        while self.table.len() <= index {
            let unassigned = Partition {
                state: PartitionState::Revoked,
                ..Partition::assigned(Progress::new(), self.max_span)
            };
            self.table.push(unassigned);
        }
        *self.at_mut(number) = Partition::assigned(progress, self.max_span);
    }

    /// Counts a record that has left the engine.
    pub(super) fn count_departed(&mut self, number: PartitionNo) {
        let partition = self.at_mut(number);
        partition.departed += 1;
        if !std::mem::replace(&mut partition.is_changed, true) {
            self.changed.push(number);
        }
    }

    /// Shows the poll thread what has changed.
    pub(super) fn publish(&mut self) {
        while let Some(number) = self.changed.pop() {
            self.at_mut(number).publish();
        }
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "a record is only sent after its partition was assigned"
    )]
    pub(super) fn at(&self, number: PartitionNo) -> &Partition {
        &self.table[usize::from(number)]
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "a record is only sent after its partition was assigned"
    )]
    pub(super) fn at_mut(&mut self, number: PartitionNo) -> &mut Partition {
        &mut self.table[usize::from(number)]
    }

    #[cfg(test)]
    pub(super) fn set_max_span(&mut self, max_span: u64) {
        self.max_span = max_span;
    }
}

impl Partition {
    fn assigned(progress: Arc<Progress>, max_span: u64) -> Self {
        Self {
            state: PartitionState::Active,
            tracker: OffsetTracker::new(max_span),
            overflow: Chain::default(),
            progress,
            departed: 0,
            is_changed: false,
        }
    }

    /// Whether its records are started.
    pub(super) fn is_active(&self) -> bool {
        self.state == PartitionState::Active
    }

    /// Whether its next record has to wait until the tracker has room, or behind one that does.
    pub(super) fn overflows(&self) -> bool {
        self.is_active() && (self.tracker.is_full() || !self.overflow.is_empty())
    }

    /// Starts nothing of it any more, since a record has failed for good.
    pub(super) fn halt(&mut self) {
        // A partition that is being revoked goes on with that: a new owner starts at the record.
        if self.state == PartitionState::Active {
            self.state = PartitionState::Halted;
            self.progress.halt();
        }
    }

    /// Starts nothing of it any more, since it is being revoked.
    pub(super) fn drain(&mut self) {
        self.state = PartitionState::Draining;
    }

    /// Ends the assignment, with a last publication of its progress.
    pub(super) fn release(&mut self) {
        self.state = PartitionState::Revoked;
        self.publish();
        self.progress.release();
    }

    fn publish(&mut self) {
        self.is_changed = false;
        self.progress.publish(self.tracker.commit(), self.departed);
    }
}
