//! Giving partitions back: nothing new is started, what runs may end until a deadline, and the rest
//! is cancelled.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::rebalance::Rebalancer;
use crate::listener::commit::Drain;
use crate::listener::engine::Message;
use crate::types::TopicPartition;

/// Time that a cancelled handler has to let go of its thread before the partition goes without it.
pub(crate) const CANCEL_TIMEOUT: Duration = Duration::from_secs(1);

/// Longest sleep while waiting. The engine unparks the thread when a drain is done; a stop with an
/// earlier deadline does not.
const MAX_PARK: Duration = Duration::from_millis(50);

/// The outcome of giving partitions back.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::listener) struct Drained {
    /// Running records that were cancelled.
    pub(in crate::listener) cancelled: usize,
    /// Whether the engine gave no answer: a handler blocks its thread.
    pub(in crate::listener) unanswered: bool,
}

impl Rebalancer {
    /// Gives partitions back within a revocation, where nothing else can be done meanwhile.
    pub(super) fn give_back(&self, partitions: &[TopicPartition], within: Duration) {
        let drains = self.begin_drain(partitions);
        let deadline = self.shared.clock.after(within);
        let drained = self.wait(&drains, deadline, &mut || ());
        if drained.cancelled > 0 || drained.unanswered {
            tracing::warn!(
                cancelled = drained.cancelled,
                a_handler_blocks = drained.unanswered,
                "partitions went before their running records ended; these will be delivered again"
            );
        }
    }

    /// Asks the engine to give back these partitions. Returns what to wait for: this request,
    /// earlier ones for partitions that are on their way already, and those for records from before
    /// a cut of the log that still run.
    pub(super) fn begin_drain(&self, partitions: &[TopicPartition]) -> Vec<Arc<Drain>> {
        let mut assignments = self.assignments();
        let mut drains = assignments.retired_drains(partitions);
        let mut fresh = Vec::new();
        let given = assignments.partitions.iter();
        for assigned in given.filter(|assigned| partitions.contains(&assigned.at)) {
            match &assigned.drain {
                Some(drain) if !drains.iter().any(|known| Arc::ptr_eq(known, drain)) => {
                    drains.push(drain.clone());
                }
                Some(_) => {}
                None => fresh.push(assigned.number),
            }
        }
        if !fresh.is_empty() {
            let drain = Drain::of(fresh);
            for assigned in &mut assignments.partitions {
                if drain.partitions.contains(&assigned.number) {
                    assigned.drain = Some(drain.clone());
                }
            }
            self.channel.post(Message::Drain(drain.clone()));
            drains.push(drain);
        }
        drains
    }

    /// Waits until nothing of these partitions runs any more, and cancels what does at the
    /// deadline. Calls `meanwhile` each time it wakes.
    pub(super) fn wait(
        &self,
        drains: &[Arc<Drain>],
        deadline: Instant,
        meanwhile: &mut dyn FnMut(),
    ) -> Drained {
        let is_done = || drains.iter().all(|drain| drain.is_done());
        loop {
            meanwhile();
            let now = self.shared.clock.now();
            // A stop that comes while a revocation waits may allow less time than that.
            let stop = self.shared.stop_deadline();
            let deadline = stop.map_or(deadline, |stop| stop.min(deadline));
            if is_done() || now >= deadline + CANCEL_TIMEOUT {
                break;
            }
            let until = if now < deadline {
                deadline
            } else {
                deadline + CANCEL_TIMEOUT
            };
            if now >= deadline {
                let asked = drains.iter().filter(|drain| drain.request_cancel()).count();
                if asked > 0 {
                    self.channel.notify();
                }
            }
            std::thread::park_timeout((until - now).min(MAX_PARK));
        }
        Drained {
            cancelled: drains.iter().map(|drain| drain.cancelled()).sum(),
            unanswered: !is_done(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::client::ConsumerHooks as _;
    use crate::listener::commit::{CommitPolicy, PartitionNo};
    use crate::listener::consumer::scripted::{at, starts};
    use crate::listener::engine::EngineChannel;
    use crate::listener::testing::shared;
    use crate::types::Offset;

    #[test]
    fn a_revocation_behind_a_cut_waits_for_what_runs_from_before_it() {
        let rebalancer = Rebalancer::new(
            shared(),
            EngineChannel::new(1),
            CommitPolicy::default(),
            Duration::ZERO,
        );
        rebalancer.assigned(&starts());
        let rewind = || {
            let channel = EngineChannel::new(1);
            rebalancer.assignments().rewind(0, Offset(3), &channel);
        };
        rewind();
        rewind();

        let drained = |partitions: &[TopicPartition]| {
            let drains = rebalancer.begin_drain(partitions);
            let numbers = drains.iter().flat_map(|drain| drain.partitions.clone());
            numbers.map(usize::from).collect::<BTreeSet<usize>>()
        };
        assert_eq!(drained(&[at(0)]), BTreeSet::from([0, 2, 3]));
        for old in &rebalancer.assignments().retired {
            old.offsets.progress().release();
        }
        assert_eq!(drained(&[at(0), at(1)]), BTreeSet::from([1, 3]));
    }

    #[test]
    fn a_revocation_waits_no_longer_than_a_stop_that_comes_meanwhile() {
        let (shared, within) = (shared(), Duration::from_secs(600));
        let rebalancer = Rebalancer::new(
            shared.clone(),
            EngineChannel::new(1),
            CommitPolicy::default(),
            within,
        );
        let mut rounds = 0;
        let mut told_to_stop = || {
            if shared.stop_deadline().is_none() {
                shared.set_stop_deadline(shared.clock.now());
            }
            rounds += 1;
            assert!(rounds < 500, "it still waits");
        };
        let ten_minutes = shared.clock.after(within);
        let drained = rebalancer.wait(
            &[Drain::of(vec![PartitionNo::from(0)])],
            ten_minutes,
            &mut told_to_stop,
        );
        assert!(drained.unanswered, "there is no engine to let go");
    }
}
