//! Every spawned task has an owner, and the owner can tell all of them to end.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use super::{Clock, Shutdown, ShutdownTrigger};

/// The tasks of one owner. Dropping it aborts all that are left.
#[derive(Debug)]
pub struct Tasks {
    runtime: Handle,
    trigger: ShutdownTrigger,
    /// The tasks that have not ended. Held for an insertion or a removal only.
    running: Arc<Mutex<Registry>>,
    ended: Arc<tokio::sync::Notify>,
}

#[derive(Debug, Default)]
struct Registry {
    next_id: u64,
    tasks: Vec<Running>,
}

#[derive(Debug)]
struct Running {
    name: &'static str,
    id: u64,
    abort: AbortHandle,
}

/// The tasks that had to be aborted because they did not end in time, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leftover {
    /// One entry per aborted task.
    pub names: Vec<&'static str>,
}

impl Tasks {
    /// An owner whose tasks run on `runtime`.
    #[must_use]
    pub fn on(runtime: Handle) -> Self {
        Self {
            runtime,
            trigger: ShutdownTrigger::new(),
            running: Arc::default(),
            ended: Arc::default(),
        }
    }

    /// Spawns `task`. A panic in it is logged as an error and ends this task alone.
    ///
    /// A task that runs until it is told to end should watch [`Tasks::shutdown`].
    pub fn spawn<F>(&self, name: &'static str, task: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (running, ended) = (self.running.clone(), self.ended.clone());
        let mut registry = lock(&self.running);
        let id = registry.next_id;
        registry.next_id += 1;
        // Locked until the task is registered, so that one that ends at once finds its entry.
        let handle = self.runtime.spawn(async move {
            if AssertUnwindSafe(task).catch_unwind().await.is_err() {
                tracing::error!(task = name, "a background task panicked and has ended");
            }
            lock(&running).tasks.retain(|task| task.id != id);
            ended.notify_waiters();
        });
        registry.tasks.push(Running {
            name,
            id,
            abort: handle.abort_handle(),
        });
    }

    /// Returns the signal that [`Tasks::stop`] sends.
    #[must_use]
    pub fn shutdown(&self) -> Shutdown {
        self.trigger.subscribe()
    }

    /// Returns the number of tasks that have not ended.
    #[must_use]
    pub fn running(&self) -> usize {
        lock(&self.running).tasks.len()
    }

    /// Sends the signal, waits at most `within` for the tasks to end, and aborts the rest.
    ///
    /// # Cancel safety
    /// Dropping the future leaves the signal sent and the tasks running.
    pub async fn stop(&self, clock: &Clock, within: Duration) -> Leftover {
        self.trigger.trigger();
        let all_ended = async {
            loop {
                let ended = self.ended.notified();
                if self.running() == 0 {
                    return;
                }
                ended.await;
            }
        };
        if clock.timeout(within, all_ended).await.is_ok() {
            return Leftover::default();
        }
        let names = self.abort_all();
        tracing::warn!(
            ?names,
            ?within,
            "background tasks did not end in time and were aborted"
        );
        Leftover { names }
    }

    fn abort_all(&self) -> Vec<&'static str> {
        lock(&self.running)
            .tasks
            .drain(..)
            .map(|task| {
                task.abort.abort();
                task.name
            })
            .collect()
    }
}

impl Drop for Tasks {
    fn drop(&mut self) {
        self.abort_all();
    }
}

fn lock(registry: &Mutex<Registry>) -> MutexGuard<'_, Registry> {
    registry.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    const TIMEOUT: Duration = Duration::from_secs(10);

    #[tokio::test]
    async fn tasks_that_hear_the_signal_end_and_leave_nothing() {
        let tasks = Tasks::on(Handle::current());
        let shutdown = tasks.shutdown();
        tasks.spawn("listens", async move { shutdown.triggered().await });
        tasks.spawn("ends at once", async {});
        assert_eq!(
            tasks.stop(&Clock::system(), TIMEOUT).await,
            Leftover::default()
        );
        assert_eq!(tasks.running(), 0);
    }

    #[tokio::test]
    async fn a_deaf_task_is_aborted_and_named() {
        let tasks = Tasks::on(Handle::current());
        let (held, mut dropped) = tokio::sync::oneshot::channel::<()>();
        tasks.spawn("deaf", async move {
            let _held = held;
            pending::<()>().await;
        });
        let leftover = tasks.stop(&Clock::system(), Duration::from_millis(5)).await;
        assert_eq!(leftover.names, ["deaf"]);
        let gone = Clock::system()
            .timeout(TIMEOUT, &mut dropped)
            .await
            .expect("the task is dropped");
        assert!(gone.is_err());
    }

    #[tokio::test]
    async fn a_panic_ends_its_own_task_alone() {
        let tasks = Tasks::on(Handle::current());
        tasks.spawn("panics", async { panic!("on purpose") });
        let shutdown = tasks.shutdown();
        tasks.spawn("goes on", async move { shutdown.triggered().await });
        assert_eq!(
            tasks.stop(&Clock::system(), TIMEOUT).await,
            Leftover::default()
        );
    }
}
