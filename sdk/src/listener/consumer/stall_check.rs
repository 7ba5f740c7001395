//! Finds partitions that have records and deliver none.
//!
//! Some damage causes no error. A batch whose length is wrong looks to librdkafka like one that was
//! cut off at the size of its fetch: it fetches again, without an end. A broker whose log folder
//! has failed may report no error either. So if nothing comes from a partition for a while although
//! it has more records, its leader is asked, and if that agrees, the listener reports a problem.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::assignment::AssignedPartition;
use super::rebalance::Rebalancer;
use crate::client::{Ends, KnownEnd, Notice, Problem, ProblemKind};
use crate::types::{Offset, TopicPartition};

/// Longest time in which a partition with records may deliver none.
const STALL_TIMEOUT: Duration = Duration::from_secs(10);

/// Time between two checks of the client's own numbers. They cost no request.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// Longest wait for a leader's answer. Records wait meanwhile.
const ANSWER_TIMEOUT: Duration = Duration::from_millis(500);

/// Since when each partition has been at its position.
#[derive(Debug)]
pub(super) struct StallCheck {
    next: Instant,
    positions: HashMap<TopicPartition, Standstill>,
}

/// A position, and since when nothing has come from there.
#[derive(Clone, Copy, Debug)]
struct Standstill {
    at: Offset,
    since: Instant,
    is_reported: bool,
}

impl StallCheck {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            next: now + CHECK_INTERVAL,
            positions: HashMap::new(),
        }
    }

    pub(super) fn is_due(&self, now: Instant) -> bool {
        now >= self.next
    }

    /// Checks all partitions that are fetched. Without room in the budget no records are taken, so
    /// that their absence means nothing.
    pub(super) fn check(
        &mut self,
        consumer: &dyn Ends,
        rebalancer: &Rebalancer,
        now: Instant,
        has_room: bool,
    ) {
        self.next = now + CHECK_INTERVAL;
        if !has_room {
            self.positions.clear();
            return;
        }
        let assignments = rebalancer.assignments();
        let read = assignments
            .partitions
            .iter()
            .filter(|assigned| assigned.is_wanted() && assigned.paused.is_empty());
        let read: Vec<_> = read
            .map(|assigned: &AssignedPartition| (assigned.at.clone(), assigned.position.next()))
            .collect();
        drop(assignments);
        let partitions: Vec<_> = read.iter().map(|(at, _)| at.clone()).collect();
        let known = consumer.known_ends(&partitions);
        let before = std::mem::take(&mut self.positions);
        for ((at, next), KnownEnd { position, end }) in read.into_iter().zip(known) {
            let position = position.map_or(next, |position| position.max(next));
            let is_behind = end.is_none_or(|end| end > position);
            if !is_behind && before.get(&at).is_some_and(|still| still.is_reported) {
                // Its records were repaired and handed out meanwhile, or truncated.
                rebalancer.readable(std::slice::from_ref(&at));
            }
            let still = before
                .get(&at)
                .filter(|still| still.at == position && is_behind);
            let mut still = still.copied().unwrap_or(Standstill {
                at: position,
                since: now,
                is_reported: false,
            });
            if now >= still.since + STALL_TIMEOUT && !still.is_reported {
                match consumer.end(&at, ANSWER_TIMEOUT) {
                    Some(end) if end > position => {
                        still.is_reported = true;
                        rebalancer.report(stalled(at.clone(), position, end));
                    }
                    // Either there is nothing more, or the leader does not answer, which is
                    // reported elsewhere.
                    _ => still.since = now,
                }
            }
            self.positions.insert(at, still);
        }
    }
}

fn stalled(partition: TopicPartition, offset: Offset, end: Offset) -> Notice {
    let seconds = STALL_TIMEOUT.as_secs();
    let reason = format!(
        "nothing could be read for {seconds} s, though the partition goes on to offset {end}: a batch may be damaged, or the \
         broker's disk"
    );
    Notice::Problem(Problem::at(
        ProblemKind::FetchFailing,
        partition,
        offset,
        reason,
    ))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::Arc;

    use super::*;
    use crate::client::{ConsumerHooks as _, StartPosition};
    use crate::listener::commit::CommitPolicy;
    use crate::listener::engine::EngineChannel;
    use crate::listener::shared::ListenerShared;
    use crate::listener::testing::shared;
    use crate::types::{PartitionId, TopicName};

    /// A client with one partition, which stands at 3.
    struct Still {
        known: Cell<i64>,
        end: Cell<i64>,
        asked: Cell<usize>,
    }

    impl Ends for Still {
        fn known_ends(&self, partitions: &[TopicPartition]) -> Vec<KnownEnd> {
            let end = KnownEnd {
                position: Some(Offset(3)),
                end: Some(Offset(self.known.get())),
            };
            vec![end; partitions.len()]
        }

        fn end(&self, _: &TopicPartition, _: Duration) -> Option<Offset> {
            self.asked.set(self.asked.get() + 1);
            Some(Offset(self.end.get()))
        }
    }

    struct Rig {
        consumer: Still,
        rebalancer: Rebalancer,
        listener: Arc<ListenerShared>,
        stall_check: StallCheck,
        start: Instant,
    }

    impl Rig {
        fn new(known: i64, end: i64) -> Self {
            let listener = shared();
            let rebalancer = Rebalancer::new(
                listener.clone(),
                EngineChannel::new(1),
                CommitPolicy::default(),
                Duration::ZERO,
            );
            let at = TopicPartition::new(TopicName::new("orders").unwrap(), PartitionId(0));
            rebalancer.assigned(&[StartPosition {
                at,
                committed: None,
                topic_id: None,
            }]);
            let consumer = Still {
                known: Cell::new(known),
                end: Cell::new(end),
                asked: Cell::new(0),
            };
            let start = listener.clock.now();
            Self {
                consumer,
                rebalancer,
                listener,
                stall_check: StallCheck::new(start),
                start,
            }
        }

        /// Looks that many seconds after the start, and says whether the listener is red.
        fn look(&mut self, seconds: u64, has_room: bool) -> bool {
            let now = self.start + Duration::from_secs(seconds);
            self.stall_check
                .check(&self.consumer, &self.rebalancer, now, has_room);
            !self.listener.health.health().problems.is_empty()
        }
    }

    #[test]
    fn a_partition_with_records_that_hands_out_none_is_red_after_a_while() {
        let mut rig = Rig::new(9, 9);
        assert!(!rig.look(1, true) && !rig.look(10, true));
        assert!(rig.look(11, true));
        let problem = rig.listener.health.health().problems[0].to_string();
        assert!(
            problem.contains("orders-0") && problem.contains("offset 3"),
            "{problem}"
        );
        assert!(rig.look(12, true));
        assert_eq!(
            rig.consumer.asked.get(),
            1,
            "a leader is not asked again and again"
        );
    }

    #[test]
    fn it_is_green_once_nothing_is_left_to_read() {
        let mut rig = Rig::new(9, 9);
        rig.look(1, true);
        assert!(rig.look(11, true));
        rig.consumer.known.set(3);
        assert!(!rig.look(12, true));
    }

    #[test]
    fn a_partition_that_is_read_to_its_end_costs_no_question() {
        let mut rig = Rig::new(3, 3);
        assert!((1..60).all(|second| !rig.look(second, true)));
        assert_eq!(rig.consumer.asked.get(), 0);
    }

    #[test]
    fn records_that_a_transaction_holds_back_are_no_trouble() {
        // The last fetch told the end of all records, and the leader that of the committed ones.
        let mut rig = Rig::new(9, 3);
        assert!((1..60).all(|second| !rig.look(second, true)));
    }

    #[test]
    fn while_handlers_are_busy_nothing_is_expected() {
        let mut rig = Rig::new(9, 9);
        rig.look(1, true);
        assert!(!rig.look(11, false) && !rig.look(12, true) && !rig.look(21, true));
        assert!(rig.look(22, true));
    }
}
