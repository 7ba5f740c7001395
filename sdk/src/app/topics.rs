//! The topics of an application at its start: those it declares, and those of its dead letters.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::plan::Plan;
use crate::admin::{Drift, OnMissing, TopicReport, TopicsError, ensure_topics};
use crate::client::{Admin, TopicSpec, TopicState};
use crate::dead_letter::destination;
use crate::endpoint::ResolvedEndpoint;
use crate::retry::OnExhausted;
use crate::runtime::Clock;
use crate::types::TopicName;

/// Makes the declared topics, then the dead-letter topics of listeners that write to one.
///
/// Answers with what is not as declared and was left so. A declared topic that cannot be made is an
/// error. A dead-letter topic is a warning: nothing is lost without it, since a record whose dead
/// letter cannot be written waits.
pub(super) async fn make_topics(
    plan: &Plan,
    clock: &Clock,
    deadline: Instant,
) -> Result<Vec<Drift>, TopicsError> {
    if plan.topics.is_empty() && dead_letters(plan).is_empty() {
        return Ok(Vec::new());
    }
    let admin = Admin::new(&plan.admin)?;
    let create = on_missing(plan);
    let left = || deadline.saturating_duration_since(clock.now());
    let report = ensure_topics(&admin, clock, &plan.topics, create, left()).await?;
    log(&report);
    make_dead_letter_topics(plan, &admin, clock, left()).await?;
    Ok(report.drift)
}

async fn make_dead_letter_topics(
    plan: &Plan,
    admin: &Admin,
    clock: &Clock,
    within: Duration,
) -> Result<(), TopicsError> {
    if dead_letters(plan).is_empty() {
        return Ok(());
    }
    let missing = missing_dead_letters(&dead_letters(plan), &admin.topics(within).await?);
    let create = on_missing(plan);
    match ensure_topics(admin, clock, &missing, create, within).await {
        Ok(report) => log(&report),
        Err(error) => {
            tracing::warn!(%error, "dead letters have no topic: their records wait until there is one")
        }
    }
    Ok(())
}

/// What the application does about topics that are missing (`app.create-topics`).
fn on_missing(plan: &Plan) -> OnMissing {
    if plan.config.app().create_topics {
        OnMissing::Create
    } else {
        OnMissing::Fail
    }
}

/// Whether a listener's policy is to write dead letters, or one of its errors asks for it.
pub(super) fn writes_dead_letters(endpoint: &ResolvedEndpoint) -> bool {
    endpoint.on_exhausted == OnExhausted::DeadLetter || endpoint.classifier.is_for_dead_letters()
}

/// Pairs of a topic and its dead-letter topic, for every listener whose policy is to write there,
/// or one of whose errors asks for it.
fn dead_letters(plan: &Plan) -> Vec<(TopicName, TopicName)> {
    let writing = plan.listeners.iter().map(|listener| &listener.endpoint);
    let writing = writing.filter(|endpoint| writes_dead_letters(endpoint));
    let pairs = writing.flat_map(|endpoint| {
        endpoint.topics.iter().filter_map(|topic| {
            let letters = destination(topic, endpoint.dead_letter_topic.as_ref()).ok()?;
            Some((topic.clone(), letters))
        })
    });
    pairs.collect()
}

/// The dead-letter topics that are not there, as large as the topics they are for: a letter goes to
/// the partition its record was in. A topic that is not there itself says nothing about its size.
fn missing_dead_letters(
    pairs: &[(TopicName, TopicName)],
    existing: &BTreeMap<String, TopicState>,
) -> Vec<TopicSpec> {
    let mut sizes: BTreeMap<&TopicName, u16> = BTreeMap::new();
    for (topic, letters) in pairs {
        let Some(state) = existing.get(topic.as_str()) else {
            continue;
        };
        if !existing.contains_key(letters.as_str()) {
            let partitions = u16::try_from(state.partitions).unwrap_or(u16::MAX);
            let size = sizes.entry(letters).or_default();
            *size = partitions.max(*size);
        }
    }
    sizes
        .into_iter()
        .map(|(letters, partitions)| TopicSpec::new(letters.clone(), partitions))
        .collect()
}

fn log(report: &TopicReport) {
    for topic in &report.created {
        tracing::info!(%topic, "created");
    }
    for topic in &report.grown {
        tracing::info!(%topic, "got more partitions");
    }
    for drift in &report.drift {
        tracing::warn!(topic = %drift.topic, "left as it is: {drift}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topic(name: &str) -> TopicName {
        TopicName::new(name).unwrap()
    }

    #[test]
    fn a_dead_letter_topic_is_as_large_as_the_largest_topic_it_is_for() {
        let state = |partitions| TopicState {
            partitions,
            led: partitions,
            replication: 1,
        };
        let existing = BTreeMap::from([
            ("a".to_owned(), state(4)),
            ("b".to_owned(), state(8)),
            ("c".to_owned(), state(2)),
            ("c-dlt".to_owned(), state(1)),
        ]);
        let pairs = [
            ("a", "dead"),
            ("b", "dead"),
            ("c", "c-dlt"),
            ("unknown", "unknown-dlt"),
        ];
        let pairs = pairs.map(|(from, to)| (topic(from), topic(to)));
        assert_eq!(
            missing_dead_letters(&pairs, &existing),
            [TopicSpec::new(topic("dead"), 8)]
        );
    }
}
