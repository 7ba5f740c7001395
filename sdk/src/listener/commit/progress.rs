//! What the engine tells the poll thread about a partition, without a lock.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

use crate::types::Offset;

/// How far one assigned partition is. The engine writes it once per turn, the poll thread reads it.
///
/// Every assignment gets a new one: what a late engine writes into an old one reaches nobody.
#[derive(Debug)]
pub(in crate::listener) struct Progress {
    /// The next offset to read; negative until a record has finished.
    commit: AtomicI64,
    /// Records that have left the engine: finished, given up, or discarded unstarted.
    left: AtomicU64,
    halted: AtomicBool,
    gone: AtomicBool,
}

impl Progress {
    pub(in crate::listener) fn new() -> Arc<Self> {
        Arc::new(Self {
            commit: AtomicI64::new(-1),
            left: AtomicU64::new(0),
            halted: AtomicBool::new(false),
            gone: AtomicBool::new(false),
        })
    }

    pub(in crate::listener) fn commit(&self) -> Option<Offset> {
        let commit = self.commit.load(Ordering::Acquire);
        (commit >= 0).then_some(Offset(commit))
    }

    /// How many of its records have left the engine.
    pub(in crate::listener) fn left(&self) -> u64 {
        self.left.load(Ordering::Acquire)
    }

    /// Whether the partition waits at a failed record.
    pub(in crate::listener) fn is_halted(&self) -> bool {
        self.halted.load(Ordering::Acquire)
    }

    /// Whether the engine has let go of the partition: its commit will not move again.
    pub(in crate::listener) fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Acquire)
    }

    pub(in crate::listener) fn publish(&self, commit: Option<Offset>, left: u64) {
        if let Some(Offset(next)) = commit {
            self.commit.store(next, Ordering::Release);
        }
        self.left.store(left, Ordering::Release);
    }

    pub(in crate::listener) fn halt(&self) {
        self.halted.store(true, Ordering::Release);
    }

    pub(in crate::listener) fn let_go(&self) {
        self.gone.store(true, Ordering::Release);
    }
}
