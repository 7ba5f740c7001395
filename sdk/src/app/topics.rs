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

/// The outcome for an application's topics.
#[derive(Debug)]
pub(super) struct Made {
    /// The differences from the declaration that were left.
    pub(super) drift: Vec<Drift>,
    /// Dead-letter topics that were not made, since the topics they are for are missing.
    pub(super) missing: DeadLetterTopics,
}

/// The dead-letter topics of listeners that write to one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DeadLetterTopics {
    /// Each source topic with its dead-letter topic.
    pairs: Vec<(TopicName, TopicName)>,
    /// The way to deal with those that are missing.
    on_missing: OnMissing,
}

impl DeadLetterTopics {
    /// Those of every listener whose policy is to write dead letters, or one of whose errors asks
    /// for it.
    fn of(plan: &Plan) -> Self {
        let writing = plan.listeners.iter().map(|listener| &listener.endpoint);
        let writing = writing.filter(|endpoint| writes_dead_letters(endpoint));
        let pairs = writing.flat_map(|endpoint| {
            endpoint.topics.iter().filter_map(|topic| {
                let letters =
                    destination(topic, endpoint.failing.dead_letter_topic.as_ref()).ok()?;
                Some((topic.clone(), letters))
            })
        });
        Self {
            pairs: pairs.collect(),
            on_missing: on_missing(plan),
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// Whether one of these source topics has a dead-letter topic here.
    pub(super) fn are_of(&self, sources: &[TopicName]) -> bool {
        self.pairs
            .iter()
            .any(|(source, _)| sources.contains(source))
    }

    /// Those that are not there, as large as the topics they are for: a letter goes to the
    /// partition its record was in.
    fn to_make(&self, existing: &BTreeMap<String, TopicState>) -> Vec<TopicSpec> {
        let mut sizes: BTreeMap<&TopicName, u16> = BTreeMap::new();
        for (source, letters) in &self.pairs {
            let Some(state) = existing.get(source.as_str()) else {
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

    /// Those that cannot be made yet: a source topic that is not there says nothing about its size.
    fn without_a_source(&self, existing: &BTreeMap<String, TopicState>) -> Self {
        let is_there = |topic: &TopicName| existing.contains_key(topic.as_str());
        let pairs = self.pairs.iter();
        let pairs = pairs.filter(|(source, letters)| !is_there(source) && !is_there(letters));
        Self {
            pairs: pairs.cloned().collect(),
            on_missing: self.on_missing,
        }
    }
}

/// Makes the declared topics, then the dead-letter topics of listeners that write to one.
///
/// A declared topic that cannot be made is an error. A dead-letter topic is a warning: nothing is
/// lost without it, since a record whose dead letter cannot be written waits.
pub(super) async fn make_topics(
    plan: &Plan,
    clock: &Clock,
    deadline: Instant,
) -> Result<Made, TopicsError> {
    let letters = DeadLetterTopics::of(plan);
    if plan.topics.is_empty() && letters.is_empty() {
        return Ok(Made {
            drift: Vec::new(),
            missing: letters,
        });
    }
    let admin = Admin::new(&plan.admin)?;
    let create = on_missing(plan);
    let left = || deadline.saturating_duration_since(clock.now());
    let report = ensure_topics(&admin, clock, &plan.topics, create, left()).await?;
    log(&report);
    let missing = if letters.is_empty() {
        letters
    } else {
        make_dead_letter_topics(&letters, &admin, clock, left()).await?
    };
    Ok(Made {
        drift: report.drift,
        missing,
    })
}

/// Makes dead-letter topics. Returns those whose source topics are not there.
///
/// # Errors
/// When the cluster does not say which topics it has.
pub(super) async fn make_dead_letter_topics(
    letters: &DeadLetterTopics,
    admin: &Admin,
    clock: &Clock,
    within: Duration,
) -> Result<DeadLetterTopics, TopicsError> {
    let existing = admin.topics(within).await?;
    let to_make = letters.to_make(&existing);
    match ensure_topics(admin, clock, &to_make, letters.on_missing, within).await {
        Ok(report) => log(&report),
        Err(error) => {
            tracing::warn!(%error, "dead letters have no topic: their records wait until there is one")
        }
    }
    Ok(letters.without_a_source(&existing))
}

/// Returns the way to deal with topics that are missing (`app.create-topics`).
fn on_missing(plan: &Plan) -> OnMissing {
    if plan.config.app().create_topics {
        OnMissing::Create
    } else {
        OnMissing::Fail
    }
}

/// Whether a listener's policy is to write dead letters, or one of its errors asks for it.
pub(super) fn writes_dead_letters(endpoint: &ResolvedEndpoint) -> bool {
    endpoint.failing.on_exhausted == OnExhausted::DeadLetter
        || endpoint.failing.classifier.is_for_dead_letters()
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

    fn letters<const N: usize>(pairs: [(&str, &str); N]) -> DeadLetterTopics {
        let pairs = pairs.map(|(from, to)| (topic(from), topic(to)));
        DeadLetterTopics {
            pairs: pairs.to_vec(),
            on_missing: OnMissing::Create,
        }
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
        let letters_of = letters([
            ("a", "dead"),
            ("b", "dead"),
            ("c", "c-dlt"),
            ("unknown", "unknown-dlt"),
            ("other", "dead"),
            ("third", "c-dlt"),
        ]);
        assert_eq!(
            letters_of.to_make(&existing),
            [TopicSpec::new(topic("dead"), 8)]
        );
        let waiting = letters([("unknown", "unknown-dlt"), ("other", "dead")]);
        assert_eq!(letters_of.without_a_source(&existing), waiting);
        assert!(waiting.are_of(&[topic("c"), topic("unknown")]));
        assert!(!waiting.are_of(&[topic("c")]));
    }
}
