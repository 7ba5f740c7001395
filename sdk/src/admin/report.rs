//! The report on declared topics, and their differences from the declaration.

use std::fmt;

use crate::types::TopicName;

/// The outcome for the declared topics.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicReport {
    /// Topics that were missing and are there now.
    pub created: Vec<TopicName>,
    /// Topics that got more partitions.
    pub grown: Vec<TopicName>,
    /// Differences that were left alone.
    pub drift: Vec<Drift>,
}

/// A topic that is not as declared, and was left as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Drift {
    /// The topic.
    pub topic: TopicName,
    /// The difference: `partitions`, `replication`, or the name of a setting.
    pub what: String,
    /// As declared.
    pub declared: String,
    /// As it is.
    pub actual: String,
    /// The reason why it was left so, if it was to be changed.
    pub reason: Option<String>,
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            topic,
            what,
            declared,
            actual,
            reason,
        } = self;
        write!(f, "{topic}: {what} is {actual}, declared as {declared}")?;
        reason
            .as_ref()
            .map_or(Ok(()), |reason| write!(f, " ({reason})"))
    }
}
