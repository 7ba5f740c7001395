//! Compares declared topics with the cluster's, and makes what is missing.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::client::{Admin, AdminError, Refusal, TopicSpec, TopicState};
use crate::runtime::Clock;
use crate::types::TopicName;

/// What was done about the declared topics.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicReport {
    /// Topics that were missing and are there now.
    pub created: Vec<TopicName>,
    /// Topics that got more partitions.
    pub grown: Vec<TopicName>,
    /// Differences that were left alone.
    pub drift: Vec<Drift>,
}

/// A topic that is not as declared, and was left as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Drift {
    /// The topic.
    pub topic: TopicName,
    /// What differs: `partitions`, `replication`, or the name of a setting.
    pub what: String,
    /// As declared.
    pub declared: String,
    /// As it is.
    pub actual: String,
}

/// The declared topics could not be brought about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TopicsError {
    /// The cluster does not answer.
    #[error(transparent)]
    Cluster(#[from] AdminError),
    /// Topics are missing and this application is set not to make them.
    #[error("missing: {}; create them, or set app.create-topics to true", missing.join("; "))]
    Missing {
        /// Each with its number of partitions.
        missing: Vec<String>,
    },
    /// This client may not make the topic.
    #[error(
        "not permitted to {action} {topic}: have it created with {partitions} partitions beforehand, or grant this client CREATE and ALTER on it"
    )]
    NotPermitted {
        /// `create` or `add partitions to`.
        action: &'static str,
        /// The topic.
        topic: String,
        /// How many partitions it is declared with.
        partitions: u16,
    },
    /// The broker refused for another reason.
    #[error("the broker refuses to {action} {topic}: {reason}")]
    Refused {
        /// `create` or `add partitions to`.
        action: &'static str,
        /// The topic.
        topic: String,
        /// What it said.
        reason: String,
    },
    /// The topics were made, and their partitions have no leaders yet.
    #[error("{} not ready within {within:?}: their partitions have no leaders yet", topics.join(", "))]
    NotReady {
        /// The topics.
        topics: Vec<String>,
        /// How long was waited.
        within: Duration,
    },
}

/// What is to be done.
#[derive(Debug, Default, PartialEq, Eq)]
struct Plan {
    create: Vec<TopicSpec>,
    grow: Vec<(TopicName, u16)>,
    drift: Vec<Drift>,
}

/// How long to wait before asking again whether new topics have their leaders.
const ASK_AGAIN: Duration = Duration::from_millis(20);

/// Makes missing topics if `create`, adds missing partitions, and reports every other difference.
///
/// Topics that another instance makes at the same time are taken as made.
///
/// # Errors
/// When a topic cannot be made within `within`; the error says what to do.
///
/// # Cancel safety
/// Topics may still be made. Calling it again goes on where it was.
pub async fn ensure_topics(
    admin: &Admin,
    clock: &Clock,
    declared: &[TopicSpec],
    create: bool,
    within: Duration,
) -> Result<TopicReport, TopicsError> {
    if declared.is_empty() {
        return Ok(TopicReport::default());
    }
    let deadline = clock.after(within);
    let left = || deadline.saturating_duration_since(clock.now());
    let plan = plan(declared, &admin.topics(left()).await?);
    let nothing_to_do = plan.create.is_empty() && plan.grow.is_empty();
    if !create && !nothing_to_do {
        let grow = plan.grow.iter().map(|(name, total)| format!("more partitions of {name}, {total} in all"));
        let missing =
            plan.create.iter().map(|spec| format!("topic {} with {} partitions", spec.name, spec.partitions));
        return Err(TopicsError::Missing { missing: missing.chain(grow).collect() });
    }
    if !plan.create.is_empty() {
        let answers = admin.create(&plan.create, left()).await?;
        accept("create", &answers, declared)?;
    }
    if !plan.grow.is_empty() {
        let answers = admin.add_partitions(&plan.grow, left()).await?;
        accept("add partitions to", &answers, declared)?;
    }
    if !nothing_to_do {
        wait_for_leaders(admin, clock, declared, within, &left).await?;
    }
    let mut report = TopicReport {
        created: plan.create.iter().map(|spec| spec.name.clone()).collect(),
        grown: plan.grow.into_iter().map(|(name, _)| name).collect(),
        drift: plan.drift,
    };
    let old =
        declared.iter().filter(|spec| !spec.settings.is_empty() && !report.created.contains(&spec.name));
    let old: Vec<&TopicSpec> = old.collect();
    for spec in old {
        report.drift.extend(settings_drift(spec, &admin.settings(&spec.name, left()).await?));
    }
    Ok(report)
}

fn plan(declared: &[TopicSpec], existing: &BTreeMap<String, TopicState>) -> Plan {
    let mut plan = Plan::default();
    for spec in declared {
        let Some(state) = existing.get(spec.name.as_str()) else {
            plan.create.push(spec.clone());
            continue;
        };
        let drift = |what: &str, declared: u16, actual: usize| Drift {
            topic: spec.name.clone(),
            what: what.to_owned(),
            declared: declared.to_string(),
            actual: actual.to_string(),
        };
        if state.partitions < usize::from(spec.partitions) {
            plan.grow.push((spec.name.clone(), spec.partitions));
        } else if state.partitions > usize::from(spec.partitions) {
            plan.drift.push(drift("partitions", spec.partitions, state.partitions));
        }
        if let Some(copies) = spec.replication
            && usize::from(copies) != state.replication
        {
            plan.drift.push(drift("replication", copies, state.replication));
        }
    }
    plan
}

fn settings_drift(spec: &TopicSpec, actual: &BTreeMap<String, String>) -> Vec<Drift> {
    let differs = |(name, declared): (&String, &String)| {
        let actual = actual.get(name).map_or("not set", String::as_str);
        (actual != declared).then(|| Drift {
            topic: spec.name.clone(),
            what: name.clone(),
            declared: declared.clone(),
            actual: actual.to_owned(),
        })
    };
    spec.settings.iter().filter_map(differs).collect()
}

/// Turns the first refusal into an error. A topic that exists by now was made by another instance.
fn accept(
    action: &'static str,
    answers: &[(String, Result<(), Refusal>)],
    declared: &[TopicSpec],
) -> Result<(), TopicsError> {
    for (topic, answer) in answers {
        let partitions =
            || declared.iter().find(|spec| spec.name.as_str() == topic).map_or(1, |spec| spec.partitions);
        match answer {
            Ok(()) | Err(Refusal::Exists) => {}
            Err(Refusal::NotPermitted) => {
                return Err(TopicsError::NotPermitted {
                    action,
                    topic: topic.clone(),
                    partitions: partitions(),
                });
            }
            Err(Refusal::Other(reason)) => {
                return Err(TopicsError::Refused { action, topic: topic.clone(), reason: reason.clone() });
            }
        }
    }
    Ok(())
}

/// A topic that was just made has no leaders for a moment, and a producer that meets it then fails.
async fn wait_for_leaders(
    admin: &Admin,
    clock: &Clock,
    declared: &[TopicSpec],
    within: Duration,
    left: &impl Fn() -> Duration,
) -> Result<(), TopicsError> {
    loop {
        let topics = admin.topics(left().max(ASK_AGAIN)).await?;
        let is_ready = |spec: &&TopicSpec| {
            topics.get(spec.name.as_str()).is_some_and(|state| state.led >= usize::from(spec.partitions))
        };
        let waiting: Vec<String> =
            declared.iter().filter(|spec| !is_ready(spec)).map(|spec| spec.name.to_string()).collect();
        if waiting.is_empty() {
            return Ok(());
        }
        if left().is_zero() {
            return Err(TopicsError::NotReady { topics: waiting, within });
        }
        clock.sleep(ASK_AGAIN).await;
    }
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} is {}, declared as {}", self.topic, self.what, self.actual, self.declared)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(name: &str, partitions: u16) -> TopicSpec {
        TopicSpec::new(TopicName::new(name).unwrap(), partitions)
    }

    fn existing(topics: &[(&str, usize)]) -> BTreeMap<String, TopicState> {
        let state = |partitions| TopicState { partitions, led: partitions, replication: 1 };
        topics.iter().map(|(name, partitions)| ((*name).to_owned(), state(*partitions))).collect()
    }

    #[test]
    fn missing_topics_are_created_and_small_ones_grow() {
        let plan = plan(&[spec("a", 4), spec("b", 4), spec("c", 4)], &existing(&[("b", 4), ("c", 1)]));
        assert_eq!(plan.create, [spec("a", 4)]);
        assert_eq!(plan.grow, [(TopicName::new("c").unwrap(), 4)]);
        assert_eq!(plan.drift, []);
    }

    #[test]
    fn partitions_are_never_taken_away() {
        let mut declared = spec("a", 2);
        declared.replication = Some(3);
        let plan = plan(&[declared], &existing(&[("a", 8)]));
        assert!(plan.create.is_empty() && plan.grow.is_empty());
        let drift: Vec<String> = plan.drift.iter().map(ToString::to_string).collect();
        assert_eq!(drift, ["a: partitions is 8, declared as 2", "a: replication is 1, declared as 3"]);
    }

    #[test]
    fn a_setting_that_differs_is_drift() {
        let mut declared = spec("a", 1);
        declared.settings = BTreeMap::from([("retention.ms".into(), "1".into()), ("x".into(), "2".into())]);
        let actual = BTreeMap::from([("x".into(), "2".into()), ("retention.ms".into(), "9".into())]);
        let drift: Vec<String> = settings_drift(&declared, &actual).iter().map(ToString::to_string).collect();
        assert_eq!(drift, ["a: retention.ms is 9, declared as 1"]);
    }

    #[test]
    fn a_topic_made_by_another_instance_is_as_good_as_made() {
        let answers = [("a".to_owned(), Err(Refusal::Exists)), ("b".to_owned(), Ok(()))];
        assert_eq!(accept("create", &answers, &[spec("a", 1), spec("b", 1)]), Ok(()));
    }

    #[test]
    fn refusals_say_what_to_do() {
        let error = accept("create", &[("a".to_owned(), Err(Refusal::NotPermitted))], &[spec("a", 4)]);
        insta::assert_snapshot!(error.unwrap_err(), @"not permitted to create a: have it created with 4 partitions beforehand, or grant this client CREATE and ALTER on it");
        let refused = Err(Refusal::Other("Broker: Invalid replication factor".to_owned()));
        insta::assert_snapshot!(accept("create", &[("a".to_owned(), refused)], &[spec("a", 4)]).unwrap_err(), @"the broker refuses to create a: Broker: Invalid replication factor");
    }
}
