//! Between the poll thread and the engine's task: one box each way.
//!
//! The poll thread posts what it wants done, in order; the engine gives back room in the budget,
//! and wakes the thread when it waits for it. Wakers of running handlers set a bit here and wake
//! the task once.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Wake, Waker};
use std::thread::Thread;

use futures::task::AtomicWaker;

use crate::client::{RecordBatch, RecordBatchBuilder};
use crate::listener::commit::{Drain, PartitionNo, Progress};
use crate::listener::dispatch::{PolledBatch, RecordMeta, Released, SlotId};

/// What the poll thread wants of the engine. Order matters: records follow their assignment.
#[derive(Debug)]
pub(in crate::listener) enum Message {
    Assigned {
        number: PartitionNo,
        progress: Arc<Progress>,
    },
    Records(PolledBatch<Arc<RecordBatch>>),
    Drain(Arc<Drain>),
    /// Nothing will come any more.
    End,
}

/// A parcel to be filled.
#[derive(Debug, Default)]
pub(in crate::listener) struct Blank {
    pub(in crate::listener) batch: RecordBatchBuilder,
    pub(in crate::listener) records: Vec<RecordMeta>,
}

impl Blank {
    /// As many as are under way when small records fill the default budget.
    const KEPT: usize = 16;

    /// Memory beyond this is given back to the system, in bytes.
    const LARGEST: usize = 4 << 20;
}

#[derive(Debug)]
pub(in crate::listener) struct Mailbox {
    /// Guards the messages that the engine has not taken. Held for a push or a swap. Bounded by
    /// the budget: every record in it has been paid for.
    messages: Mutex<VecDeque<Message>>,
    waiting: AtomicUsize,
    /// One bit per slot whose future was woken.
    woken: Box<[AtomicU64]>,
    /// The engine's task was woken and has not begun its turn.
    notified: AtomicBool,
    task: AtomicWaker,
    released_records: AtomicU64,
    released_bytes: AtomicU64,
    idle_slots: AtomicUsize,
    /// The poll thread waits for room in the budget.
    starved: AtomicBool,
    poller: OnceLock<Thread>,
    /// Guards used memory on its way back to the poll thread.
    blanks: Mutex<Vec<Blank>>,
}

impl Mailbox {
    pub(in crate::listener) fn new(slots: usize) -> Arc<Self> {
        Arc::new(Self {
            messages: Mutex::default(),
            waiting: AtomicUsize::new(0),
            woken: (0..slots.div_ceil(64)).map(|_| AtomicU64::new(0)).collect(),
            notified: AtomicBool::new(false),
            task: AtomicWaker::new(),
            released_records: AtomicU64::new(0),
            released_bytes: AtomicU64::new(0),
            idle_slots: AtomicUsize::new(0),
            starved: AtomicBool::new(false),
            poller: OnceLock::new(),
            blanks: Mutex::default(),
        })
    }

    // The poll thread's side.

    /// The calling thread is the one to wake when there is room again.
    pub(in crate::listener) fn polled_by_this_thread(&self) {
        self.poller.get_or_init(std::thread::current);
    }

    pub(in crate::listener) fn post(&self, message: Message) {
        lock(&self.messages).push_back(message);
        self.waiting.fetch_add(1, Ordering::AcqRel);
        self.notify();
    }

    /// All that has left the engine since it began.
    pub(in crate::listener) fn released(&self) -> Released {
        Released {
            records: self.released_records.load(Ordering::Acquire),
            bytes: self.released_bytes.load(Ordering::Acquire),
        }
    }

    /// Slots that had nothing to run after the last turn.
    pub(in crate::listener) fn idle_slots(&self) -> usize {
        self.idle_slots.load(Ordering::Acquire)
    }

    /// Asks to be unparked when the next record leaves. Look at [`released`](Self::released) again
    /// after this and before parking.
    pub(in crate::listener) fn starve(&self) {
        self.starved.store(true, Ordering::SeqCst);
    }

    /// An empty parcel, in memory that was used before if there is some: what was used last is
    /// still in the processor's cache.
    pub(in crate::listener) fn blank(&self) -> Blank {
        lock(&self.blanks).pop().unwrap_or_default()
    }

    /// Gives an empty parcel back that was not needed.
    pub(in crate::listener) fn keep(&self, blank: Blank) {
        let mut blanks = lock(&self.blanks);
        if blanks.len() < Blank::KEPT && blank.batch.capacity() <= Blank::LARGEST {
            blanks.push(blank);
        }
    }

    /// Wakes the engine's task.
    pub(in crate::listener) fn notify(&self) {
        if !self.notified.swap(true, Ordering::AcqRel) {
            self.task.wake();
        }
    }

    // The engine's side.

    /// To be called first in a turn: what happens from here on wakes the task again.
    pub(in crate::listener) fn begin_turn(&self, context: &Context<'_>) {
        self.task.register(context.waker());
        self.notified.store(false, Ordering::SeqCst);
    }

    /// Moves all messages to the end of `into`.
    pub(in crate::listener) fn take(&self, into: &mut VecDeque<Message>) {
        if self.waiting.load(Ordering::Acquire) == 0 {
            return;
        }
        let mut messages = lock(&self.messages);
        self.waiting.fetch_sub(messages.len(), Ordering::AcqRel);
        into.append(&mut messages);
    }

    /// The slots whose bits are set, lowest first; a bit is cleared when its slot is handed out.
    pub(in crate::listener) fn take_woken(&self) -> impl Iterator<Item = SlotId> {
        self.woken.iter().enumerate().flat_map(|(word, bits)| {
            std::iter::from_fn(move || {
                let set = bits.load(Ordering::Acquire);
                if set == 0 {
                    return None;
                }
                let lowest = set & set.wrapping_neg();
                bits.fetch_and(!lowest, Ordering::AcqRel);
                let bit = usize::try_from(lowest.trailing_zeros()).unwrap_or_default();
                Some(SlotId::from(word * 64 + bit))
            })
        })
    }

    /// Says what a turn has brought, and wakes the poll thread if it waits for that.
    pub(in crate::listener) fn end_turn(&self, released: Released, idle_slots: usize) {
        self.idle_slots.store(idle_slots, Ordering::Release);
        if released.records == 0 {
            return;
        }
        self.released_bytes
            .fetch_add(released.bytes, Ordering::AcqRel);
        self.released_records
            .fetch_add(released.records, Ordering::SeqCst);
        if self.starved.load(Ordering::SeqCst)
            && self.starved.swap(false, Ordering::SeqCst)
            && let Some(thread) = self.poller.get()
        {
            thread.unpark();
        }
    }

    /// Gives back the memory of a parcel, unless a handler still shares some of it.
    pub(in crate::listener) fn give_back(&self, polled: PolledBatch<Arc<RecordBatch>>) {
        let PolledBatch { batch, mut records } = polled;
        if let Some(batch) = batch.recycle() {
            records.clear();
            self.keep(Blank { batch, records });
        }
    }

    /// A waker for the future in each slot.
    pub(in crate::listener) fn wakers(
        self: &Arc<Self>,
        slots: usize,
    ) -> impl Iterator<Item = Waker> {
        (0..slots).map(|slot| {
            Waker::from(Arc::new(SlotWaker {
                mailbox: self.clone(),
                slot,
            }))
        })
    }
}

/// Marks its slot and wakes the task. It may outlive the record it was made for: then the slot's
/// next record is polled once for nothing.
struct SlotWaker {
    mailbox: Arc<Mailbox>,
    slot: usize,
}

impl Wake for SlotWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if let Some(word) = self.mailbox.woken.get(self.slot / 64) {
            word.fetch_or(1 << (self.slot % 64), Ordering::AcqRel);
        }
        self.mailbox.notify();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
