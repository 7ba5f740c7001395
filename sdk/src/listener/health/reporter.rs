//! The reporter to which the parts of a listener tell events.

use std::sync::OnceLock;

use tokio::sync::watch;

use super::state::{FailedAttempt, HaltedPartition, ListenerHealth, ListenerState, TruncatedLog};
use crate::client::{
    AfterFatal, Complaint, Problem, ProblemKind, ProblemSubject, Scope, TroubleLog,
};
use crate::extract::ListenerId;
use crate::runtime::Clock;
use crate::types::{GroupId, TopicPartition};

/// Keeps the health of a listener. Everyone who watches it sees the latest one.
#[derive(Debug)]
pub(in crate::listener) struct HealthReporter {
    pub(super) health: watch::Sender<ListenerHealth>,
    /// The trouble that all its consumers have with brokers.
    pub(super) trouble: TroubleLog,
    /// Whether another client may take over, once one has failed for good.
    after_fatal: OnceLock<AfterFatal>,
}

impl HealthReporter {
    /// Creates the reporter of a listener without a group, for tests.
    #[cfg(test)]
    pub(in crate::listener) fn new(id: ListenerId) -> Self {
        let trouble = TroubleLog::of_listener(&id, &id, Clock::system());
        Self::with_trouble(id, trouble)
    }

    pub(in crate::listener) fn of(id: ListenerId, group: &GroupId, clock: Clock) -> Self {
        let trouble = TroubleLog::of_listener(&id, group, clock);
        Self::with_trouble(id, trouble)
    }

    fn with_trouble(id: ListenerId, trouble: TroubleLog) -> Self {
        let health = ListenerHealth {
            id,
            state: ListenerState::Starting,
            partitions: Vec::new(),
            halted: Vec::new(),
            truncated: Vec::new(),
            problems: Vec::new(),
            last_failure: None,
        };
        Self {
            health: watch::Sender::new(health),
            trouble,
            after_fatal: OnceLock::new(),
        }
    }

    pub(in crate::listener) fn health(&self) -> ListenerHealth {
        self.health.borrow().clone()
    }

    pub(in crate::listener) fn watch(&self) -> watch::Receiver<ListenerHealth> {
        self.health.subscribe()
    }

    /// Enters a state, unless the listener has failed or stopped, which is final.
    ///
    /// Returns whether the state has changed.
    pub(in crate::listener) fn enter(&self, state: ListenerState) -> bool {
        self.health.send_if_modified(|health| {
            let has_ended = matches!(
                health.state,
                ListenerState::Failed { .. } | ListenerState::Stopped
            );
            // A share that arrives while the listener is stopping does not start it again.
            let goes_back =
                state == ListenerState::Running && health.state != ListenerState::Starting;
            if has_ended || goes_back || health.state == state {
                return false;
            }
            health.state = state;
            true
        })
    }

    /// Notes that a client of the listener has failed for good. The first one decides what follows.
    pub(in crate::listener) fn client_failed(&self, reason: String, then: AfterFatal) {
        self.after_fatal.get_or_init(|| then);
        self.enter(ListenerState::Failed { reason });
    }

    /// Returns whether another client may take over, if one has failed for good.
    pub(in crate::listener) fn after_fatal(&self) -> Option<AfterFatal> {
        self.after_fatal.get().copied()
    }

    /// Notes what a consumer says about brokers.
    pub(in crate::listener) fn complain(&self, complaint: Complaint) {
        let (scope, reason) = self.trouble.complain(complaint);
        // With one broker of several out of reach, the client goes on with the others.
        if scope == Scope::All {
            let subject = ProblemSubject::Cluster;
            self.problem(Problem::new(ProblemKind::Unreachable, subject, reason));
        }
    }

    /// Logs what is due of the trouble with brokers, unless the listener is about to leave them.
    pub(in crate::listener) fn tick(&self) {
        let matters = matches!(
            self.health.borrow().state,
            ListenerState::Starting | ListenerState::Running
        );
        self.trouble.tick(matters);
    }

    /// Notes that a consumer of the listener was given these partitions.
    pub(in crate::listener) fn assigned(&self, partitions: &[TopicPartition]) {
        self.trouble.answered();
        self.health.send_modify(|health| {
            health.partitions.extend_from_slice(partitions);
            health.partitions.sort();
            health.partitions.dedup();
            health.admitted();
        });
    }

    /// Forgets these partitions: from now on their next owner reports about them.
    pub(in crate::listener) fn revoked(&self, partitions: &[TopicPartition]) {
        self.health.send_modify(|health| {
            health
                .partitions
                .retain(|partition| !partitions.contains(partition));
            health
                .halted
                .retain(|halted| !partitions.contains(&halted.partition));
            health
                .truncated
                .retain(|cut| !partitions.contains(&cut.partition));
            health.forget_problems_of(partitions);
        });
    }

    /// Notes an attempt that failed. It wakes no watcher, since it changes nothing about the
    /// listener.
    pub(in crate::listener) fn failed(&self, failure: FailedAttempt) {
        self.health.send_if_modified(|health| {
            health.last_failure = Some(failure);
            false
        });
    }

    /// Notes that the log of a partition was cut, in the place of an earlier cut.
    pub(in crate::listener) fn truncated(&self, cut: TruncatedLog) {
        self.health.send_modify(|health| {
            health
                .truncated
                .retain(|known| known.partition != cut.partition);
            health.truncated.push(cut);
        });
    }

    /// Notes that a partition waits at a record. Of several records the first one is shown.
    pub(in crate::listener) fn halted(&self, halted: HaltedPartition) {
        self.health.send_modify(|health| {
            let known = health
                .halted
                .iter_mut()
                .find(|known| known.partition == halted.partition);
            match known {
                Some(known) if known.offset <= halted.offset => {}
                Some(known) => *known = halted,
                None => health.halted.push(halted),
            }
        });
    }
}
