//! Settings as written: text by key.

use std::collections::BTreeMap;

use super::foreign::Foreign;
use super::problem::{Problem, nearest};
use super::{Key, TopicKey};

/// Text by key, unchecked. A later value for a key replaces the earlier one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Settings {
    values: BTreeMap<String, String>,
}

impl Settings {
    /// No settings: everything at its default.
    #[must_use]
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Sets a key.
    pub(crate) fn set(&mut self, key: impl Into<String>, value: impl Into<String>) {
        self.values.insert(key.into(), value.into());
    }

    /// Adds the lines of a properties file: `key=value`, comments with `#` or `!`, blank lines.
    ///
    /// # Errors
    /// [`Problem::BadLine`] for the first line that is none of these.
    pub(crate) fn add_properties(&mut self, file: &str, text: &str) -> Result<(), Problem> {
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with(['#', '!']) {
                continue;
            }
            let (key, value) = line.split_once('=').ok_or(Problem::BadLine {
                file: file.into(),
                line: index + 1,
            })?;
            self.set(key.trim(), value.trim());
        }
        Ok(())
    }

    /// Returns the text of a key, if it is set.
    #[must_use]
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str)
    }

    /// Returns all settings in the order of their keys.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Returns a problem for every setting of the broker that is unknown, out of range or not
    /// supported.
    pub(super) fn broker_problems(&self, keys: &'static [Key]) -> Vec<Problem> {
        let find = |name: &str| keys.iter().find(|key| key.name == name);
        let problems = self
            .problems(find, || keys.iter().map(|key| key.name))
            .into_iter();
        let foreign = |problem: Problem| match &problem {
            Problem::UnknownKey { key, .. } => {
                match Foreign::of(key, self.get(key).unwrap_or_default()) {
                    Some(Foreign::Ignored) => None,
                    Some(Foreign::Refused(reason)) => Some(Problem::NotHere {
                        key: key.clone(),
                        reason,
                    }),
                    None => Some(problem),
                }
            }
            Problem::BadValue { .. }
            | Problem::NotHere { .. }
            | Problem::Contradiction { .. }
            | Problem::BadLine { .. } => Some(problem),
        };
        problems.filter_map(foreign).collect()
    }

    /// Returns the names of Kafka's settings that have no effect here.
    pub(super) fn ignored(&self, keys: &'static [Key]) -> Vec<String> {
        let is_ours = |name: &str| keys.iter().any(|key| key.name == name);
        let is_ignored = |(name, value): &(&str, &str)| {
            !is_ours(name) && Foreign::of(name, value) == Some(Foreign::Ignored)
        };
        self.iter()
            .filter(is_ignored)
            .map(|(name, _)| name.to_owned())
            .collect()
    }

    /// Returns a problem for every setting of a topic that is unknown or out of range.
    pub(super) fn topic_problems(&self, keys: &'static [TopicKey]) -> Vec<Problem> {
        let find = |name: &str| {
            keys.iter()
                .find(|key| key.key.name == name)
                .map(|key| &key.key)
        };
        self.problems(find, || keys.iter().map(|key| key.key.name))
    }

    fn problems<N: Iterator<Item = &'static str>>(
        &self,
        find: impl Fn(&str) -> Option<&'static Key>,
        names: impl Fn() -> N,
    ) -> Vec<Problem> {
        self.iter()
            .filter_map(|(name, value)| match find(name) {
                None => Some(Problem::UnknownKey {
                    key: name.into(),
                    nearest: nearest(name, names()),
                }),
                Some(key) if key.rule.allows(value) => None,
                Some(key) => Some(Problem::BadValue {
                    key: key.name,
                    value: value.into(),
                    allowed: key.rule.to_string(),
                }),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_properties_file_is_read_line_by_line() {
        let mut settings = Settings::new();
        settings
            .add_properties("f", "# hello\n\n num.partitions = 4 \nlog.dirs=/tmp/a=b\n")
            .unwrap();
        assert_eq!(settings.get("num.partitions"), Some("4"));
        assert_eq!(settings.get("log.dirs"), Some("/tmp/a=b"));
        let error = settings
            .add_properties("f.properties", "a=1\nnonsense")
            .unwrap_err();
        assert_eq!(error.to_string(), "line 2 of f.properties is not KEY=VALUE");
    }
}
