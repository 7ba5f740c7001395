//! The part that all threads and tasks of one listener share.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::command::{Command, CommandSender};
use super::health::{HealthReporter, ListenerState};
use crate::extract::ListenerId;
use crate::observe::listener_span;
use crate::runtime::Clock;
use crate::types::GroupId;

/// One listener, as its container, its consumers and its engines see it.
#[derive(Debug)]
pub(super) struct ListenerShared {
    pub(super) id: ListenerId,
    pub(super) clock: Clock,
    /// The reporter of the listener's health.
    pub(super) health: HealthReporter,
    /// Entered around each line that a part logs.
    pub(super) span: tracing::Span,
    is_stopping: AtomicBool,
    /// The channels to the consumers' threads. Guarded for a push or for sending to all.
    consumers: Mutex<Vec<CommandSender>>,
    /// When a stop no longer waits for running handlers. Guarded for a read or a write.
    stop_deadline: Mutex<Option<Instant>>,
    /// Consumers that have not been given their first share of the partitions.
    unassigned: AtomicUsize,
}

impl ListenerShared {
    /// A listener that will have that many consumers.
    pub(super) fn new(
        id: ListenerId,
        group: &GroupId,
        consumers: usize,
        clock: Clock,
    ) -> Arc<Self> {
        Arc::new(Self {
            health: HealthReporter::of(id.clone(), group, clock.clone()),
            span: listener_span(&id, group),
            id,
            clock,
            is_stopping: AtomicBool::new(false),
            consumers: Mutex::default(),
            stop_deadline: Mutex::default(),
            unassigned: AtomicUsize::new(consumers),
        })
    }

    /// Adds the channel to a consumer's thread. If the listener stops already, so does that thread.
    pub(super) fn add_consumer(&self, consumer: CommandSender) {
        let mut consumers = lock(&self.consumers);
        // Read under the lock: a stop that has not seen this consumer has set the flag before.
        if self.is_stopping() {
            consumer.send(Command::Stop);
        }
        consumers.push(consumer);
    }

    /// Tells all consumers to stop. A second call changes nothing.
    pub(super) fn stop(&self) {
        self.is_stopping.store(true, Ordering::Release);
        for consumer in lock(&self.consumers).iter() {
            consumer.send(Command::Stop);
        }
    }

    /// Whether the listener was told to stop.
    pub(super) fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Acquire)
    }

    /// Sets when a stop gives up waiting for running handlers.
    pub(super) fn set_stop_deadline(&self, deadline: Instant) {
        *lock(&self.stop_deadline) = Some(deadline);
    }

    /// Returns when a stop gives up waiting, or `None` if none was set: a listener that fails
    /// stops by itself.
    pub(super) fn stop_deadline(&self) -> Option<Instant> {
        *lock(&self.stop_deadline)
    }

    /// Notes that one more consumer has its first share of the partitions. The listener runs once
    /// all of them have.
    pub(super) fn consumer_is_assigned(&self) {
        if self.unassigned.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.health.enter(ListenerState::Running);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn shared(consumers: usize) -> Arc<ListenerShared> {
        let group = GroupId::new("orders").unwrap();
        ListenerShared::new(
            ListenerId::new("orders"),
            &group,
            consumers,
            Clock::system(),
        )
    }

    #[test]
    fn a_stop_reaches_consumers_that_are_there_and_those_that_come_later() {
        let shared = shared(2);
        let (before, after) = (mpsc::channel(), mpsc::channel());
        shared.add_consumer(CommandSender::new(before.0, std::thread::current()));
        assert!(before.1.try_recv().is_err() && !shared.is_stopping());
        shared.stop();
        assert_eq!(before.1.try_recv(), Ok(Command::Stop));
        shared.add_consumer(CommandSender::new(after.0, std::thread::current()));
        assert_eq!(after.1.try_recv(), Ok(Command::Stop));
    }

    #[test]
    fn a_listener_runs_once_each_consumer_has_its_first_share() {
        let shared = shared(2);
        shared.consumer_is_assigned();
        assert_eq!(shared.health.health().state, ListenerState::Starting);
        shared.consumer_is_assigned();
        assert_eq!(shared.health.health().state, ListenerState::Running);
    }
}
