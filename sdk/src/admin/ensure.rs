//! Creates declared topics that are missing.

use std::collections::BTreeMap;
use std::time::Duration;

use super::error::TopicsError;
use super::plan::{Undersized, plan, settings_drift, unseen};
use super::report::TopicReport;
use crate::client::{Admin, AdminError, Refusal, TopicSpec};
use crate::runtime::Clock;
use crate::types::TopicName;

/// The way to deal with declared topics that are missing or have too few partitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnMissing {
    /// They are created, or get the partitions that are missing.
    Create,
    /// A missing topic is an error, and one with too few partitions is reported.
    Fail,
}

/// The outcome for each topic.
type Answers = Vec<(String, Result<(), Refusal>)>;

/// Interval between questions whether new topics have their leaders.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// Creates missing topics and adds missing partitions, unless `on_missing` says otherwise, and
/// reports every other difference. Nothing is ever removed, and a topic that cannot grow is used as
/// it is.
///
/// A topic that another instance creates at the same time counts as created.
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
    on_missing: OnMissing,
    within: Duration,
) -> Result<TopicReport, TopicsError> {
    if declared.is_empty() {
        return Ok(TopicReport::default());
    }
    let deadline = clock.after(within);
    let left = || deadline.saturating_duration_since(clock.now());
    let plan = plan(declared, &admin.topics(left()).await?);
    if on_missing == OnMissing::Fail && !plan.create.is_empty() {
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
        grow if on_missing == OnMissing::Create => {
            grown(&admin.add_partitions(&wanted(grow), left()).await, grow)?
        }
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
            // The topic may exist although this client may not describe it.
            Err(error @ AdminError::Refused { .. }) => report.drift.push(unseen(spec, &error)),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(report)
}

/// The topics to grow, as the client asks for it.
fn wanted(grow: &[Undersized]) -> Vec<(TopicName, u16)> {
    grow.iter()
        .map(|small| (small.name.clone(), small.declared))
        .collect()
}

/// Returns the reasons why topics did not grow, by name. A refusal by the cluster is no error:
/// their partitions are there and can be used.
fn grown(
    answers: &Result<Answers, AdminError>,
    grow: &[Undersized],
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

fn not_asked(grow: &[Undersized]) -> BTreeMap<String, String> {
    let reason = "app.create-topics is false".to_owned();
    grow.iter()
        .map(|small| (small.name.to_string(), reason.clone()))
        .collect()
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
        let topics = admin.topics(left().max(POLL_INTERVAL)).await?;
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
        clock.sleep(POLL_INTERVAL).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(name: &str, partitions: u16) -> TopicSpec {
        TopicSpec::new(TopicName::new(name).unwrap(), partitions)
    }

    fn small(name: &str, declared: u16, actual: usize) -> Undersized {
        Undersized {
            name: TopicName::new(name).unwrap(),
            declared,
            actual,
        }
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
