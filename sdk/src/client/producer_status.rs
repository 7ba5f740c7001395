//! The status of a producer's client, as its thread sees it. Pure.

use std::time::{Duration, Instant};

use crate::types::TopicName;

/// The status of a producer's client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProducerStatus {
    /// Whether it can send.
    pub state: ProducerState,
    /// When a record was last acknowledged.
    pub acknowledged: Option<Instant>,
    /// Since when records wait and no broker answers for any of them.
    pub waits_since: Option<Instant>,
    /// The client's last complaint, while it has no connection.
    pub trouble: Option<String>,
    /// Topics that the brokers do not have and that records may be waiting for.
    pub missing_topics: Vec<TopicName>,
    /// The number of clients that failed for good and were replaced.
    pub replaced: u64,
}

/// Whether a producer can send.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProducerState {
    /// As far as anybody knows.
    #[default]
    Works,
    /// The client failed for good, and a new one is about to take over. Records wait for that.
    Replacing {
        /// The reason of the failure.
        reason: String,
    },
    /// The client failed for good, and is not replaced.
    Failed {
        /// Why.
        reason: String,
    },
}

/// First wait before a client is replaced again whose records fail one after the other.
const MIN_WAIT: Duration = Duration::from_millis(100);

/// The longest such wait.
const MAX_WAIT: Duration = Duration::from_secs(30);

/// The events since the last check.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seen {
    /// The client has records that are not answered.
    pub(super) is_in_flight: bool,
    /// A record was acknowledged.
    pub(super) is_acknowledged: bool,
    /// A record was answered, be it with a refusal: only a time-out is no answer.
    pub(super) is_answered: bool,
}

impl ProducerStatus {
    /// Notes what was seen.
    pub(super) fn tick(&mut self, seen: Seen, now: Instant) {
        if seen.is_acknowledged {
            self.acknowledged = Some(now);
        }
        if seen.is_answered {
            self.waits_since = None;
        }
        if seen.is_in_flight {
            self.waits_since.get_or_insert(now);
        }
    }

    /// Whether only a question can tell that a trouble has passed: records have timed out, and none
    /// is on its way.
    pub(super) const fn wants_a_look(&self, seen: Seen) -> bool {
        self.waits_since.is_some() && !seen.is_in_flight
    }

    /// A broker answered although no record asked it.
    pub(super) fn looked(&mut self) {
        self.waits_since = None;
    }

    /// The client failed for good.
    pub(super) fn fails(&mut self, reason: String, is_replaced: bool) {
        self.waits_since = None;
        self.state = if is_replaced {
            ProducerState::Replacing { reason }
        } else {
            ProducerState::Failed { reason }
        };
    }

    /// A new client has taken over.
    pub(super) fn takes_over(&mut self) {
        self.state = ProducerState::Works;
        self.replaced += 1;
    }
}

/// Returns the wait before the next client is made, after `failures` in a row without an
/// acknowledgement.
pub(super) fn wait_before_next(failures: u32) -> Duration {
    let doubled = 1_u32
        .checked_shl(failures.saturating_sub(1))
        .unwrap_or(u32::MAX);
    MIN_WAIT.saturating_mul(doubled).min(MAX_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::Clock;

    const IN_FLIGHT: Seen = Seen {
        is_in_flight: true,
        is_acknowledged: false,
        is_answered: false,
    };
    const IDLE: Seen = Seen {
        is_in_flight: false,
        is_acknowledged: false,
        is_answered: false,
    };

    #[test]
    fn records_wait_from_the_first_that_nobody_answers_until_one_is_answered() {
        let (mut status, start) = (ProducerStatus::default(), Clock::system().now());
        let later = start + Duration::from_secs(20);
        status.tick(IN_FLIGHT, start);
        status.tick(IN_FLIGHT, later);
        assert_eq!(status.waits_since, Some(start));
        status.tick(
            Seen {
                is_answered: true,
                ..IN_FLIGHT
            },
            later,
        );
        assert_eq!(
            (status.waits_since, status.acknowledged),
            (Some(later), None)
        );
        status.tick(
            Seen {
                is_answered: true,
                is_acknowledged: true,
                ..IDLE
            },
            later,
        );
        assert_eq!(
            (status.waits_since, status.acknowledged),
            (None, Some(later))
        );
    }

    #[test]
    fn records_that_timed_out_leave_a_doubt_that_a_look_ends() {
        let (mut status, start) = (ProducerStatus::default(), Clock::system().now());
        status.tick(IN_FLIGHT, start);
        assert!(!status.wants_a_look(IN_FLIGHT));
        status.tick(IDLE, start);
        assert!(status.wants_a_look(IDLE));
        status.looked();
        assert!(!status.wants_a_look(IDLE));
    }

    #[test]
    fn clients_that_fail_one_after_the_other_are_replaced_ever_more_slowly() {
        let waits: Vec<u128> = (1..12)
            .map(|failures| wait_before_next(failures).as_millis())
            .collect();
        assert_eq!(
            waits,
            [
                100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000
            ]
        );
        assert_eq!(wait_before_next(u32::MAX), MAX_WAIT);
    }
}
