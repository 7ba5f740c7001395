//! A setting that has been checked: its value, typed as its key says.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use super::addresses::Addresses;
use super::error::{Complaint, Problem};
use super::keys::Found;
use super::origin::Origin;
use super::secret::{REDACTED, printable};

/// A setting that is right.
#[derive(Clone)]
pub(crate) struct Resolved {
    /// The key as it was written.
    pub(crate) key: String,
    /// The key of the table; `None` for a key of the application's own.
    pub(crate) found: Option<Found>,
    pub(crate) value: Value,
    pub(crate) origin: Origin,
    /// Whether the value may be printed.
    pub(crate) secret: bool,
}

/// A value, typed as its key says.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    Addresses(Addresses),
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

    /// The value as it may be printed.
    pub(crate) fn printable(&self) -> String {
        if self.secret {
            REDACTED.to_owned()
        } else {
            printable(&self.key, &self.text())
        }
    }

    /// The value as text.
    pub(crate) fn text(&self) -> String {
        match &self.value {
            Value::Text(text) => text.clone(),
            Value::Addresses(addresses) => addresses.to_string(),
            Value::Bool(flag) => flag.to_string(),
            Value::Count(count) => count.to_string(),
            Value::Duration(duration) => humantime::format_duration(*duration).to_string(),
        }
    }
}

impl fmt::Debug for Resolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {} ({})", self.key, self.printable(), self.origin)
    }
}
