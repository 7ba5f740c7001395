//! Wakers of running handlers: they mark their slot, and wake the engine's task once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Wake, Waker};

use futures::task::AtomicWaker;

use crate::listener::dispatch::SlotId;

/// The slots that were woken, and the task that polls them.
#[derive(Debug)]
pub(super) struct Wakers {
    /// One bit per slot.
    woken: Box<[AtomicU64]>,
    /// Whether the task was woken and has not begun its turn. Until then it is not woken again.
    is_notified: AtomicBool,
    task: AtomicWaker,
}

/// The waker of one slot.
///
/// May outlive the record that it was made for. Then the slot's next record is polled once for
/// nothing.
struct SlotWaker {
    wakers: Arc<Wakers>,
    slot: usize,
}

impl Wakers {
    pub(super) fn new(slots: usize) -> Arc<Self> {
        Arc::new(Self {
            woken: (0..slots.div_ceil(64)).map(|_| AtomicU64::new(0)).collect(),
            is_notified: AtomicBool::new(false),
            task: AtomicWaker::new(),
        })
    }

    /// Returns a waker for each slot, to be made once and used for all records of the slot.
    pub(super) fn of_slots(self: &Arc<Self>, slots: usize) -> impl Iterator<Item = Waker> {
        (0..slots).map(|slot| {
            let wakers = Arc::clone(self);
            Waker::from(Arc::new(SlotWaker { wakers, slot }))
        })
    }

    /// Wakes the task, unless that was done since its last turn began.
    pub(super) fn notify(&self) {
        if !self.is_notified.swap(true, Ordering::AcqRel) {
            self.task.wake();
        }
    }

    /// Begins a turn: whatever happens from here on wakes the task again.
    pub(super) fn begin_turn(&self, context: &Context<'_>) {
        // In this order: a wake in between finds the new waker, and at worst costs an idle turn.
        self.task.register(context.waker());
        self.is_notified.store(false, Ordering::SeqCst);
    }

    /// Returns the woken slots, lowest first. The mark of a slot is removed when the slot is
    /// handed out, so what the caller does not take stays for the next turn.
    pub(super) fn take_woken(&self) -> impl Iterator<Item = SlotId> {
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
}

impl Wake for SlotWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // The mark comes first: a turn that begins in between sees it.
        if let Some(word) = self.wakers.woken.get(self.slot / 64) {
            word.fetch_or(1 << (self.slot % 64), Ordering::AcqRel);
        }
        self.wakers.notify();
    }
}
