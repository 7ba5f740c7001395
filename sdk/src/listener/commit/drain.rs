//! The exchange between the poll thread and the engine about partitions that are given back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::Thread;

use super::partition_no::PartitionNo;

/// Partitions that are being given back. The engine starts nothing new of them and reports when the
/// last running record has ended. The poll thread says when it stops waiting.
#[derive(Debug)]
pub(in crate::listener) struct Drain {
    /// The numbers of the partitions.
    pub(in crate::listener) partitions: Vec<PartitionNo>,
    /// Running records of these partitions; [`Drain::UNSEEN`] until the engine has seen the
    /// request.
    running: AtomicUsize,
    cancelled: AtomicUsize,
    cancel: AtomicBool,
    waiter: Thread,
}

impl Drain {
    const UNSEEN: usize = usize::MAX;

    /// Returns a request of the calling thread, which is unparked once it is fulfilled.
    pub(in crate::listener) fn of(partitions: Vec<PartitionNo>) -> Arc<Self> {
        Arc::new(Self {
            partitions,
            running: AtomicUsize::new(Self::UNSEEN),
            cancelled: AtomicUsize::new(0),
            cancel: AtomicBool::new(false),
            waiter: std::thread::current(),
        })
    }

    /// Whether nothing of these partitions runs any more and the last commit is published.
    pub(in crate::listener) fn is_done(&self) -> bool {
        self.running.load(Ordering::Acquire) == 0
    }

    /// Returns how many running records were cancelled.
    pub(in crate::listener) fn cancelled(&self) -> usize {
        self.cancelled.load(Ordering::Acquire)
    }

    /// Asks the engine to drop what still runs. Returns `false` if that was asked before.
    pub(in crate::listener) fn request_cancel(&self) -> bool {
        !self.cancel.swap(true, Ordering::AcqRel)
    }

    pub(in crate::listener) fn is_cancel_requested(&self) -> bool {
        self.cancel.load(Ordering::Acquire)
    }

    pub(in crate::listener) fn note_cancelled(&self) {
        self.cancelled.fetch_add(1, Ordering::AcqRel);
    }

    /// Reports how many records still run.
    pub(in crate::listener) fn report(&self, running: usize) {
        if self.running.swap(running, Ordering::AcqRel) != running && running == 0 {
            self.waiter.unpark();
        }
    }
}
