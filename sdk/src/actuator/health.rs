//! The health of an application, put together from that of its listeners.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::admin::Drift;
use crate::listener::{ListenerHealth, ListenerState};
use crate::producer::ProducerHealth;
use crate::types::TopicName;

/// The health of an application.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Health {
    /// The phase of its life.
    pub phase: Phase,
    /// The listeners, in the order they were added.
    pub listeners: Vec<ListenerHealth>,
    /// The producers that have been made, each with its name.
    pub producers: Vec<(&'static str, ProducerHealth)>,
    /// Topics that were not as declared at the start and were left so. They make nothing red: what
    /// is there is used.
    pub drift: Vec<Drift>,
}

/// The phases of an application's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Phase {
    /// Topics are looked at and partitions are waited for.
    Starting,
    /// All listeners that start with the application have had their partitions.
    Running,
    /// Nothing new is taken, and running handlers may end.
    Stopping,
    /// The application has stopped.
    Stopped,
}

/// A handle to ask for the health of an application, now and later. Cloning is cheap.
#[derive(Clone)]
pub struct HealthSource(Arc<dyn Fn() -> Health + Send + Sync>);

impl Health {
    /// The health of an application in this phase with these listeners.
    #[must_use]
    pub const fn new(phase: Phase, listeners: Vec<ListenerHealth>) -> Self {
        Self {
            phase,
            listeners,
            producers: Vec::new(),
            drift: Vec::new(),
        }
    }

    /// The same with these producers.
    #[must_use]
    pub fn with_producers(self, producers: Vec<(&'static str, ProducerHealth)>) -> Self {
        Self { producers, ..self }
    }

    /// The same with these topics that are not as declared.
    #[must_use]
    pub fn with_drift(self, drift: Vec<Drift>) -> Self {
        Self { drift, ..self }
    }

    /// Whether its start is over.
    #[must_use]
    pub fn is_started(&self) -> bool {
        self.phase != Phase::Starting
    }

    /// Whether it does what it is for: it runs and none of its listeners and producers has anything
    /// to complain of.
    ///
    /// A listener that was stopped on purpose is no reason to be red.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.phase == Phase::Running
            && self.listeners.iter().all(is_fine)
            && self
                .producers
                .iter()
                .all(|(_, producer)| producer.is_ready())
    }

    /// Whether leaving it alone may help; when not, it needs a restart.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.listeners.iter().all(ListenerHealth::is_live)
            && self
                .producers
                .iter()
                .all(|(_, producer)| producer.is_live())
    }

    /// Returns the reasons why it is not ready, one line each; empty if it is.
    #[must_use]
    pub fn reasons(&self) -> Vec<String> {
        let phase =
            (self.phase != Phase::Running).then(|| format!("the application is {}", self.phase));
        let listeners = self.listeners.iter().flat_map(|listener| {
            let id = &listener.id;
            let state = match &listener.state {
                ListenerState::Starting => Some("waits for its partitions".to_owned()),
                ListenerState::Failed { reason } => Some(format!("has failed: {reason}")),
                ListenerState::Restarting { reason } => Some(format!("is started again: {reason}")),
                ListenerState::Running | ListenerState::Stopping | ListenerState::Stopped => None,
            };
            let halted = listener.halted.iter().map(ToString::to_string);
            let problems = listener.problems.iter().map(ToString::to_string);
            state
                .into_iter()
                .chain(halted)
                .chain(problems)
                .map(move |reason| format!("listener {id}: {reason}"))
        });
        let producers = self.producers.iter().filter_map(|(name, producer)| {
            let reason = producer.reason()?;
            Some(format!("{name}: {reason}"))
        });
        phase
            .into_iter()
            .chain(listeners)
            .chain(producers)
            .collect()
    }

    /// The same as JSON, as it is answered over HTTP.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "status": if self.is_ready() { "up" } else { "down" },
            "phase": self.phase.to_string(),
            "started": self.is_started(),
            "ready": self.is_ready(),
            "live": self.is_live(),
            "reasons": self.reasons(),
            "listeners": self.listeners.iter().map(listener_json).collect::<Vec<_>>(),
            "drift": self.drift.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "producers": self.producers.iter().map(producer_json).collect::<Vec<_>>(),
        })
    }
}

fn is_fine(listener: &ListenerHealth) -> bool {
    listener.is_ready() || listener.state == ListenerState::Stopped
}

fn listener_json(listener: &ListenerHealth) -> Value {
    let halted = listener.halted.iter().map(|halted| {
        json!({
            "topic": halted.partition.topic.as_str(),
            "partition": halted.partition.partition.0,
            "offset": halted.offset.0,
            "reason": halted.reason,
        })
    });
    json!({
        "id": listener.id.as_str(),
        "state": state_name(&listener.state),
        "ready": is_fine(listener),
        "partitions": listener.partitions.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "halted": halted.collect::<Vec<_>>(),
        "truncated": listener.truncated.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "problems": listener.problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "lastFailure": listener.last_failure.as_ref().map(|failure| json!({
            "topic": failure.partition.topic.as_str(),
            "partition": failure.partition.partition.0,
            "offset": failure.offset.0,
            "attempt": failure.attempt,
            "reason": failure.reason,
        })),
    })
}

fn producer_json((name, producer): &(&'static str, ProducerHealth)) -> Value {
    let milliseconds =
        |time: Option<Duration>| time.map(|time| u64::try_from(time.as_millis()).ok());
    json!({
        "name": name,
        "ready": producer.is_ready(),
        "reason": producer.reason(),
        "in_flight": producer.in_flight,
        "acknowledged_ms_ago": milliseconds(producer.acknowledged_ago),
        "waits_ms": milliseconds(producer.waits_for),
        "trouble": producer.trouble,
        "missing_topics": producer.missing_topics.iter().map(TopicName::as_str).collect::<Vec<_>>(),
        "replaced": producer.replaced,
    })
}

const fn state_name(state: &ListenerState) -> &'static str {
    match state {
        ListenerState::Starting => "starting",
        ListenerState::Running => "running",
        ListenerState::Stopping => "stopping",
        ListenerState::Stopped => "stopped",
        ListenerState::Restarting { .. } => "restarting",
        ListenerState::Failed { .. } => "failed",
    }
}

impl HealthSource {
    /// Asks `health` whenever it is asked.
    pub fn new(health: impl Fn() -> Health + Send + Sync + 'static) -> Self {
        Self(Arc::new(health))
    }

    /// The health now.
    #[must_use]
    pub fn now(&self) -> Health {
        (self.0)()
    }
}

impl fmt::Debug for HealthSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HealthSource")
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
        })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::extract::ListenerId;
    use crate::listener::HaltedPartition;
    use crate::types::{Offset, PartitionId, TopicName, TopicPartition};

    pub(in crate::actuator) fn listener(state: ListenerState) -> ListenerHealth {
        let orders = TopicPartition::new(TopicName::new("orders").unwrap(), PartitionId(3));
        let id = ListenerId::new("credit");
        let (halted, truncated, problems) = (Vec::new(), Vec::new(), Vec::new());
        ListenerHealth {
            id,
            state,
            partitions: vec![orders],
            halted,
            truncated,
            problems,
            last_failure: None,
        }
    }

    pub(in crate::actuator) fn halted() -> ListenerHealth {
        let mut listener = listener(ListenerState::Running);
        let partition = listener.partitions[0].clone();
        let reason = "no such card".to_owned();
        listener.halted.push(HaltedPartition {
            partition,
            offset: Offset(42),
            reason,
        });
        listener
    }

    fn check(phase: Phase, listener: ListenerHealth, started_ready_live: [bool; 3]) {
        let health = Health::new(phase, vec![listener]);
        let answer = [health.is_started(), health.is_ready(), health.is_live()];
        assert_eq!(answer, started_ready_live, "{:?}", health.reasons());
        assert_eq!(
            health.is_ready(),
            health.reasons().is_empty(),
            "{:?}",
            health.reasons()
        );
    }

    #[test]
    fn an_application_is_ready_when_it_runs_and_its_listeners_are_fine() {
        check(
            Phase::Starting,
            listener(ListenerState::Starting),
            [false, false, true],
        );
        check(
            Phase::Running,
            listener(ListenerState::Running),
            [true, true, true],
        );
        check(
            Phase::Stopping,
            listener(ListenerState::Stopping),
            [true, false, true],
        );
    }

    #[test]
    fn a_listener_stopped_on_purpose_is_no_reason_to_be_red() {
        check(
            Phase::Running,
            listener(ListenerState::Stopped),
            [true, true, true],
        );
    }

    #[test]
    fn a_failed_listener_needs_a_restart() {
        let failed = ListenerState::Failed {
            reason: "fenced".to_owned(),
        };
        check(Phase::Running, listener(failed), [true, false, false]);
    }

    #[test]
    fn a_halted_partition_is_red_and_says_where_it_waits() {
        check(Phase::Running, halted(), [true, false, true]);
        let health = Health::new(Phase::Running, vec![halted()]);
        let reason = health.reasons().remove(0);
        assert!(
            reason.starts_with("listener credit: orders-3 waits at offset 42: no such card"),
            "{reason}"
        );
        let json = &health.to_json()["listeners"][0]["halted"][0];
        assert_eq!(
            json,
            &json!({"topic": "orders", "partition": 3, "offset": 42, "reason": "no such card"})
        );
    }

    #[test]
    fn a_producer_that_sends_nothing_any_more_is_red_and_says_why() {
        let template =
            crate::producer::KafkaTemplateBuilder::of(crate::config::ClientProperties::new())
                .client(crate::client::scripted::FailedProducer);
        let health = Health::new(Phase::Running, vec![listener(ListenerState::Running)])
            .with_producers(vec![("producer", template.health())]);
        assert!(!health.is_ready() && !health.is_live());
        assert_eq!(health.reasons(), ["producer: has failed for good: fenced"]);
        let json = &health.to_json()["producers"][0];
        assert_eq!(json["name"], "producer");
        assert_eq!(json["ready"], false);
        assert_eq!(json["acknowledged_ms_ago"], Value::Null);
    }
}
