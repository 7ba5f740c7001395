//! A partition as the engine sees it, from its assignment to its revocation.

use std::sync::Arc;

use super::lane::Chain;
use crate::listener::commit::{OffsetTracker, Progress};

/// One assignment of one partition. State does not outlive it.
#[derive(Debug)]
pub(super) struct Partition {
    pub(super) state: PartitionState,
    pub(super) tracker: OffsetTracker,
    /// Records that came while the tracker was full.
    pub(super) overflow: Chain,
    pub(super) progress: Arc<Progress>,
    /// Records that have left the engine.
    pub(super) left: u64,
    /// Something moved since the last publication.
    pub(super) dirty: bool,
}

/// What becomes of a partition's records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PartitionState {
    /// They run.
    Active,
    /// It waits at a failed record: nothing of it is started any more.
    Halted,
    /// It is being given back: what runs may end, nothing is started.
    Draining,
    /// It was given back.
    Gone,
}

impl Partition {
    pub(super) fn assigned(progress: Arc<Progress>, span: u64) -> Self {
        Self {
            state: PartitionState::Active,
            tracker: OffsetTracker::new(span),
            overflow: Chain::default(),
            progress,
            left: 0,
            dirty: false,
        }
    }

    /// Whether its records are started.
    pub(super) fn admits(&self) -> bool {
        self.state == PartitionState::Active
    }

    /// Tells the poll thread how far it is.
    pub(super) fn publish(&mut self) {
        self.dirty = false;
        self.progress.publish(self.tracker.commit(), self.left);
    }
}
