//! An endpoint whose every value is known and checked: what the listener engine starts.

use super::{Consuming, Failing, Processing};
use crate::extract::ListenerId;
use crate::handler::BoxHandler;
use crate::types::{GroupId, TopicName};

/// A listener ready to start. Made from an [`Endpoint`](super::Endpoint) and the configuration.
#[derive(Debug, Clone)]
pub struct ResolvedEndpoint {
    /// Name in logs, health and configuration.
    pub id: ListenerId,
    /// The topics to read; never empty.
    pub topics: Vec<TopicName>,
    /// The consumer group.
    pub group: GroupId,
    /// How it reads its topics.
    pub consuming: Consuming,
    /// How its records are handled.
    pub processing: Processing,
    /// What happens to a record that cannot be handled.
    pub failing: Failing,
    /// What is done with each record.
    pub handler: BoxHandler,
}
