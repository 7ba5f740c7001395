//! A record together with what its handler may ask about its surroundings.

use std::fmt;
use std::sync::Arc;

use super::{FromRecord, Rejection, StateMap};
use crate::client::Record;
use crate::types::GroupId;

/// The id of a listener: its name in logs, metrics, health and configuration. Cloning is cheap.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ListenerId(Arc<str>);

/// One delivery of one record to one listener.
///
/// An extractor itself, so that a closure can take whatever it likes from it.
#[derive(Debug, Clone)]
pub struct RecordContext {
    record: Record,
    listener: Arc<ListenerInfo>,
    attempt: u32,
}

/// The part that all deliveries of a listener share.
#[derive(Debug)]
struct ListenerInfo {
    id: ListenerId,
    group: GroupId,
    state: StateMap,
}

/// Makes the contexts of one listener, without an allocation per record.
#[derive(Debug, Clone)]
pub(crate) struct ContextMaker(Arc<ListenerInfo>);

impl RecordContext {
    /// The record.
    #[must_use]
    pub const fn record(&self) -> &Record {
        &self.record
    }

    /// Returns the number of this delivery, counted from 1. Counts attempts in this process only.
    #[must_use]
    pub const fn attempt(&self) -> u32 {
        self.attempt
    }

    /// The listener it is delivered to.
    #[must_use]
    pub fn listener(&self) -> &ListenerId {
        &self.listener.id
    }

    /// The consumer group of that listener.
    #[must_use]
    pub fn group(&self) -> &GroupId {
        &self.listener.group
    }

    /// The state the application was given.
    #[must_use]
    pub fn state(&self) -> &StateMap {
        &self.listener.state
    }
}

impl ContextMaker {
    pub(crate) fn new(id: ListenerId, group: GroupId, state: StateMap) -> Self {
        Self(Arc::new(ListenerInfo { id, group, state }))
    }

    pub(crate) fn listener(&self) -> &ListenerId {
        &self.0.id
    }

    pub(crate) fn group(&self) -> &GroupId {
        &self.0.group
    }

    pub(crate) fn context(&self, record: Record, attempt: u32) -> RecordContext {
        RecordContext {
            record,
            listener: Arc::clone(&self.0),
            attempt,
        }
    }
}

impl FromRecord for RecordContext {
    fn from_record(cx: &RecordContext) -> Result<Self, Rejection> {
        Ok(cx.clone())
    }
}

impl FromRecord for Record {
    fn from_record(cx: &RecordContext) -> Result<Self, Rejection> {
        Ok(cx.record.clone())
    }
}

impl ListenerId {
    /// Takes `id` as the id of a listener.
    #[must_use]
    pub fn new(id: impl AsRef<str>) -> Self {
        Self(id.as_ref().into())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ListenerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ListenerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}
