//! Asks the leaders of partitions whose next record does not fit to what was read before.

use std::time::{Duration, Instant};

use super::rebalance::Rebalancer;
use crate::client::Consumer;

/// After a question that the client could not ask yet.
const PAUSE: Duration = Duration::from_millis(50);

/// How long a leader's answer is believed. The record that it is about follows at once, if there is
/// one.
const BELIEVED: Duration = Duration::from_secs(5);

/// When leaders were asked, and may be asked again.
#[derive(Debug)]
pub(super) struct Doubts {
    next: Instant,
    last: Instant,
}

impl Doubts {
    pub(super) const fn new(now: Instant) -> Self {
        Self {
            next: now,
            last: now,
        }
    }

    /// Asks what there is to ask. Nothing of a partition is taken until then; the others are read
    /// on.
    pub(super) fn ask(
        &mut self,
        consumer: &mut dyn Consumer,
        rebalancer: &Rebalancer,
        now: Instant,
    ) {
        let mut assignments = rebalancer.assignments();
        if !assignments.has_doubts || now < self.next {
            return;
        }
        if now >= self.last + BELIEVED {
            assignments
                .partitions
                .iter_mut()
                .for_each(|assigned| assigned.reading.forget_the_answer());
        }
        assignments.has_doubts = assignments
            .partitions
            .iter()
            .any(|assigned| !assigned.reading.is_settled());
        let doubtful = assignments
            .partitions
            .iter()
            .filter(|assigned| assigned.drain.is_none());
        let positions: Vec<_> = doubtful
            .filter_map(|assigned| Some((assigned.at.clone(), assigned.reading.question()?)))
            .collect();
        drop(assignments);
        if positions.is_empty() {
            return;
        }
        tracing::debug!(?positions, "asking whether what was read is still there");
        let asked = consumer.seek(&positions);
        let mut assignments = rebalancer.assignments();
        for assigned in assignments
            .partitions
            .iter_mut()
            .filter(|assigned| asked.contains(&assigned.at))
        {
            assigned.reading.asked();
        }
        self.last = now;
        if asked.len() < positions.len() {
            self.next = now + PAUSE;
        }
    }
}
