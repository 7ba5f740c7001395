//! What shows that a problem has passed, kind by kind.

use super::*;
use crate::extract::ListenerId;
use crate::listener::health::HaltedPartition;
use crate::types::PartitionId;

fn reporter_with_everything() -> HealthReporter {
    use ProblemKind as Kind;
    use ProblemSubject as Subject;
    let reporter = HealthReporter::new(ListenerId::new("shop"));
    let [partition] = partition();
    for (kind, subject) in [
        (Kind::Unreachable, Subject::Cluster),
        (Kind::MissingTopic, Subject::Subscription),
        (Kind::Forbidden, Subject::Subscription),
        (Kind::Forbidden, Subject::Partition(partition)),
        (Kind::Forbidden, Subject::Group),
        (Kind::CommitFailing, Subject::Group),
    ] {
        reporter.problem(Problem::new(kind, subject, String::new()));
    }
    reporter
}

fn kinds(reporter: &HealthReporter) -> Vec<&'static str> {
    use ProblemKind as Kind;
    use ProblemSubject as Subject;
    let name = |problem: &Problem| match (problem.kind, &problem.subject) {
        (Kind::Unreachable, _) => "unreachable",
        (Kind::MissingTopic, _) => "missing topic",
        (Kind::Forbidden, Subject::Topic(_) | Subject::Subscription) => "forbidden topic",
        (Kind::Forbidden, Subject::Partition(_)) => "forbidden partition",
        (Kind::FetchFailing, _) => "fetch",
        (Kind::Forbidden, _) => "forbidden",
        (Kind::GroupFull, _) => "full",
        (Kind::CommitFailing, _) => "commit",
        (Kind::DeadLetterFailing, _) => "dead letter",
    };
    reporter.health().problems.iter().map(name).collect()
}

fn partition() -> [TopicPartition; 1] {
    [TopicPartition::new(
        TopicName::new("orders").unwrap(),
        PartitionId(0),
    )]
}

#[test]
fn a_look_at_the_topics_ends_what_has_passed() {
    let reporter = reporter_with_everything();
    let missing = Some(TopicName::new("other").unwrap());
    reporter.probed(&TopicsSeen {
        missing,
        forbidden: None,
    });
    assert_eq!(
        kinds(&reporter),
        [
            "missing topic",
            "forbidden partition",
            "forbidden",
            "commit"
        ]
    );
    assert!(reporter.needs_probe());
    reporter.probed(&TopicsSeen::default());
    assert_eq!(
        kinds(&reporter),
        ["forbidden partition", "forbidden", "commit"]
    );
    assert!(!reporter.needs_probe(), "of these a look tells nothing");
}

#[test]
fn the_topic_that_is_named_is_one_that_is_missing() {
    let reporter = HealthReporter::new(ListenerId::new("shop"));
    let reason = "Subscribed topic not available: b: Unknown topic";
    let missing = |name: &str, reason: &str| {
        let subject = ProblemSubject::Topic(TopicName::new(name).unwrap());
        Problem::new(ProblemKind::MissingTopic, subject, reason.to_owned())
    };
    reporter.problem(missing("b", reason));
    let seen = |name| {
        reporter.probed(&TopicsSeen {
            missing: Some(TopicName::new(name).unwrap()),
            forbidden: None,
        });
        reporter.health().problems
    };
    assert_eq!(seen("b"), [missing("b", reason)]);
    assert_eq!(seen("a"), [missing("a", "a")]);
}

#[test]
fn a_partition_waits_at_its_first_trouble_whichever_is_told_first() {
    let [partition] = partition();
    let halted = |offset| {
        let reason = String::new();
        HaltedPartition {
            partition: partition.clone(),
            offset: Offset(offset),
            reason,
        }
    };
    let (handler, damage) = (halted(4), halted(9));
    for told in [[&handler, &damage], [&damage, &handler]] {
        let reporter = HealthReporter::new(ListenerId::new("shop"));
        told.into_iter()
            .for_each(|halted| reporter.halted(halted.clone()));
        assert_eq!(reporter.health().halted, std::slice::from_ref(&handler));
    }
}

#[test]
fn a_record_shows_that_its_partition_may_be_read() {
    let reporter = reporter_with_everything();
    let [at] = partition();
    let (offset, reason) = (Offset(3), "the disk is gone".to_owned());
    reporter.problem(Problem::at(
        ProblemKind::FetchFailing,
        at.clone(),
        offset,
        reason,
    ));
    reporter.readable(&at);
    assert!(
        !kinds(&reporter).contains(&"forbidden partition") && !kinds(&reporter).contains(&"fetch")
    );
}

#[test]
fn an_assignment_shows_that_the_group_is_ours() {
    let reporter = reporter_with_everything();
    reporter.assigned(&partition());
    assert_eq!(
        kinds(&reporter),
        [
            "missing topic",
            "forbidden topic",
            "forbidden partition",
            "commit"
        ]
    );
}

#[test]
fn what_was_wrong_with_the_commits_of_a_partition_goes_with_it() {
    let reporter = reporter_with_everything();
    reporter.revoked(&partition());
    assert!(!kinds(&reporter).contains(&"commit"));
}
