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
    /// Why it was left so, when it was to be changed.
    pub reason: Option<String>,
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
        "not permitted to {action} {topic}: have it created with {partitions} partitions beforehand, or grant this client CREATE on it"
    )]
    NotPermitted {
        /// `create`.
        action: &'static str,
        /// The topic.
        topic: String,
        /// How many partitions it is declared with.
        partitions: u16,
    },
    /// The broker refused for another reason.
    #[error("the broker refuses to {action} {topic}: {reason}")]
    Refused {
        /// `create`.
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

/// What became of each topic.
type Answers = Vec<(String, Result<(), Refusal>)>;

/// What is to be done.
#[derive(Debug, Default, PartialEq, Eq)]
struct Plan {
    create: Vec<TopicSpec>,
    grow: Vec<Small>,
    drift: Vec<Drift>,
}

/// A topic with fewer partitions than declared.
#[derive(Debug, PartialEq, Eq)]
struct Small {
    name: TopicName,
    declared: u16,
    actual: usize,
}

impl Small {
    fn drift(self, reason: &str) -> Drift {
        Drift {
            topic: self.name,
            what: "partitions".to_owned(),
            declared: self.declared.to_string(),
            actual: self.actual.to_string(),
            reason: Some(reason.to_owned()),
        }
    }
}

/// How long to wait before asking again whether new topics have their leaders.
const ASK_AGAIN: Duration = Duration::from_millis(20);

/// Makes missing topics if `create`, adds missing partitions, and reports every other difference:
/// nothing is ever taken away, and a topic that cannot grow is used as it is.
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
    if !create && !plan.create.is_empty() {
        let missing = plan
            .create
            .iter()
            .map(|spec| format!("topic {} with {} partitions", spec.name, spec.partitions));
        return Err(TopicsError::Missing {
            missing: missing.collect(),
        });
    }
    if !plan.create.is_empty() {
        let answers = admin.create(&plan.create, left()).await?;
        accept("create", &answers, declared)?;
    }
    let refused = match plan.grow.as_slice() {
        [] => BTreeMap::new(),
        grow if create => grown(&admin.add_partitions(&wanted(grow), left()).await, grow)?,
        grow => not_asked(grow),
    };
    let mut report = TopicReport {
        created: plan.create.iter().map(|spec| spec.name.clone()).collect(),
        grown: Vec::new(),
        drift: plan.drift,
    };
    for small in plan.grow {
        match refused.get(small.name.as_str()) {
            None => report.grown.push(small.name),
            Some(reason) => report.drift.push(small.drift(reason)),
        }
    }
    let is_changed = |spec: &&TopicSpec| {
        report.created.contains(&spec.name) || report.grown.contains(&spec.name)
    };
    let changed: Vec<&TopicSpec> = declared.iter().filter(is_changed).collect();
    if !changed.is_empty() {
        wait_for_leaders(admin, clock, &changed, within, &left).await?;
    }
    let is_old =
        |spec: &&TopicSpec| !spec.settings.is_empty() && !report.created.contains(&spec.name);
    let old: Vec<&TopicSpec> = declared.iter().filter(is_old).collect();
    for spec in old {
        match admin.settings(&spec.name, left()).await {
            Ok(actual) => report.drift.extend(settings_drift(spec, &actual)),
            // It may be there and not ours to look at.
            Err(error @ AdminError::Refused { .. }) => report.drift.push(unseen(spec, &error)),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(report)
}

/// The topics to grow, as the client asks for it.
fn wanted(grow: &[Small]) -> Vec<(TopicName, u16)> {
    grow.iter()
        .map(|small| (small.name.clone(), small.declared))
        .collect()
}

/// Why topics did not grow, by name. What the cluster refuses is no error: their partitions are
/// there and can be used.
fn grown(
    answers: &Result<Answers, AdminError>,
    grow: &[Small],
) -> Result<BTreeMap<String, String>, TopicsError> {
    match answers {
        Ok(answers) => {
            let refused = answers.iter().filter_map(|(topic, answer)| {
                let refusal = answer.as_ref().err()?;
                Some((topic.clone(), refusal.to_string()))
            });
            Ok(refused.collect())
        }
        Err(AdminError::Refused { reason, .. }) => Ok(grow
            .iter()
            .map(|small| (small.name.to_string(), reason.clone()))
            .collect()),
        Err(error) => Err(error.clone().into()),
    }
}

fn not_asked(grow: &[Small]) -> BTreeMap<String, String> {
    let reason = "app.create-topics is false".to_owned();
    grow.iter()
        .map(|small| (small.name.to_string(), reason.clone()))
        .collect()
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
            reason: None,
        };
        if state.partitions < usize::from(spec.partitions) {
            let (declared, actual) = (spec.partitions, state.partitions);
            plan.grow.push(Small {
                name: spec.name.clone(),
                declared,
                actual,
            });
        } else if state.partitions > usize::from(spec.partitions) {
            plan.drift
                .push(drift("partitions", spec.partitions, state.partitions));
        }
        if let Some(copies) = spec.replication
            && usize::from(copies) != state.replication
        {
            plan.drift
                .push(drift("replication", copies, state.replication));
        }
    }
    plan
}

fn settings_drift(spec: &TopicSpec, actual: &BTreeMap<String, String>) -> Vec<Drift> {
    let differs = |(name, declared): (&String, &String)| {
        let actual = actual.get(name).map_or("not set", String::as_str);
        // Lists are written with and without spaces.
        (actual.replace(' ', "") != declared.replace(' ', "")).then(|| Drift {
            topic: spec.name.clone(),
            what: name.clone(),
            declared: declared.clone(),
            actual: actual.to_owned(),
            reason: None,
        })
    };
    spec.settings.iter().filter_map(differs).collect()
}

/// Settings that nobody lets us compare.
fn unseen(spec: &TopicSpec, error: &AdminError) -> Drift {
    let declared: Vec<String> = spec
        .settings
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    Drift {
        topic: spec.name.clone(),
        what: "settings".to_owned(),
        declared: declared.join(", "),
        actual: "not known".to_owned(),
        reason: Some(error.to_string()),
    }
}

/// Turns the first refusal into an error. A topic that exists by now was made by another instance.
fn accept(
    action: &'static str,
    answers: &[(String, Result<(), Refusal>)],
    declared: &[TopicSpec],
) -> Result<(), TopicsError> {
    for (topic, answer) in answers {
        let partitions = || {
            declared
                .iter()
                .find(|spec| spec.name.as_str() == topic)
                .map_or(1, |spec| spec.partitions)
        };
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
                return Err(TopicsError::Refused {
                    action,
                    topic: topic.clone(),
                    reason: reason.clone(),
                });
            }
        }
    }
    Ok(())
}

/// A topic that was just made has no leaders for a moment, and a producer that meets it then fails.
async fn wait_for_leaders(
    admin: &Admin,
    clock: &Clock,
    declared: &[&TopicSpec],
    within: Duration,
    left: &impl Fn() -> Duration,
) -> Result<(), TopicsError> {
    loop {
        let topics = admin.topics(left().max(ASK_AGAIN)).await?;
        let is_ready = |spec: &TopicSpec| {
            topics
                .get(spec.name.as_str())
                .is_some_and(|state| state.led >= usize::from(spec.partitions))
        };
        let waiting: Vec<String> = declared
            .iter()
            .filter(|spec| !is_ready(spec))
            .map(|spec| spec.name.to_string())
            .collect();
        if waiting.is_empty() {
            return Ok(());
        }
        if left().is_zero() {
            return Err(TopicsError::NotReady {
                topics: waiting,
                within,
            });
        }
        clock.sleep(ASK_AGAIN).await;
    }
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            topic,
            what,
            declared,
            actual,
            reason,
        } = self;
        write!(f, "{topic}: {what} is {actual}, declared as {declared}")?;
        reason
            .as_ref()
            .map_or(Ok(()), |reason| write!(f, " ({reason})"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(name: &str, partitions: u16) -> TopicSpec {
        TopicSpec::new(TopicName::new(name).unwrap(), partitions)
    }

    fn small(name: &str, declared: u16, actual: usize) -> Small {
        Small {
            name: TopicName::new(name).unwrap(),
            declared,
            actual,
        }
    }

    fn existing(topics: &[(&str, usize)]) -> BTreeMap<String, TopicState> {
        let state = |partitions| TopicState {
            partitions,
            led: partitions,
            replication: 1,
        };
        topics
            .iter()
            .map(|(name, partitions)| ((*name).to_owned(), state(*partitions)))
            .collect()
    }

    #[test]
    fn missing_topics_are_created_and_small_ones_grow() {
        let plan = plan(
            &[spec("a", 4), spec("b", 4), spec("c", 4)],
            &existing(&[("b", 4), ("c", 1)]),
        );
        assert_eq!(plan.create, [spec("a", 4)]);
        assert_eq!(plan.grow, [small("c", 4, 1)]);
        assert_eq!(plan.drift, []);
    }

    #[test]
    fn partitions_are_never_taken_away() {
        let mut declared = spec("a", 2);
        declared.replication = Some(3);
        let plan = plan(&[declared], &existing(&[("a", 8)]));
        assert!(plan.create.is_empty() && plan.grow.is_empty());
        let drift: Vec<String> = plan.drift.iter().map(ToString::to_string).collect();
        assert_eq!(
            drift,
            [
                "a: partitions is 8, declared as 2",
                "a: replication is 1, declared as 3"
            ]
        );
    }

    #[test]
    fn a_topic_that_cannot_grow_is_used_as_it_is() {
        let grow = || vec![small("a", 4, 1)];
        let refused = |reason: &str| BTreeMap::from([("a".to_owned(), reason.to_owned())]);
        let not_permitted = Ok(vec![("a".to_owned(), Err(Refusal::NotPermitted))]);
        assert_eq!(
            grown(&not_permitted, &grow()),
            Ok(refused("this client may not"))
        );
        let (brokers, reason) = ("a:9092".to_owned(), "UnsupportedFeature".to_owned());
        let lacking = Err(AdminError::Refused {
            brokers,
            what: "add partitions",
            reason,
        });
        assert_eq!(grown(&lacking, &grow()), Ok(refused("UnsupportedFeature")));
        assert_eq!(
            grown(&Ok(vec![("a".to_owned(), Ok(()))]), &grow()),
            Ok(BTreeMap::new())
        );
        let drift = small("a", 4, 1).drift("this client may not").to_string();
        assert_eq!(
            drift,
            "a: partitions is 1, declared as 4 (this client may not)"
        );
    }

    #[test]
    fn settings_that_may_not_be_seen_are_told_and_no_error() {
        let mut declared = spec("a", 1);
        declared.settings = BTreeMap::from([("retention.ms".into(), "1".into())]);
        let (brokers, reason) = ("a:9092".to_owned(), "TopicAuthorizationFailed".to_owned());
        let error = AdminError::Refused {
            brokers,
            what: "describe the settings of a topic",
            reason,
        };
        let drift = unseen(&declared, &error).to_string();
        assert!(
            drift.starts_with(
                "a: settings is not known, declared as retention.ms=1 (the cluster at"
            ),
            "{drift}"
        );
    }

    #[test]
    fn a_setting_that_differs_is_drift() {
        let mut declared = spec("a", 1);
        declared.settings = BTreeMap::from([
            ("retention.ms".into(), "1".into()),
            ("x".into(), "2".into()),
        ]);
        let actual = BTreeMap::from([
            ("x".into(), "2".into()),
            ("retention.ms".into(), "9".into()),
        ]);
        let drift: Vec<String> = settings_drift(&declared, &actual)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(drift, ["a: retention.ms is 9, declared as 1"]);
    }

    #[test]
    fn a_topic_made_by_another_instance_is_as_good_as_made() {
        let answers = [
            ("a".to_owned(), Err(Refusal::Exists)),
            ("b".to_owned(), Ok(())),
        ];
        assert_eq!(
            accept("create", &answers, &[spec("a", 1), spec("b", 1)]),
            Ok(())
        );
    }

    #[test]
    fn refusals_say_what_to_do() {
        let error = accept(
            "create",
            &[("a".to_owned(), Err(Refusal::NotPermitted))],
            &[spec("a", 4)],
        );
        insta::assert_snapshot!(error.unwrap_err(), @"not permitted to create a: have it created with 4 partitions beforehand, or grant this client CREATE on it");
        let refused = Err(Refusal::Other(
            "Broker: Invalid replication factor".to_owned(),
        ));
        insta::assert_snapshot!(accept("create", &[("a".to_owned(), refused)], &[spec("a", 4)]).unwrap_err(), @"the broker refuses to create a: Broker: Invalid replication factor");
    }
}
