//! The value of an option: what the configuration says, then what code says, then the default.

use std::num::NonZeroUsize;
use std::str::FromStr;

use super::Setting;
use crate::config::{Config, ListenerSection, Problem};
use crate::types::TopicName;

/// A problem with an endpoint.
#[derive(Debug)]
pub(crate) enum EndpointProblem {
    /// An option that code gives.
    Option {
        what: String,
        text: String,
        reason: String,
    },
    /// A setting under `listeners.<id>`.
    Setting(Problem),
    /// A topic that is not the one that the handler's `Event` argument names.
    TopicMismatch {
        event: String,
        text: String,
        topic: String,
    },
}

/// Merges the options of one endpoint, and collects what is wrong with them.
#[derive(Debug)]
pub(crate) struct Merge<'a> {
    pub(super) config: &'a Config,
    pub(super) section: ListenerSection,
    pub(super) problems: Vec<EndpointProblem>,
}

impl Merge<'_> {
    pub(super) fn complain(&mut self, what: &str, text: &str, reason: impl ToString) {
        self.problems.push(EndpointProblem::Option {
            what: what.to_owned(),
            text: text.to_owned(),
            reason: reason.to_string(),
        });
    }

    /// Returns a text with its placeholders replaced; `None` when one of them does not resolve.
    pub(super) fn expand(&mut self, what: &str, text: &str) -> Option<String> {
        match self.config.expand(text) {
            Ok(expanded) => Some(expanded),
            Err(complaint) => {
                self.complain(what, text, complaint);
                None
            }
        }
    }

    /// Returns the topic that a text names, once its placeholders are replaced.
    pub(super) fn topic(&mut self, what: &str, text: &str) -> Option<TopicName> {
        match TopicName::new(self.expand(what, text)?) {
            Ok(topic) => Some(topic),
            Err(invalid) => {
                self.complain(what, text, invalid);
                None
            }
        }
    }

    /// Returns a number from 1; 1 is the default.
    pub(super) fn count(&mut self, what: &str, setting: Option<Setting<usize>>) -> NonZeroUsize {
        let count = match self.section.count(what) {
            Some(sourced) => Some(sourced.value),
            None => self.value(what, setting, |text| {
                text.parse()
                    .map_err(|_| "a whole number from 1 is needed".to_owned())
            }),
        };
        match count.map(NonZeroUsize::new) {
            Some(Some(count)) => count,
            Some(None) => {
                self.complain(what, "0", "at least 1 is needed");
                NonZeroUsize::MIN
            }
            None => NonZeroUsize::MIN,
        }
    }

    /// Returns a value that a file writes as text and code as itself.
    pub(super) fn parsed<T>(&mut self, what: &str, setting: Option<Setting<T>>) -> Option<T>
    where
        T: FromStr<Err: std::fmt::Display>,
    {
        let Some(sourced) = self.section.text(what) else {
            return self.value(what, setting, |text| {
                text.parse().map_err(|invalid: T::Err| invalid.to_string())
            });
        };
        match sourced.value.parse() {
            Ok(value) => Some(value),
            Err(invalid) => {
                let problem = Problem::about(&sourced, &invalid);
                self.problems.push(EndpointProblem::Setting(problem));
                None
            }
        }
    }

    /// Returns `true` or `false`.
    pub(super) fn flag(&mut self, what: &str, setting: Option<Setting<bool>>) -> Option<bool> {
        match self.section.flag(what) {
            Some(sourced) => Some(sourced.value),
            None => self.value(what, setting, |text| {
                text.parse()
                    .map_err(|_| "true or false is needed".to_owned())
            }),
        }
    }

    fn value<T>(
        &mut self,
        what: &str,
        setting: Option<Setting<T>>,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        match setting? {
            Setting::Value(value) => Some(value),
            Setting::Text(text) => match parse(self.expand(what, &text)?.trim()) {
                Ok(value) => Some(value),
                Err(reason) => {
                    self.complain(what, &text, reason);
                    None
                }
            },
        }
    }
}
