//! Problems of a configuration, and the report of all of them at once.

use std::fmt;

use super::entry::{Entry, Sourced};
use super::origin::Origin;
use super::secret::{REDACTED, printable};
use crate::runtime::{BoundedText, MAX_SHOWN_VALUE};

/// Everything that is wrong with a configuration.
///
/// `Debug` prints the same report as `Display`, because that is what `main` shows of an error it
/// returns.
#[derive(Clone, PartialEq, Eq)]
pub struct ConfigError {
    problems: Vec<Problem>,
}

/// One mistake: which setting, what was written, where, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    setting: Option<(String, String)>,
    origin: Option<Origin>,
    complaint: Complaint,
}

/// The problem with a setting.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Complaint {
    /// A file, or the whole environment, cannot be taken in.
    #[error(transparent)]
    File(#[from] FileComplaint),
    /// A `${placeholder}` does not resolve.
    #[error(transparent)]
    Placeholder(#[from] PlaceholderComplaint),
    /// A property of the Kafka client cannot be set so.
    #[error(transparent)]
    Property(#[from] PropertyComplaint),
    /// The key begins like one of Wellspring's own, and is none.
    #[error("unknown key{}", did_you_mean(nearest.as_deref()))]
    UnknownKey {
        /// The known key that is nearest.
        nearest: Option<String>,
    },
    /// The text is not a value of this key.
    #[error("expected {expected}{}", default.as_ref().map(|text| format!("; the default is {text}")).unwrap_or_default())]
    NotA {
        /// The values that would be right, with their range.
        expected: String,
        /// The value when nothing is set.
        default: Option<String>,
    },
    /// The text is not right, for a reason that another room knows.
    #[error("{reason}")]
    Invalid {
        /// Why.
        reason: String,
    },
    /// The producer was made before the setting was there.
    #[error("App::template() has made the producer already: call it after this")]
    TooLate,
    /// One layer has two spellings of the key, with different values.
    #[error("written twice with different values: also as {other} ({at})")]
    WrittenTwice {
        /// The other spelling.
        other: String,
        /// The place of that one.
        at: String,
    },
}

/// The problem with a whole file, or with a variable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FileComplaint {
    /// The file exists but cannot be read.
    #[error("{path} cannot be read: {reason}")]
    Unreadable {
        /// The file.
        path: String,
        /// The system's reason.
        reason: String,
    },
    /// The file is not TOML.
    #[error("not TOML: {message}")]
    Syntax {
        /// The parser's message.
        message: String,
    },
    /// A value is a list of tables or of lists.
    #[error("{key} must be a text, a number, true or false, or a list of those")]
    NotAText {
        /// The key.
        key: String,
    },
    /// A profile was asked for that has no file.
    #[error("the profile {profile:?} has no file: expected {path}")]
    NoProfile {
        /// The profile.
        profile: String,
        /// The file that would be its.
        path: String,
    },
    /// A profile's name is no part of a file name.
    #[error("{profile:?} is not the name of a profile: use a-z, A-Z, 0-9, '-' and '_'")]
    BadProfile {
        /// The profile.
        profile: String,
    },
    /// A variable's value is not Unicode.
    #[error("the environment variable {name} is not Unicode text")]
    NotUnicode {
        /// The variable.
        name: String,
    },
}

/// The reason why a `${placeholder}` does not resolve.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlaceholderComplaint {
    /// Nothing sets the key and there is no default.
    #[error(
        "nothing sets ${{{key}}}: set {key} in wellspring.toml, or {variable} in the environment, or write ${{{key}:a default}}{}",
        did_you_mean(nearest.as_deref())
    )]
    Unresolved {
        /// The key.
        key: String,
        /// The variable that would set it.
        variable: String,
        /// The set key that is nearest.
        nearest: Option<String>,
    },
    /// Settings refer to each other in a circle.
    #[error("placeholders run in a circle: {path}")]
    Cycle {
        /// The keys on the way, `a -> b -> a`.
        path: String,
    },
    /// A placeholder in a text that may hold a secret, of which nothing is repeated.
    #[error(
        "a placeholder of it does not resolve: write $${{ for a literal ${{; its text may hold a secret and is not repeated here"
    )]
    Hidden,
    /// The text is not a placeholder.
    #[error("{reason}: write ${{key}} or ${{key:default}}, and $${{ for a literal ${{")]
    Malformed {
        /// The problem with it.
        reason: &'static str,
    },
}

/// The reason why a property of the Kafka client cannot be set so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PropertyComplaint {
    /// This build lacks what the value needs.
    #[error("this build cannot do that: {what} needs {needs}")]
    NeedsFeature {
        /// The thing that was asked for.
        what: String,
        /// The cargo features that bring it.
        needs: &'static str,
    },
    /// The property belongs to Wellspring.
    #[error("Wellspring sets this property itself: {instead}")]
    Owned {
        /// The way to do it instead.
        instead: &'static str,
    },
    /// The property cannot be combined with another setting.
    #[error("cannot be set together with group.protocol=consumer (KIP-848): {reason}")]
    NotWithConsumerProtocol {
        /// The reason.
        reason: &'static str,
    },
    /// Another property of the same client excludes it.
    #[error("the Kafka client cannot be made so: {reason}")]
    Conflict {
        /// The problem, and what to do.
        reason: String,
    },
    /// The address of the brokers says something else.
    #[error("kafka.bootstrap-servers says {protocol}://")]
    NotTheAddresses {
        /// The protocol that it names.
        protocol: &'static str,
    },
    /// librdkafka refused it.
    #[error("librdkafka refuses it: {reason}{}", did_you_mean(nearest.as_deref()))]
    Refused {
        /// librdkafka's reason.
        reason: String,
        /// The property it knows that is nearest.
        nearest: Option<String>,
    },
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest
        .map(|name| format!("; did you mean {name}?"))
        .unwrap_or_default()
}

impl ConfigError {
    /// The report of one problem.
    pub(crate) fn of(problem: Problem) -> Self {
        Self {
            problems: vec![problem],
        }
    }

    /// The report of these problems; `Ok` when there are none.
    ///
    /// # Errors
    /// When there is at least one.
    pub fn check(problems: Vec<Problem>) -> Result<(), Self> {
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Self { problems })
        }
    }

    /// The problems, in the order of layers and keys.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The problems, for a report that has more to say.
    #[must_use]
    pub fn into_problems(self) -> Vec<Problem> {
        self.problems
    }
}

impl Problem {
    /// A problem with something that is no setting.
    pub(crate) const fn bare(complaint: Complaint) -> Self {
        Self {
            setting: None,
            origin: None,
            complaint,
        }
    }

    /// A problem with a setting. The value of a secret is left out.
    pub(crate) fn of(entry: &Entry, complaint: Complaint) -> Self {
        Self::with_value(&entry.key, &entry.value, complaint).at(entry.origin.clone())
    }

    /// A problem with `value` of `key`. The value of a secret is left out.
    pub(crate) fn with_value(key: &str, value: &str, complaint: Complaint) -> Self {
        let shown = printable(key, value);
        let shown = if shown == REDACTED {
            shown
        } else {
            let mut bounded = BoundedText::new(MAX_SHOWN_VALUE);
            bounded.push(&shown);
            format!("{:?}", bounded.in_lines())
        };
        Self {
            setting: Some((key.to_owned(), shown)),
            origin: None,
            complaint,
        }
    }

    /// A problem with a value that may not be shown, whatever its key is called.
    pub(crate) fn hidden(key: &str, complaint: Complaint) -> Self {
        Self {
            setting: Some((key.to_owned(), REDACTED.to_owned())),
            origin: None,
            complaint,
        }
    }

    /// A problem that another room finds with a written value.
    pub(crate) fn about(sourced: &Sourced<String>, reason: &dyn fmt::Display) -> Self {
        let complaint = Complaint::Invalid {
            reason: reason.to_string(),
        };
        Self::with_value(&sourced.key, &sourced.value, complaint).at(sourced.origin.clone())
    }

    pub(crate) fn at(mut self, origin: Origin) -> Self {
        self.origin = Some(origin);
        self
    }

    /// The key of the setting; `None` when the problem is with a file as a whole.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.setting.as_ref().map(|(key, _)| key.as_str())
    }

    /// Returns the place where it was written.
    #[must_use]
    pub const fn origin(&self) -> Option<&Origin> {
        self.origin.as_ref()
    }

    /// Returns the complaint.
    #[must_use]
    pub const fn complaint(&self) -> &Complaint {
        &self.complaint
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.setting, &self.origin) {
            (Some((key, value)), Some(origin)) => write!(f, "{key} = {value} ({origin}): "),
            (Some((key, value)), None) => write!(f, "{key} = {value}: "),
            (None, Some(origin)) => write!(f, "{origin}: "),
            (None, None) => Ok(()),
        }?;
        self.complaint.fmt(f)
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.problems.len() == 1 { "" } else { "s" };
        write!(
            f,
            "{} problem{plural} in the configuration:",
            self.problems.len()
        )?;
        self.problems
            .iter()
            .try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for ConfigError {}
