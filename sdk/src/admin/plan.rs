//! The plan for declared topics: pure.

use std::collections::BTreeMap;

use super::report::Drift;
use crate::client::{AdminError, TopicSpec, TopicState};
use crate::types::TopicName;

/// The changes to make.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) create: Vec<TopicSpec>,
    pub(super) grow: Vec<Undersized>,
    pub(super) drift: Vec<Drift>,
}

/// A topic with fewer partitions than declared.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Undersized {
    pub(super) name: TopicName,
    pub(super) declared: u16,
    pub(super) actual: usize,
}

impl Undersized {
    /// Reports it as one that stays as it is.
    pub(super) fn drift(self, reason: &str) -> Drift {
        Drift {
            topic: self.name,
            what: "partitions".to_owned(),
            declared: self.declared.to_string(),
            actual: self.actual.to_string(),
            reason: Some(reason.to_owned()),
        }
    }
}

/// Compares what is declared with what exists.
pub(super) fn plan(declared: &[TopicSpec], existing: &BTreeMap<String, TopicState>) -> Plan {
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
            plan.grow.push(Undersized {
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

/// The settings that differ from what is declared.
pub(super) fn settings_drift(spec: &TopicSpec, actual: &BTreeMap<String, String>) -> Vec<Drift> {
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

/// Settings that this client may not see.
pub(super) fn unseen(spec: &TopicSpec, error: &AdminError) -> Drift {
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
}
