//! Tasks with an owner, which stops them and waits for them.
//!
//! The owner holds [`Tasks`], each task a [`Shutdown`]. A task is over when it has dropped its
//! `Shutdown`, so stopping means to send the signal and to wait until no `Shutdown` is left.

use std::future::Future;

use tokio::runtime::Handle;
use tokio::sync::watch;

/// The tasks of one owner.
#[derive(Debug)]
pub(crate) struct Tasks {
    runtime: Handle,
    stopping: watch::Sender<bool>,
}

impl Tasks {
    /// Creates an owner whose tasks run on `runtime`.
    pub(crate) fn new(runtime: Handle) -> Self {
        Self {
            runtime,
            stopping: watch::Sender::new(false),
        }
    }

    /// Starts a task. It gets a shutdown signal and must end soon after it.
    pub(crate) fn spawn<F>(&self, task: impl FnOnce(Shutdown) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let shutdown = self.shutdown();
        let held = self.shutdown();
        let task = task(shutdown);
        self.runtime.spawn(async move {
            task.await;
            drop(held);
        });
    }

    /// Returns a signal for work that is not a task of its own.
    pub(crate) fn shutdown(&self) -> Shutdown {
        Shutdown {
            stopping: self.stopping.subscribe(),
        }
    }

    /// Tells every task to end, without waiting.
    pub(crate) fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Tells every task to end and waits until all have.
    ///
    /// There is no deadline, so a task that is stuck blocks this.
    pub(crate) async fn stopped(&self) {
        self.stop();
        self.stopping.closed().await;
    }
}

/// Tells a task that its owner is stopping.
#[derive(Debug, Clone)]
pub(crate) struct Shutdown {
    stopping: watch::Receiver<bool>,
}

impl Shutdown {
    /// Returns once the owner is stopping, or gone.
    ///
    /// # Cancel safety
    /// Nothing is lost: the signal stays set.
    pub(crate) async fn requested(&mut self) {
        // An owner that is gone counts as stopping.
        drop(self.stopping.wait_for(|stopping| *stopping).await);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn stopping_waits_for_every_task() {
        let tasks = Tasks::new(Handle::current());
        let ended = Arc::new(AtomicU32::new(0));
        for _ in 0..3 {
            let ended = Arc::clone(&ended);
            tasks.spawn(|mut shutdown| async move {
                shutdown.requested().await;
                tokio::task::yield_now().await;
                ended.fetch_add(1, Ordering::SeqCst);
            });
        }
        tasks.stopped().await;
        assert_eq!(ended.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn a_task_hears_that_its_owner_is_gone() {
        let tasks = Tasks::new(Handle::current());
        let mut shutdown = tasks.shutdown();
        drop(tasks);
        shutdown.requested().await;
    }
}
