//! Settings of one listener, which override what its attribute or builder says.

use super::entry::{Sourced, canonical};
use super::value::{Resolved, Value, Values};

/// `listeners.<id>.*`, as far as it is set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListenerSection {
    /// Its consumer group.
    pub group: Option<Sourced<String>>,
    /// Consumers with connections of their own.
    pub concurrency: Option<Sourced<usize>>,
    /// Records each consumer handles at the same time.
    pub workers: Option<Sourced<usize>>,
    /// `key`, `partition` or `none`.
    pub ordering: Option<Sourced<String>>,
    /// A retry policy as text.
    pub retry: Option<Sourced<String>>,
    /// `halt`, `dead_letter`, `skip` or `stop`.
    pub on_exhausted: Option<Sourced<String>>,
    /// Whether it starts with the application.
    pub auto_startup: Option<Sourced<bool>>,
}

impl ListenerSection {
    pub(crate) fn of(values: &Values, id: &str) -> Self {
        let find = |field: &str| values.get(&canonical(&format!("listeners.{id}.{field}")));
        Self {
            group: find("group").and_then(text),
            concurrency: find("concurrency").and_then(count),
            workers: find("workers").and_then(count),
            ordering: find("ordering").and_then(text),
            retry: find("retry").and_then(text),
            on_exhausted: find("on-exhausted").and_then(text),
            auto_startup: find("auto-startup").and_then(flag),
        }
    }
}

fn sourced<T>(resolved: &Resolved, value: T) -> Sourced<T> {
    Sourced {
        value,
        key: resolved.key.clone(),
        origin: resolved.origin.clone(),
    }
}

fn text(resolved: &Resolved) -> Option<Sourced<String>> {
    if let Value::Text(text) = &resolved.value {
        Some(sourced(resolved, text.clone()))
    } else {
        None
    }
}

fn count(resolved: &Resolved) -> Option<Sourced<usize>> {
    let Value::Count(count) = resolved.value else {
        return None;
    };
    Some(sourced(resolved, usize::try_from(count).ok()?))
}

fn flag(resolved: &Resolved) -> Option<Sourced<bool>> {
    if let Value::Bool(flag) = resolved.value {
        Some(sourced(resolved, flag))
    } else {
        None
    }
}
