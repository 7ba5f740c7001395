//! The channel between the poll thread and the engine's task.
//!
//! The poll thread posts what it wants done, in order. The engine reports what has left it, gives
//! memory back, and unparks the thread when that waits for room in the budget.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Waker};
use std::thread::Thread;

use super::recycling::{Recycling, SpareBatch};
use super::wakers::Wakers;
use crate::client::RecordBatch;
use crate::listener::commit::{Drain, PartitionNo, Progress};
use crate::listener::dispatch::{PolledBatch, Released, SlotId};

/// Messages of the poll thread to the engine. The order matters: records follow their assignment.
#[derive(Debug)]
pub(in crate::listener) enum Message {
    /// A partition is assigned under this number.
    Assigned {
        number: PartitionNo,
        progress: Arc<Progress>,
    },
    /// Records of assigned partitions.
    Records(PolledBatch<Arc<RecordBatch>>),
    /// Partitions are to be given back.
    Drain(Arc<Drain>),
    /// Nothing follows.
    End,
}

/// Connects one poll thread with one engine.
#[derive(Debug)]
pub(in crate::listener) struct EngineChannel {
    /// The messages that the engine has not taken. Held for a push or a swap. Bounded by the
    /// budget, which counts every record in it.
    messages: Mutex<VecDeque<Message>>,
    /// The number of messages, so that a turn without any takes no lock.
    waiting: AtomicUsize,
    wakers: Arc<Wakers>,
    released_records: AtomicU64,
    released_bytes: AtomicU64,
    idle_slots: AtomicUsize,
    /// Whether the poll thread waits for room in the budget.
    is_starved: AtomicBool,
    poll_thread: OnceLock<Thread>,
    recycling: Recycling,
}

impl EngineChannel {
    pub(in crate::listener) fn new(slots: usize) -> Arc<Self> {
        Arc::new(Self {
            messages: Mutex::default(),
            waiting: AtomicUsize::new(0),
            wakers: Wakers::new(slots),
            released_records: AtomicU64::new(0),
            released_bytes: AtomicU64::new(0),
            idle_slots: AtomicUsize::new(0),
            is_starved: AtomicBool::new(false),
            poll_thread: OnceLock::new(),
            recycling: Recycling::default(),
        })
    }

    /// Returns a waker for the future in each slot.
    pub(in crate::listener) fn wakers(&self, slots: usize) -> impl Iterator<Item = Waker> {
        self.wakers.of_slots(slots)
    }
}

/// The poll thread's side.
impl EngineChannel {
    /// Makes the calling thread the one that is unparked when there is room again.
    pub(in crate::listener) fn polled_by_this_thread(&self) {
        self.poll_thread.get_or_init(std::thread::current);
    }

    /// Sends a message and wakes the engine.
    pub(in crate::listener) fn post(&self, message: Message) {
        self.lock_messages().push_back(message);
        self.waiting.fetch_add(1, Ordering::AcqRel);
        self.notify();
    }

    /// Returns all that has left the engine since it began.
    pub(in crate::listener) fn released(&self) -> Released {
        Released {
            records: self.released_records.load(Ordering::SeqCst),
            bytes: self.released_bytes.load(Ordering::Acquire),
        }
    }

    /// Returns the number of slots that had nothing to run after the last turn.
    pub(in crate::listener) fn idle_slots(&self) -> usize {
        self.idle_slots.load(Ordering::Acquire)
    }

    /// Asks to be unparked when the next record leaves.
    ///
    /// Records that left before this wake nobody. So look at [`released`](Self::released) once more
    /// between this and parking.
    pub(in crate::listener) fn starve(&self) {
        self.is_starved.store(true, Ordering::SeqCst);
    }

    /// Returns an empty batch to be filled.
    pub(in crate::listener) fn spare_batch(&self) -> SpareBatch {
        self.recycling.take()
    }

    /// Gives an empty batch back that was not needed.
    pub(in crate::listener) fn keep(&self, spare: SpareBatch) {
        self.recycling.keep(spare);
    }

    /// Wakes the engine's task.
    pub(in crate::listener) fn notify(&self) {
        self.wakers.notify();
    }
}

/// The engine's side.
impl EngineChannel {
    /// Begins a turn: whatever happens from here on wakes the task again.
    pub(super) fn begin_turn(&self, context: &Context<'_>) {
        self.wakers.begin_turn(context);
    }

    /// Moves all messages to the end of `into`.
    pub(in crate::listener) fn take(&self, into: &mut VecDeque<Message>) {
        if self.waiting.load(Ordering::Acquire) == 0 {
            return;
        }
        let mut messages = self.lock_messages();
        self.waiting.fetch_sub(messages.len(), Ordering::AcqRel);
        into.append(&mut messages);
    }

    /// Returns the slots that were woken.
    pub(super) fn take_woken(&self) -> impl Iterator<Item = SlotId> {
        self.wakers.take_woken()
    }

    /// Reports what has left the engine in a turn, and unparks the poll thread if it waits for it.
    pub(super) fn end_turn(&self, released: Released, idle_slots: usize) {
        self.idle_slots.store(idle_slots, Ordering::Release);
        if released.records == 0 {
            return;
        }
        self.released_bytes
            .fetch_add(released.bytes, Ordering::AcqRel);
        // Sequentially consistent, as is `starve`: either this sees that the thread is starved, or
        // the thread sees what was released before it parks.
        self.released_records
            .fetch_add(released.records, Ordering::SeqCst);
        if self.is_starved.load(Ordering::SeqCst)
            && self.is_starved.swap(false, Ordering::SeqCst)
            && let Some(thread) = self.poll_thread.get()
        {
            thread.unpark();
        }
    }

    /// Gives the memory of a batch back whose records have all left.
    pub(super) fn recycle(&self, spent: PolledBatch<Arc<RecordBatch>>) {
        self.recycling.recycle(spent);
    }

    fn lock_messages(&self) -> MutexGuard<'_, VecDeque<Message>> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
