//! Who wants to hear when something happens to a partition.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// Notifiers of parked requests. The mutex guards the list and is held to copy or change it only.
#[derive(Debug, Default)]
pub(super) struct Waiters(Mutex<Vec<Arc<Notify>>>);

impl Waiters {
    pub(super) fn add(&self, waiter: &Arc<Notify>) {
        self.list().push(Arc::clone(waiter));
    }

    pub(super) fn wake(&self) {
        for waiter in self.list().iter() {
            // One permit, kept if nobody awaits it right now: a wake-up between two checks is not
            // lost.
            waiter.notify_one();
        }
    }

    fn remove(&self, waiter: &Arc<Notify>) {
        let mut list = self.list();
        if let Some(place) = list.iter().position(|other| Arc::ptr_eq(other, waiter)) {
            list.swap_remove(place);
        }
    }

    fn list(&self) -> MutexGuard<'_, Vec<Arc<Notify>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// While this lives its notifier hears of appended batches, moved start offsets, closing and
/// deletion.
///
/// Register first, then look at the partition, then await the notifier: nothing can slip in
/// between.
#[derive(Debug)]
#[must_use = "dropping it ends the registration"]
pub(crate) struct Registration {
    waiters: Arc<Waiters>,
    waiter: Arc<Notify>,
}

impl Registration {
    pub(super) fn new(waiters: &Arc<Waiters>, waiter: &Arc<Notify>) -> Self {
        waiters.add(waiter);
        Self {
            waiters: Arc::clone(waiters),
            waiter: Arc::clone(waiter),
        }
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.waiters.remove(&self.waiter);
    }
}
