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
    /// The options for reading its topics.
    pub consuming: Consuming,
    /// The options for handling its records.
    pub processing: Processing,
    /// The options for records that cannot be handled.
    pub failing: Failing,
    /// The handler of each record.
    pub handler: BoxHandler,
}
