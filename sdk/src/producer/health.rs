//! The health of a producer, for operators.

use std::time::{Duration, Instant};

use crate::client::{ProducerState, ProducerStatus};
use crate::types::TopicName;

/// From here on records that wait while no broker answers for any of them make a producer not
/// ready.
pub const STALLED_AFTER: Duration = Duration::from_secs(10);

/// The health of a producer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProducerHealth {
    /// Whether its client can send.
    pub state: ProducerState,
    /// Records that were sent and not answered, with those that wait for room.
    pub in_flight: usize,
    /// The time since the last acknowledgement; `None` if there was none yet.
    pub acknowledged_ago: Option<Duration>,
    /// For how long records have waited while no broker answered for any of them.
    pub waits_for: Option<Duration>,
    /// The client's last complaint, while it has no connection.
    pub trouble: Option<String>,
    /// Topics that the brokers do not have although records were sent to them, while any record is
    /// in flight. Known after a second. Their records wait for them, at most for
    /// `topic.metadata.propagation.max.ms` (30 s by default).
    ///
    /// They make the producer not ready only when nothing else is acknowledged either: records for
    /// other topics are sent as ever.
    pub missing_topics: Vec<TopicName>,
    /// The number of clients that failed for good and were replaced.
    pub replaced: u64,
}

impl ProducerHealth {
    pub(super) fn of(status: ProducerStatus, in_flight: usize, now: Instant) -> Self {
        let ProducerStatus {
            state,
            acknowledged,
            waits_since,
            trouble,
            missing_topics,
            replaced,
        } = status;
        let since = |then: Instant| now.saturating_duration_since(then);
        let (acknowledged_ago, waits_for) = (acknowledged.map(since), waits_since.map(since));
        Self {
            state,
            in_flight,
            acknowledged_ago,
            waits_for,
            trouble,
            missing_topics,
            replaced,
        }
    }

    /// Whether it sends, as far as anybody knows.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.reason().is_none()
    }

    /// Whether leaving it alone may help.
    #[must_use]
    pub const fn is_live(&self) -> bool {
        !matches!(self.state, ProducerState::Failed { .. })
    }

    /// Returns the reason why it is not ready; `None` if it is.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        match &self.state {
            ProducerState::Failed { reason } => Some(format!("has failed for good: {reason}")),
            ProducerState::Replacing { reason } => Some(format!("is being replaced: {reason}")),
            ProducerState::Works => {
                let waited = self.waits_for.filter(|waited| *waited >= STALLED_AFTER)?;
                Some(format!(
                    "no record was acknowledged for {} s: {}",
                    waited.as_secs(),
                    self.obstacle()
                ))
            }
        }
    }

    /// Returns the probable reason why records wait.
    fn obstacle(&self) -> String {
        if self.missing_topics.is_empty() {
            let trouble = self.trouble.as_deref();
            return trouble.unwrap_or("no broker answers").to_owned();
        }
        let missing: Vec<&str> = self.missing_topics.iter().map(TopicName::as_str).collect();
        format!("there is no topic {}; create it", missing.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::Clock;

    fn health(waited: u64, trouble: Option<&str>) -> ProducerHealth {
        let then = Clock::system().now();
        let trouble = trouble.map(str::to_owned);
        let status = ProducerStatus {
            waits_since: Some(then),
            trouble,
            ..ProducerStatus::default()
        };
        ProducerHealth::of(status, 1, then + Duration::from_secs(waited))
    }

    #[test]
    fn records_may_wait_for_a_while_and_then_it_is_told_why() {
        assert!(health(9, Some("connection refused")).is_ready());
        assert_eq!(
            health(12, Some("connection refused")).reason().as_deref(),
            Some("no record was acknowledged for 12 s: connection refused")
        );
        assert_eq!(
            health(10, None).reason().as_deref(),
            Some("no record was acknowledged for 10 s: no broker answers")
        );
        assert!(health(10, None).is_live());
    }

    #[test]
    fn a_missing_topic_is_told_at_once_and_turns_red_what_sends_nothing_else() {
        let missing = |waited| ProducerHealth {
            missing_topics: vec![TopicName::new("orders").unwrap()],
            ..health(waited, None)
        };
        assert!(missing(2).is_ready());
        assert_eq!(
            missing(12).reason().as_deref(),
            Some("no record was acknowledged for 12 s: there is no topic orders; create it")
        );
    }

    #[test]
    fn a_client_that_failed_is_told_whether_it_is_replaced_or_not() {
        let of = |state| {
            let status = ProducerStatus {
                state,
                ..ProducerStatus::default()
            };
            ProducerHealth::of(status, 0, Clock::system().now())
        };
        let reason = || "out of order sequence".to_owned();
        let replacing = of(ProducerState::Replacing { reason: reason() });
        assert!(replacing.is_live() && !replacing.is_ready());
        let failed = of(ProducerState::Failed { reason: reason() });
        assert!(!failed.is_live());
        assert_eq!(
            failed.reason().as_deref(),
            Some("has failed for good: out of order sequence")
        );
        assert!(of(ProducerState::Works).is_ready());
    }
}
