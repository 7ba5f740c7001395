//! When problems begin, and what shows that they have passed.
//!
//! The client tells when something goes wrong and hardly ever when it is right again. So each kind
//! of problem has its sign: a commit that is stored, an assignment, a record of the partition, or a
//! probe of the topics.

use super::reporter::HealthReporter;
use super::state::ListenerHealth;
use crate::client::{Problem, ProblemKind, ProblemSubject, TopicsSeen};
use crate::types::{Offset, TopicName, TopicPartition};

impl HealthReporter {
    /// Notes a problem, in the place of an older one about the same. Returns whether it is news.
    pub(in crate::listener) fn problem(&self, problem: Problem) -> bool {
        self.health.send_if_modified(|health| {
            if health.problems.contains(&problem) {
                return false;
            }
            health.problems.retain(|known| !problem.replaces(known));
            health.problems.push(problem);
            true
        })
    }

    /// Notes and logs a problem that a client has. `is_known` says that the partition has failed
    /// before, and nothing has been read since.
    pub(in crate::listener) fn client_problem(&self, problem: Problem, is_known: bool) {
        use ProblemKind as Kind;
        use ProblemSubject as Subject;
        let (kind, subject) = (problem.kind, problem.subject.clone());
        let reason = problem.reason.clone();
        let is_news = self.problem(problem);
        match (kind, subject) {
            (Kind::MissingTopic, _) => {
                tracing::warn!(reason, "a topic is missing; waiting for it");
            }
            (Kind::Forbidden, Subject::Topic(_) | Subject::Subscription) => {
                tracing::error!(reason, "the broker forbids to see a topic");
            }
            (Kind::Forbidden, Subject::Partition(_) | Subject::Record { .. }) => {
                tracing::error!(reason, "the broker forbids to read a partition");
            }
            (Kind::Forbidden, Subject::Cluster | Subject::Group) if is_news => {
                tracing::error!(reason, "the broker forbids what the listener wants");
            }
            (Kind::GroupFull, _) if is_news => {
                tracing::warn!(reason, "the group takes no more members; trying again");
            }
            (Kind::FetchFailing, Subject::Record { partition, offset }) if !is_known => {
                tracing::error!(%partition, %offset, reason, "the partition cannot be read; the client tries again");
            }
            // The others are told by whoever finds them.
            _ => {}
        }
    }

    /// Notes that a commit was stored.
    pub(in crate::listener) fn committed(&self) {
        self.trouble.answered();
        self.clear(|problem| {
            is_refusal(problem.kind, &problem.subject) || problem.kind == ProblemKind::CommitFailing
        });
    }

    /// Whether something is wrong that only a probe of the topics can show to have passed.
    pub(in crate::listener) fn needs_probe(&self) -> bool {
        self.health
            .borrow()
            .problems
            .iter()
            .any(|problem| problem.kind == ProblemKind::Unreachable || problem.subject.is_topic())
    }

    /// Notes what a broker says about the subscribed topics.
    ///
    /// The client tells of each topic once, and the one it told of last may exist by now. Then
    /// another one is named in its place.
    pub(in crate::listener) fn probed(&self, topics: &TopicsSeen) {
        self.trouble.answered();
        self.health.send_if_modified(|health| {
            let before = health.problems.clone();
            health.problems.retain_mut(|problem| match problem.kind {
                ProblemKind::Unreachable => false,
                ProblemKind::MissingTopic => is_still_so(problem, topics.missing.as_ref()),
                ProblemKind::Forbidden if problem.subject.is_topic() => {
                    is_still_so(problem, topics.forbidden.as_ref())
                }
                ProblemKind::Forbidden
                | ProblemKind::GroupFull
                | ProblemKind::FetchFailing
                | ProblemKind::CommitFailing
                | ProblemKind::DeadLetterFailing => true,
            });
            health.problems != before
        });
    }

    /// Notes that the partition can be read.
    pub(in crate::listener) fn readable(&self, at: &TopicPartition) {
        self.clear(|problem| {
            let concerns_reading = matches!(
                problem.kind,
                ProblemKind::Forbidden | ProblemKind::FetchFailing
            );
            concerns_reading && problem.subject.partition() == Some(at)
        });
    }

    /// Notes that the dead letter of a record is written, or given up.
    pub(in crate::listener) fn dead_letter_settled(&self, at: &TopicPartition, of: Offset) {
        let record = ProblemSubject::Record {
            partition: at.clone(),
            offset: of,
        };
        self.clear(|problem| {
            problem.kind == ProblemKind::DeadLetterFailing && problem.subject == record
        });
    }

    fn clear(&self, has_passed: impl Fn(&Problem) -> bool) {
        self.health.send_if_modified(|health| {
            let before = health.problems.len();
            health.problems.retain(|problem| !has_passed(problem));
            health.problems.len() != before
        });
    }
}

impl ListenerHealth {
    /// An assignment shows that brokers can be reached, and that the group accepts the listener.
    pub(super) fn admitted(&mut self) {
        self.problems
            .retain(|problem| !is_refusal(problem.kind, &problem.subject));
    }

    pub(super) fn forget_problems_of(&mut self, partitions: &[TopicPartition]) {
        self.problems.retain(|problem| {
            let is_theirs = problem
                .subject
                .partition()
                .is_some_and(|partition| partitions.contains(partition));
            // A commit that is refused for the remaining partitions fails again soon.
            !is_theirs && problem.kind != ProblemKind::CommitFailing
        });
    }
}

/// Whether brokers are out of reach, or do not accept the listener.
const fn is_refusal(kind: ProblemKind, subject: &ProblemSubject) -> bool {
    match kind {
        ProblemKind::Unreachable | ProblemKind::GroupFull => true,
        ProblemKind::Forbidden => {
            matches!(subject, ProblemSubject::Cluster | ProblemSubject::Group)
        }
        ProblemKind::MissingTopic
        | ProblemKind::FetchFailing
        | ProblemKind::CommitFailing
        | ProblemKind::DeadLetterFailing => false,
    }
}

/// Returns whether a topic has the problem. The problem is about that topic from now on.
fn is_still_so(problem: &mut Problem, topic: Option<&TopicName>) -> bool {
    let Some(topic) = topic else { return false };
    let subject = ProblemSubject::Topic(topic.clone());
    if problem.subject != subject {
        *problem = Problem::new(problem.kind, subject, topic.to_string());
    }
    true
}

#[cfg(test)]
mod tests;
