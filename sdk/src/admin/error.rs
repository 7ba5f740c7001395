//! Errors of making declared topics.

use std::time::Duration;

use crate::client::AdminError;

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
        /// The number of partitions that is declared.
        partitions: u16,
    },
    /// The broker refused for another reason.
    #[error("the broker refuses to {action} {topic}: {reason}")]
    Refused {
        /// `create`.
        action: &'static str,
        /// The topic.
        topic: String,
        /// The cluster's reason.
        reason: String,
    },
    /// The topics were made, and their partitions have no leaders yet.
    #[error("{} not ready within {within:?}: their partitions have no leaders yet", topics.join(", "))]
    NotReady {
        /// The topics.
        topics: Vec<String>,
        /// The time that was waited.
        within: Duration,
    },
}
