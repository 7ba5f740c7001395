//! A count of what may be there at once.

use std::sync::{Condvar, Mutex, PoisonError};

/// So many permits; who wants one more waits.
#[derive(Debug)]
pub(super) struct Permits {
    /// The number that is left. Held for a moment.
    left: Mutex<usize>,
    returned: Condvar,
}

/// The permission to have one. Dropping it gives it back.
#[derive(Debug)]
#[must_use]
pub(super) struct Permit<'a>(&'a Permits);

impl Permits {
    pub(super) const fn new(count: usize) -> Self {
        Self {
            left: Mutex::new(count),
            returned: Condvar::new(),
        }
    }

    /// Takes one, and blocks until there is one.
    pub(super) fn take(&self) -> Permit<'_> {
        let left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.returned.wait_while(left, |left| *left == 0);
        *waited.unwrap_or_else(PoisonError::into_inner) -= 1;
        Permit(self)
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        *self.0.left.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.returned.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn no_more_are_there_at_once_than_permitted() {
        let (permits, there) = (Permits::new(2), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| {
                    for _ in 0..100 {
                        let _permit = permits.take();
                        assert!(there.fetch_add(1, Ordering::SeqCst) < 2);
                        there.fetch_sub(1, Ordering::SeqCst);
                    }
                });
            }
        });
    }
}
