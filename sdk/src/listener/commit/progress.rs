//! The engine's account of a partition for the poll thread, without a lock.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

use crate::types::Offset;

/// The progress of one assigned partition. The engine writes it once per turn, the poll thread
/// reads it.
///
/// Every assignment gets a new one, so that what a late engine writes into an old one has no
/// effect.
#[derive(Debug)]
pub(in crate::listener) struct Progress {
    /// The next offset to read; negative until a record has finished.
    commit: AtomicI64,
    /// Records that have left the engine: finished, given up, or discarded unstarted.
    departed: AtomicU64,
    halted: AtomicBool,
    released: AtomicBool,
}

impl Progress {
    pub(in crate::listener) fn new() -> Arc<Self> {
        Arc::new(Self {
            commit: AtomicI64::new(-1),
            departed: AtomicU64::new(0),
            halted: AtomicBool::new(false),
            released: AtomicBool::new(false),
        })
    }

    /// Returns the offset to commit, or `None` until a record has finished.
    pub(in crate::listener) fn commit(&self) -> Option<Offset> {
        let commit = self.commit.load(Ordering::Acquire);
        (commit >= 0).then_some(Offset(commit))
    }

    /// Returns how many of its records have left the engine.
    pub(in crate::listener) fn departed(&self) -> u64 {
        self.departed.load(Ordering::Acquire)
    }

    /// Whether the partition waits at a failed record.
    pub(in crate::listener) fn is_halted(&self) -> bool {
        self.halted.load(Ordering::Acquire)
    }

    /// Whether the engine has released the partition: its commit will not move again.
    pub(in crate::listener) fn is_released(&self) -> bool {
        self.released.load(Ordering::Acquire)
    }

    pub(in crate::listener) fn publish(&self, commit: Option<Offset>, departed: u64) {
        if let Some(Offset(next)) = commit {
            self.commit.store(next, Ordering::Release);
        }
        self.departed.store(departed, Ordering::Release);
    }

    pub(in crate::listener) fn halt(&self) {
        self.halted.store(true, Ordering::Release);
    }

    pub(in crate::listener) fn release(&self) {
        self.released.store(true, Ordering::Release);
    }
}
