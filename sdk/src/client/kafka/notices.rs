//! The meaning of a consumer's error events for its listener.

use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use super::refusal::Refusal;
use crate::client::notice::{AfterFatal, Notice};
use crate::client::problem::{Problem, ProblemKind, ProblemSubject};
use crate::client::trouble::Complaint;
use crate::config::ClientProperties;
use crate::types::TopicName;

/// Returns the notice for an error event. `properties` are those of the client.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "librdkafka has some two hundred codes"
)]
pub(super) fn notice(
    code: RDKafkaErrorCode,
    reason: &str,
    properties: &ClientProperties,
) -> Notice {
    use RDKafkaErrorCode as Code;
    let reason = worded(code, reason);
    if let Some(refusal) = Refusal::of(code) {
        return refusal.notice(&reason, properties);
    }
    match code {
        Code::BrokerTransportFailure
        | Code::Resolve
        | Code::AllBrokersDown
        | Code::Authentication
        | Code::SaslAuthenticationFailed
        | Code::SSL => Notice::Trouble(Complaint::of(code, reason)),
        Code::UnknownTopic | Code::UnknownPartition | Code::UnknownTopicOrPartition => {
            about_a_topic(ProblemKind::MissingTopic, reason)
        }
        Code::TopicAuthorizationFailed => about_a_topic(ProblemKind::Forbidden, reason),
        Code::ClusterAuthorizationFailed => Notice::Problem(Problem::new(
            ProblemKind::Forbidden,
            ProblemSubject::Group,
            reason,
        )),
        Code::Fatal => Notice::Fatal {
            reason,
            then: AfterFatal::StartAgain,
        },
        // `auto.offset.reset=error` asks for this.
        Code::AutoOffsetReset => Notice::Fatal {
            reason,
            then: AfterFatal::Stay,
        },
        _ => Notice::Warning { reason },
    }
}

fn about_a_topic(kind: ProblemKind, reason: String) -> Notice {
    let subject = named_topic(&reason).map_or(ProblemSubject::Subscription, ProblemSubject::Topic);
    Notice::Problem(Problem::new(kind, subject, reason))
}

/// Returns the topic that librdkafka names in an error about a subscription.
///
/// The event carries the name in its text only: `Subscribed topic not available: orders: …`.
pub(super) fn named_topic(reason: &str) -> Option<TopicName> {
    let (_, rest) = reason.split_once("topic not available: ")?;
    let (name, _) = rest.split_once(": ")?;
    TopicName::new(name).ok()
}

/// Returns the notice for a fatal error, by the code behind it.
pub(super) fn fatal(code: RDKafkaErrorCode, reason: &str, properties: &ClientProperties) -> Notice {
    let reason = worded(code, reason);
    match Refusal::of(code) {
        Some(refusal) => Notice::Fatal {
            reason: refusal.explain(&reason, properties),
            then: refusal.then(),
        },
        None => Notice::Fatal {
            reason,
            then: AfterFatal::StartAgain,
        },
    }
}

fn worded(code: RDKafkaErrorCode, reason: &str) -> String {
    if reason.is_empty() {
        code.to_string()
    } else {
        format!("{reason} ({code})")
    }
}

/// Returns the notice for a refused commit.
///
/// While a group is rebalancing it takes no commit of members that have not joined the next
/// generation yet. That is part of every rebalance, and the next commit carries the same offsets.
pub(super) fn commit_refused(error: &KafkaError, properties: &ClientProperties) -> Notice {
    use RDKafkaErrorCode as Code;
    let reason = error.to_string();
    let code = error.rdkafka_error_code();
    match code {
        Some(
            Code::IllegalGeneration
            | Code::RebalanceInProgress
            | Code::UnknownMemberId
            | Code::StaleMemberEpoch
            | Code::AssignmentLost,
        ) => Notice::CommitOutrun { reason },
        _ => Notice::CommitFailed {
            reason: match code.and_then(Refusal::of) {
                Some(refusal) => refusal.explain(&reason, properties),
                None => reason,
            },
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_that_a_rebalance_outran_is_not_taken_for_a_refusal() {
        use RDKafkaErrorCode as Code;
        let outrun = |code| {
            let error = KafkaError::ConsumerCommit(code);
            let notice = commit_refused(&error, &ClientProperties::new());
            matches!(notice, Notice::CommitOutrun { .. })
        };
        for code in [
            Code::IllegalGeneration,
            Code::RebalanceInProgress,
            Code::UnknownMemberId,
        ] {
            assert!(outrun(code), "{code}");
        }
        for code in [
            Code::OffsetMetadataTooLarge,
            Code::GroupAuthorizationFailed,
            Code::InvalidGroupId,
        ] {
            assert!(!outrun(code), "{code}");
        }
    }

    #[test]
    fn a_commit_that_the_group_forbids_says_which_group_and_what_to_do() {
        let mut properties = ClientProperties::new();
        properties.set("group.id", "invoices");
        let forbidden = KafkaError::ConsumerCommit(RDKafkaErrorCode::GroupAuthorizationFailed);
        let Notice::CommitFailed { reason } = commit_refused(&forbidden, &properties) else {
            panic!("it is refused")
        };
        assert!(
            reason.contains(r#"group.id = "invoices"; grant this client READ"#),
            "{reason}"
        );
    }

    #[test]
    fn a_new_client_is_of_use_unless_the_settings_or_a_namesake_decide() {
        let then = |code| {
            let notice = fatal(code, "", &ClientProperties::new());
            let Notice::Fatal { then, .. } = notice else {
                panic!("{notice:?}")
            };
            then
        };
        assert_eq!(then(RDKafkaErrorCode::FencedInstanceId), AfterFatal::Stay);
        assert_eq!(
            then(RDKafkaErrorCode::UnsupportedAssignor),
            AfterFatal::Stay
        );
        assert_eq!(
            then(RDKafkaErrorCode::GroupMaxSizeReached),
            AfterFatal::StartAgain
        );
        assert_eq!(
            then(RDKafkaErrorCode::UnknownMemberId),
            AfterFatal::StartAgain
        );
    }

    #[test]
    fn a_fatal_error_ends_the_listener_whatever_is_behind_it() {
        let properties = ClientProperties::new();
        for code in [
            RDKafkaErrorCode::GroupMaxSizeReached,
            RDKafkaErrorCode::InvalidRequest,
        ] {
            let notice = fatal(code, "ConsumerGroupHeartbeat fatal error", &properties);
            assert!(matches!(notice, Notice::Fatal { .. }), "{notice:?}");
        }
    }
}
