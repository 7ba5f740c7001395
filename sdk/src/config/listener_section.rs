//! Settings of one listener, which override what its attribute or builder says.

use super::entry::{Sourced, canonical};
use super::value::{Resolved, Value, Values};

/// `listeners.<id>.*`, as far as it is set, by the names of the options (`on-exhausted`). Case and
/// separators of a name do not matter.
#[derive(Debug, Clone, Default)]
pub struct ListenerSection {
    id: String,
    values: Values,
}

impl ListenerSection {
    pub(crate) fn of(values: &Values, id: &str) -> Self {
        let own = format!("{}_", canonical(&format!("listeners.{id}")));
        let values = values
            .iter()
            .filter(|(key, _)| key.starts_with(&own))
            .map(|(key, resolved)| (key.clone(), resolved.clone()));
        Self {
            id: id.to_owned(),
            values: values.collect(),
        }
    }

    /// Returns an option that is a text or one word of a few; `None` when it is not set.
    #[must_use]
    pub fn text(&self, option: &str) -> Option<Sourced<String>> {
        self.find(option).and_then(text)
    }

    /// Returns an option that is a number; `None` when it is not set.
    #[must_use]
    pub fn count(&self, option: &str) -> Option<Sourced<usize>> {
        self.find(option).and_then(count)
    }

    /// Returns an option that is `true` or `false`; `None` when it is not set.
    #[must_use]
    pub fn flag(&self, option: &str) -> Option<Sourced<bool>> {
        self.find(option).and_then(flag)
    }

    fn find(&self, option: &str) -> Option<&Resolved> {
        let id = &self.id;
        self.values
            .get(&canonical(&format!("listeners.{id}.{option}")))
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
