//! Validates fetch positions: asks the leaders of partitions whose next record does not follow from
//! what was read before (KIP-320).

use std::time::{Duration, Instant};

use super::rebalance::Rebalancer;
use crate::client::Consumer;

/// Time until the next attempt after the client was not ready to seek.
const RETRY_INTERVAL: Duration = Duration::from_millis(50);

/// Time for which a leader's answer counts. The record that it is about follows at once, if there
/// is one.
const ANSWER_TTL: Duration = Duration::from_secs(5);

/// When positions were validated, and may be validated again.
#[derive(Debug)]
pub(super) struct PositionValidator {
    next: Instant,
    last: Instant,
}

impl PositionValidator {
    pub(super) const fn new(now: Instant) -> Self {
        Self {
            next: now,
            last: now,
        }
    }

    /// Validates the positions that need it. Nothing of such a partition is taken until then; the
    /// others are read on.
    pub(super) fn validate(
        &mut self,
        consumer: &mut dyn Consumer,
        rebalancer: &Rebalancer,
        now: Instant,
    ) {
        let mut assignments = rebalancer.assignments();
        if !assignments.needs_validation || now < self.next {
            return;
        }
        if now >= self.last + ANSWER_TTL {
            assignments
                .partitions
                .iter_mut()
                .for_each(|assigned| assigned.position.expire_validation());
        }
        // Kept up while any answer is outstanding, since an answer has to expire.
        assignments.needs_validation = assignments
            .partitions
            .iter()
            .any(|assigned| !assigned.position.is_validated());
        let unvalidated = assignments
            .partitions
            .iter()
            .filter(|assigned| assigned.drain.is_none());
        let positions: Vec<_> = unvalidated
            .filter_map(|assigned| Some((assigned.at.clone(), assigned.position.to_validate()?)))
            .collect();
        drop(assignments);
        if positions.is_empty() {
            return;
        }
        tracing::debug!(
            ?positions,
            "asking leaders whether what was read is still there"
        );
        let asked = consumer.seek(&positions);
        let mut assignments = rebalancer.assignments();
        for assigned in assignments
            .partitions
            .iter_mut()
            .filter(|assigned| asked.contains(&assigned.at))
        {
            assigned.position.validation_sent();
        }
        self.last = now;
        if asked.len() < positions.len() {
            self.next = now + RETRY_INTERVAL;
        }
    }
}
