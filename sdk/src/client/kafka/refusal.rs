//! Refusals of a consumer by its group, and the properties that decide them.

use rdkafka::error::RDKafkaErrorCode;

use crate::client::notice::{AfterFatal, Notice};
use crate::client::problem::{Problem, ProblemKind, ProblemSubject};
use crate::config::ClientProperties;

/// A refusal of the group's coordinator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refusal {
    kind: Kind,
    /// The properties that decide it; those that are set are named with their places.
    properties: &'static [&'static str],
    advice: &'static str,
}

/// The duration of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Until the settings change.
    Lasting,
    /// Until a member leaves.
    Full,
    /// Until somebody grants it.
    Forbidden,
}

impl Refusal {
    /// Returns the kind of refusal that the code stands for, if it is one of a group.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "librdkafka has some two hundred codes"
    )]
    pub(super) const fn of(code: RDKafkaErrorCode) -> Option<Self> {
        use RDKafkaErrorCode as Code;
        let (kind, properties, advice): (_, &'static [&'static str], _) = match code {
            Code::InvalidSessionTimeout => (
                Kind::Lasting,
                &["session.timeout.ms"],
                "the broker's group.min.session.timeout.ms (6000 unless changed) and group.max.session.timeout.ms bound it",
            ),
            Code::InconsistentGroupProtocol => (
                Kind::Lasting,
                &[
                    "group.id",
                    "partition.assignment.strategy",
                    "group.protocol",
                ],
                "the group's members use another protocol or assignor: use one that they know, or another group",
            ),
            Code::InvalidGroupId => (
                Kind::Lasting,
                &["group.id"],
                "the broker takes no such group: give the listener another one",
            ),
            Code::FencedInstanceId | Code::UnreleasedInstanceId => (
                Kind::Lasting,
                &["group.instance.id"],
                "another member has taken this instance id: give each instance one of its own",
            ),
            Code::UnsupportedAssignor => (
                Kind::Lasting,
                &["group.remote.assignor"],
                "the broker has no such assignor",
            ),
            Code::UnsupportedVersion | Code::UnsupportedFeature => (
                Kind::Lasting,
                &["group.protocol"],
                "the broker does not offer this: group.protocol=consumer needs Kafka 4.0 and \
                 group.coordinator.rebalance.protocols to list it",
            ),
            Code::GroupMaxSizeReached => (
                Kind::Full,
                &["group.id"],
                "the group is full: run fewer consumers, or raise the broker's group.max.size",
            ),
            Code::GroupAuthorizationFailed => (
                Kind::Forbidden,
                &["group.id"],
                "grant this client READ on the group",
            ),
            _ => return None,
        };
        Some(Self {
            kind,
            properties,
            advice,
        })
    }

    /// Tells of it.
    pub(super) fn notice(self, reason: &str, properties: &ClientProperties) -> Notice {
        let reason = self.explain(reason, properties);
        match self.kind {
            Kind::Lasting => Notice::Fatal {
                reason,
                then: self.then(),
            },
            Kind::Full => about_the_group(ProblemKind::GroupFull, reason),
            Kind::Forbidden => about_the_group(ProblemKind::Forbidden, reason),
        }
    }

    /// Whether another consumer with the same settings may do better.
    pub(super) const fn then(self) -> AfterFatal {
        match self.kind {
            Kind::Lasting => AfterFatal::Stay,
            Kind::Full | Kind::Forbidden => AfterFatal::StartAgain,
        }
    }

    /// The broker's words, the properties with their values and places, and what to do.
    pub(super) fn explain(self, reason: &str, properties: &ClientProperties) -> String {
        let set = self
            .properties
            .iter()
            .filter_map(|name| setting(name, properties));
        let parts: Vec<String> = set.chain([self.advice.to_owned()]).collect();
        format!("{reason}; {}", parts.join("; "))
    }
}

fn about_the_group(kind: ProblemKind, reason: String) -> Notice {
    Notice::Problem(Problem::new(kind, ProblemSubject::Group, reason))
}

/// A property that is set, with its value, its key and where that was written.
fn setting(name: &str, properties: &ClientProperties) -> Option<String> {
    let property = properties.property(name)?;
    // A secret decides none of this, and is never printed.
    let value = if property.is_secret() {
        "…"
    } else {
        property.value()
    };
    Some(match property.written() {
        Some((key, origin)) => format!("{key} = {value:?} ({origin})"),
        None => format!("{name} = {value:?}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Loader;

    fn told(code: RDKafkaErrorCode, settings: &[(&'static str, &'static str)]) -> Notice {
        let config = Loader::new()
            .environment(settings.iter().copied())
            .load()
            .unwrap();
        let mut properties = config.consumer_properties("billing");
        properties.set("group.id", "invoices");
        Refusal::of(code)
            .unwrap()
            .notice("JoinGroup failed", &properties)
    }

    #[test]
    fn a_refusal_names_the_setting_its_value_and_where_that_was_written() {
        let written = [(
            "WELLSPRING_KAFKA_CONSUMER_PROPERTIES_SESSION_TIMEOUT_MS",
            "1000",
        )];
        let Notice::Fatal { reason, .. } = told(RDKafkaErrorCode::InvalidSessionTimeout, &written)
        else {
            panic!("it does not pass by itself")
        };
        insta::assert_snapshot!(reason, @r#"JoinGroup failed; kafka.consumer.properties.session.timeout.ms = "1000" (environment variable WELLSPRING_KAFKA_CONSUMER_PROPERTIES_SESSION_TIMEOUT_MS); the broker's group.min.session.timeout.ms (6000 unless changed) and group.max.session.timeout.ms bound it"#);
    }

    #[test]
    fn what_may_pass_is_waited_for_and_what_cannot_is_not() {
        use RDKafkaErrorCode as Code;
        for code in [
            Code::InconsistentGroupProtocol,
            Code::InvalidGroupId,
            Code::FencedInstanceId,
        ] {
            assert!(matches!(told(code, &[]), Notice::Fatal { .. }), "{code}");
        }
        let full = told(Code::GroupMaxSizeReached, &[]);
        assert!(
            matches!(&full, Notice::Problem(Problem { kind: ProblemKind::GroupFull, reason, .. }) if reason.contains(r#"group.id = "invoices""#)),
            "{full:?}"
        );
        assert!(matches!(
            told(Code::GroupAuthorizationFailed, &[]),
            Notice::Problem(Problem {
                kind: ProblemKind::Forbidden,
                ..
            })
        ));
    }
}
