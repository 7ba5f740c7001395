//! Partitions that have records and hand out none.
//!
//! Some damage makes no error. A batch whose length is wrong looks to librdkafka like one that the
//! size of its fetch has cut off: it fetches again, and again. So does a broker make none whose log
//! folder has failed. So where a partition is known to go on, and nothing of it comes for a while,
//! its leader is asked, and if that says the same, it shows.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::assignment::AssignedPartition;
use super::rebalance::Rebalancer;
use crate::client::{Ends, KnownEnd, Notice};
use crate::types::{Offset, TopicPartition};

/// How long a partition with records may hand out none.
const QUIET: Duration = Duration::from_secs(10);

/// From one look at the client's own numbers to the next. They cost no request.
const INTERVAL: Duration = Duration::from_secs(1);

/// How long a leader's answer is waited for. Records wait meanwhile.
const WITHIN: Duration = Duration::from_millis(500);

/// Since when each partition has been where it is.
#[derive(Debug)]
pub(super) struct Silence {
    next: Instant,
    still: HashMap<TopicPartition, Still>,
}

/// A partition of which nothing has come since.
#[derive(Clone, Copy, Debug)]
struct Still {
    at: Offset,
    since: Instant,
    is_told: bool,
}

impl Silence {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            next: now + INTERVAL,
            still: HashMap::new(),
        }
    }

    pub(super) fn is_due(&self, now: Instant) -> bool {
        now >= self.next
    }

    /// Looks. Without room nobody takes records, so that their absence says nothing.
    pub(super) fn look(
        &mut self,
        consumer: &dyn Ends,
        rebalancer: &Rebalancer,
        now: Instant,
        has_room: bool,
    ) {
        self.next = now + INTERVAL;
        if !has_room {
            self.still.clear();
            return;
        }
        let assignments = rebalancer.assignments();
        let read = assignments
            .partitions
            .iter()
            .filter(|assigned| assigned.is_wanted() && assigned.paused.is_empty());
        let read: Vec<_> = read
            .map(|assigned: &AssignedPartition| (assigned.at.clone(), assigned.reading.next()))
            .collect();
        drop(assignments);
        let partitions: Vec<_> = read.iter().map(|(at, _)| at.clone()).collect();
        let known = consumer.known_ends(&partitions);
        let before = std::mem::take(&mut self.still);
        for ((at, next), KnownEnd { position, end }) in read.into_iter().zip(known) {
            let position = position.map_or(next, |position| position.max(next));
            let is_behind = end.is_none_or(|end| end > position);
            if !is_behind && before.get(&at).is_some_and(|still| still.is_told) {
                // It was repaired in front of us, or cut.
                rebalancer.readable(std::slice::from_ref(&at));
            }
            let still = before
                .get(&at)
                .filter(|still| still.at == position && is_behind);
            let mut still = still.copied().unwrap_or(Still {
                at: position,
                since: now,
                is_told: false,
            });
            if now >= still.since + QUIET && !still.is_told {
                match consumer.end(&at, WITHIN) {
                    Some(end) if end > position => {
                        still.is_told = true;
                        rebalancer.report(nothing_comes(at.clone(), position, end));
                    }
                    // Nothing is to come, or nobody answers, which is another trouble.
                    _ => still.since = now,
                }
            }
            self.still.insert(at, still);
        }
    }
}

fn nothing_comes(partition: TopicPartition, offset: Offset, end: Offset) -> Notice {
    let seconds = QUIET.as_secs();
    let reason = format!(
        "nothing could be read for {seconds} s, though the partition goes on to offset {end}: a batch may be damaged, or the \
         broker's disk"
    );
    Notice::FetchFailing {
        partition,
        offset,
        reason,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::Arc;

    use super::*;
    use crate::client::{ConsumerHooks as _, StartPosition};
    use crate::listener::commit::CommitPolicy;
    use crate::listener::engine::Mailbox;
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
        silence: Silence,
        start: Instant,
    }

    impl Rig {
        fn new(known: i64, end: i64) -> Self {
            let listener = shared();
            let rebalancer = Rebalancer::new(
                listener.clone(),
                Mailbox::new(1),
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
                silence: Silence::new(start),
                start,
            }
        }

        /// Looks that many seconds after the start, and says whether the listener is red.
        fn look(&mut self, seconds: u64, has_room: bool) -> bool {
            let now = self.start + Duration::from_secs(seconds);
            self.silence
                .look(&self.consumer, &self.rebalancer, now, has_room);
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
