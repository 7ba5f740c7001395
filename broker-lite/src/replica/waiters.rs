//! Requests that wait for news of a partition.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// Notifiers of parked requests. The mutex guards the list; held to change it or to notify all of
/// it, which does not block.
#[derive(Debug, Default)]
pub(super) struct Waiters(Mutex<Vec<Arc<Notify>>>);

impl Waiters {
    pub(super) fn add(&self, waiter: &Arc<Notify>) {
        self.list().push(Arc::clone(waiter));
    }

    pub(super) fn wake(&self) {
        for waiter in self.list().iter() {
            // Stores a permit if the request is not waiting right now, so that a wake-up between
            // its check and its wait is not lost.
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

/// Keeps a notifier registered: it is notified of appended batches, of a moved start offset, and
/// when the partition is closed or deleted.
///
/// Register first, then check the partition, then await the notifier. In any other order, news
/// between the check and the registration is missed.
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
