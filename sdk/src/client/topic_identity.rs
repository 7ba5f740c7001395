//! The topic that a name stands for: a topic that is deleted and made again has the name of the old
//! one and another id (KIP-516).

use std::collections::BTreeMap;

use crate::types::TopicName;

/// The id of a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TopicId {
    high: i64,
    low: i64,
}

/// The topic that a name stands for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TopicIdentity {
    Id(TopicId),
    /// There is no topic of this name.
    Missing,
    /// The broker has no ids, or does not show this topic.
    Unknown,
}

/// The topics that some names stand for now.
pub(crate) type TopicIdentities = BTreeMap<TopicName, TopicIdentity>;

/// The outcome of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TopicAnswer {
    Told(TopicIdentities),
    /// Nobody answered: ask again.
    Failed,
    /// The brokers cannot be asked that.
    Unsupported,
}

impl TopicId {
    /// The answer of brokers that know no ids.
    pub(super) const NONE: Self = Self::new(0, 0);

    /// The id whose upper and lower halves these are.
    pub(super) const fn new(high: i64, low: i64) -> Self {
        Self { high, low }
    }
}

impl TopicIdentity {
    /// The id, if it is known.
    pub(crate) const fn id(self) -> Option<TopicId> {
        match self {
            Self::Id(id) => Some(id),
            Self::Missing | Self::Unknown => None,
        }
    }
}
