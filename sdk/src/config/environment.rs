//! Environment variables as settings.
//!
//! `WELLSPRING_` and the key in capitals, with underscores for its separators. A variable cannot
//! say where a dot was and where a dash, so keys are compared in their canonical form, and a
//! variable of a known key is shown under that key's own name.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fmt;

use super::entry::{Entry, canonical};
use super::error::{Complaint, FileComplaint, Problem};
use super::injected::injected;
use super::origin::Origin;
use super::{keys, secret_files};

/// The prefix of every variable of ours.
pub(crate) const PREFIX: &str = "WELLSPRING_";

/// Variables that say how to read the configuration and are no part of it.
pub(crate) const PROFILE: &str = "WELLSPRING_PROFILE";

/// Short names for keys that everyone sets.
pub(crate) const ALIASES: &[(&str, &str)] =
    &[("WELLSPRING_BOOTSTRAP_SERVERS", "kafka.bootstrap-servers")];

/// The environment, as far as it is text. Variables of others are kept for placeholders: `${HOME}`.
#[derive(Clone, Default)]
pub(crate) struct Environment {
    variables: Vec<(String, String)>,
    broken: Vec<String>,
}

impl Environment {
    pub(crate) fn new(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let mut environment = Self::default();
        for (name, value) in variables {
            match (name.into_string(), value.into_string()) {
                (Ok(name), Ok(value)) => environment.variables.push((name, value)),
                (Ok(name), Err(_)) if name.starts_with(PREFIX) => environment.broken.push(name),
                // Not ours, and of no use in a placeholder.
                (Ok(_) | Err(_), _) => {}
            }
        }
        environment.variables.sort();
        environment
    }

    /// The variable of exactly this name.
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        self.variables
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// Our settings among the variables, and in the files that they name. Those of an orchestrator
    /// are none.
    pub(crate) fn entries(&self) -> impl Iterator<Item = Result<Entry, Box<Problem>>> {
        let injected = self.injected();
        let ours = move |name: &String| name != PROFILE && !injected.contains(name.as_str());
        self.variables
            .iter()
            .filter(move |(name, _)| ours(name))
            .filter_map(|(name, value)| {
                let spelled = name.strip_prefix(PREFIX).unwrap_or_default().to_lowercase();
                if let Some(stem) = secret_files::key_in_a_file(&spelled) {
                    return Some(secret_files::read(shown(stem), name, value));
                }
                let key = key_of(name)?;
                Some(Ok(Entry {
                    key,
                    value: value.clone(),
                    origin: Origin::environment(name),
                }))
            })
    }

    /// Variables that begin like ours and are an orchestrator's.
    pub(crate) fn injected(&self) -> BTreeSet<&str> {
        injected(&self.variables)
            .into_iter()
            .filter(|name| name.starts_with(PREFIX))
            .collect()
    }

    /// Variables of ours that are not Unicode.
    pub(crate) fn problems(&self) -> impl Iterator<Item = Problem> {
        self.broken.iter().map(|name| {
            let complaint = Complaint::from(FileComplaint::NotUnicode { name: name.clone() });
            Problem::bare(complaint)
        })
    }
}

/// The names alone: values may be secrets of anybody's.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.variables.iter().map(|(name, _)| name))
            .finish()
    }
}

/// The variable that sets `key`, for messages that say what to do.
pub(crate) fn variable_of(key: &str) -> String {
    format!("{PREFIX}{}", canonical(key).to_uppercase())
}

fn key_of(name: &str) -> Option<String> {
    if let Some((_, key)) = ALIASES.iter().find(|(alias, _)| *alias == name) {
        return Some((*key).to_owned());
    }
    let rest = name
        .strip_prefix(PREFIX)
        .filter(|rest| !rest.is_empty())?
        .to_lowercase();
    Some(shown(&rest))
}

/// The key as messages show it.
fn shown(spelled: &str) -> String {
    keys::find(spelled).map_or_else(|| spelled.replace('_', "."), |found| found.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_shown_under_the_name_of_its_key() {
        for (variable, key) in [
            ("WELLSPRING_BOOTSTRAP_SERVERS", "kafka.bootstrap-servers"),
            (
                "WELLSPRING_KAFKA_BOOTSTRAP_SERVERS",
                "kafka.bootstrap-servers",
            ),
            (
                "WELLSPRING_LISTENERS_CREDIT_ON_EXHAUSTED",
                "listeners.credit.on-exhausted",
            ),
            (
                "WELLSPRING_KAFKA_PROPERTIES_SECURITY_PROTOCOL",
                "kafka.properties.security.protocol",
            ),
            ("WELLSPRING_TOPUPS_TOPIC", "topups.topic"),
        ] {
            assert_eq!(key_of(variable).as_deref(), Some(key), "{variable}");
        }
        assert_eq!(key_of("PATH"), None);
    }
}
