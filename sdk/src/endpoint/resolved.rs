//! An endpoint whose every value is known and checked: what the listener engine starts.

use std::num::NonZeroUsize;

use super::Ordering;
use crate::extract::ListenerId;
use crate::handler::BoxHandler;
use crate::retry::{Classifier, OnExhausted, RetryPolicy};
use crate::types::{GroupId, TopicName};

/// A listener ready to start. Made from an [`Endpoint`](super::Endpoint) and the configuration.
#[derive(Debug, Clone)]
pub struct ResolvedEndpoint {
    /// Name in logs, health and configuration.
    pub id: ListenerId,
    /// What it reads; never empty.
    pub topics: Vec<TopicName>,
    /// The consumer group.
    pub group: GroupId,
    /// Consumers, each with its own connections.
    pub concurrency: NonZeroUsize,
    /// Records each consumer handles at the same time.
    pub workers: NonZeroUsize,
    /// What is kept in order.
    pub ordering: Ordering,
    /// Retries in place.
    pub retry: RetryPolicy,
    /// What becomes of a record whose attempts are used up.
    pub on_exhausted: OnExhausted,
    /// Where dead letters go; `None` is `<topic>-dlt`.
    pub dead_letter_topic: Option<TopicName>,
    /// Whether a panic is retried.
    pub retry_panics: bool,
    /// Whether a record that does not decode is retried.
    pub retry_rejections: bool,
    /// What kind of failure an error is.
    pub classifier: Classifier,
    /// Whether it starts with the application.
    pub auto_startup: bool,
    /// What is done with each record.
    pub handler: BoxHandler,
}
