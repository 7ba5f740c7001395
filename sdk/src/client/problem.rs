//! Problems of a client that may pass, and their subjects.

use std::fmt;

use crate::types::{Offset, TopicName, TopicPartition};

/// Something that is wrong and may pass by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// The kind of problem.
    pub kind: ProblemKind,
    /// The subject of the problem.
    pub subject: ProblemSubject,
    /// The words of the client or the broker, for a person to read.
    pub reason: String,
}

/// The kinds of problems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProblemKind {
    /// No broker can be reached, or none accepts the client.
    Unreachable,
    /// A subscribed topic does not exist.
    MissingTopic,
    /// The broker forbids access to the subject.
    Forbidden,
    /// The group takes no more members, and none has left yet.
    GroupFull,
    /// The broker refuses to serve a partition. The client tries again.
    FetchFailing,
    /// Commits are refused. Records that are handled now are delivered again after a restart.
    CommitFailing,
    /// A dead letter cannot be written. Its record waits, and the write is tried again.
    DeadLetterFailing,
}

/// The subject of a problem.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProblemSubject {
    /// The cluster as a whole.
    Cluster,
    /// The consumer group, or all that the client may do.
    Group,
    /// One of the subscribed topics. The client does not say which.
    Subscription,
    /// A topic.
    Topic(TopicName),
    /// A partition.
    Partition(TopicPartition),
    /// A record, or the place where the next one is expected.
    Record {
        /// The record's partition.
        partition: TopicPartition,
        /// The record's offset.
        offset: Offset,
    },
}

impl Problem {
    pub(crate) const fn new(kind: ProblemKind, subject: ProblemSubject, reason: String) -> Self {
        Self {
            kind,
            subject,
            reason,
        }
    }

    /// A problem with the record at this offset, or with the place where it is expected.
    pub(crate) const fn at(
        kind: ProblemKind,
        partition: TopicPartition,
        offset: Offset,
        reason: String,
    ) -> Self {
        Self::new(kind, ProblemSubject::Record { partition, offset }, reason)
    }

    /// Whether this is news about what `other` already told, and takes its place.
    pub(crate) fn replaces(&self, other: &Self) -> bool {
        use ProblemSubject as Subject;
        self.kind == other.kind
            && match (&self.subject, &other.subject) {
                // Where a partition stands has no part in it: it is read on, and fails again.
                (
                    Subject::Record { partition, .. },
                    Subject::Record {
                        partition: known, ..
                    },
                ) if self.kind == ProblemKind::FetchFailing => partition == known,
                // Of several topics the one that was named last is shown.
                (Subject::Topic(_) | Subject::Subscription, known) => {
                    matches!(known, Subject::Topic(_) | Subject::Subscription)
                }
                (subject, known) => subject == known,
            }
    }
}

impl ProblemSubject {
    /// Returns the partition that it is, or that it belongs to.
    #[must_use]
    pub const fn partition(&self) -> Option<&TopicPartition> {
        match self {
            Self::Partition(partition) | Self::Record { partition, .. } => Some(partition),
            Self::Cluster | Self::Group | Self::Subscription | Self::Topic(_) => None,
        }
    }

    /// Whether it is a topic, known by name or not.
    pub(crate) const fn is_topic(&self) -> bool {
        matches!(self, Self::Topic(_) | Self::Subscription)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (subject, reason) = (&self.subject, &self.reason);
        match self.kind {
            ProblemKind::Unreachable => write!(f, "no broker can be reached: {reason}"),
            ProblemKind::MissingTopic => write!(f, "a topic is missing: {reason}; create it"),
            ProblemKind::Forbidden => {
                write!(f, "the broker forbids it: {reason}; check the ACLs")
            }
            ProblemKind::GroupFull => write!(f, "the group takes no more members: {reason}"),
            ProblemKind::FetchFailing => {
                if let ProblemSubject::Record { partition, offset } = subject {
                    write!(
                        f,
                        "{partition} cannot be read from offset {offset} on: {reason}"
                    )
                } else {
                    write!(f, "{subject} cannot be read: {reason}")
                }
            }
            ProblemKind::CommitFailing => write!(f, "commits are refused: {reason}"),
            ProblemKind::DeadLetterFailing => write!(
                f,
                "the dead letter of {subject} cannot be written: {reason}"
            ),
        }
    }
}

impl fmt::Display for ProblemSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cluster => f.write_str("the cluster"),
            Self::Group => f.write_str("the group"),
            Self::Subscription => f.write_str("a subscribed topic"),
            Self::Topic(topic) => topic.fmt(f),
            Self::Partition(partition) => partition.fmt(f),
            Self::Record { partition, offset } => write!(f, "{partition}@{offset}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::PartitionId;

    #[test]
    fn a_problem_takes_the_place_of_an_older_one_about_the_same() {
        let at = |topic: &str| TopicPartition::new(TopicName::new(topic).unwrap(), PartitionId(0));
        let told =
            |kind, topic, offset| Problem::at(kind, at(topic), Offset(offset), String::new());
        let fetch = ProblemKind::FetchFailing;
        assert!(told(fetch, "a", 1).replaces(&told(fetch, "a", 2)));
        assert!(!told(fetch, "a", 1).replaces(&told(fetch, "b", 1)));
        let letter = ProblemKind::DeadLetterFailing;
        assert!(!told(letter, "a", 1).replaces(&told(letter, "a", 2)));
        assert!(!told(letter, "a", 1).replaces(&told(fetch, "a", 1)));
        let forbidden = |subject| Problem::new(ProblemKind::Forbidden, subject, String::new());
        let topic = forbidden(ProblemSubject::Topic(at("a").topic));
        assert!(topic.replaces(&forbidden(ProblemSubject::Subscription)));
        assert!(!topic.replaces(&forbidden(ProblemSubject::Partition(at("a")))));
        assert!(!topic.replaces(&forbidden(ProblemSubject::Group)));
    }
}
