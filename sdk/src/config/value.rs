//! A setting that has been checked: its value, typed as its key says.

use std::collections::BTreeMap;
use std::time::Duration;

use super::error::{Complaint, Problem};
use super::keys::Found;
use super::origin::Origin;

/// A setting that is right.
#[derive(Debug, Clone)]
pub(crate) struct Resolved {
    /// The key as it was written.
    pub(crate) key: String,
    /// Which key of the table it is; `None` for a key of the application's own.
    pub(crate) found: Option<Found>,
    pub(crate) value: Value,
    pub(crate) origin: Origin,
    /// Whether the value may be printed.
    pub(crate) secret: bool,
}

/// A value, typed as its key says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    Bool(bool),
    Count(u64),
    Duration(Duration),
}

/// All settings by canonical key.
pub(crate) type Values = BTreeMap<String, Resolved>;

impl Resolved {
    /// A problem with this setting.
    pub(crate) fn problem(&self, complaint: Complaint) -> Problem {
        let problem = if self.secret {
            Problem::hidden(&self.key, complaint)
        } else {
            Problem::with_value(&self.key, &self.text(), complaint)
        };
        problem.at(self.origin.clone())
    }

    /// The value as text.
    pub(crate) fn text(&self) -> String {
        match &self.value {
            Value::Text(text) => text.clone(),
            Value::Bool(flag) => flag.to_string(),
            Value::Count(count) => count.to_string(),
            Value::Duration(duration) => humantime::format_duration(*duration).to_string(),
        }
    }
}
