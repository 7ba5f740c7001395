//! Reads the layers, lowest first, and makes a [`Config`] of them.

use std::ffi::OsString;
use std::panic::Location;
use std::path::PathBuf;

use super::check::{RetryRule, Rules, check};
use super::client_rules::Features;
use super::entry::Entry;
use super::environment::{Environment, PROFILE};
use super::error::{ConfigError, FileComplaint, Problem};
use super::file;
use super::origin::{Layer, Origin};
use super::raw::Raw;
use super::resolved::Config;

/// Gathers the layers of a configuration.
///
/// A new one reads nothing; [`Loader::from_process`] reads the files and the environment of this
/// process.
#[derive(Debug, Clone)]
#[must_use]
pub struct Loader {
    directory: Option<PathBuf>,
    profile: Option<String>,
    environment: Environment,
    code: Vec<Entry>,
    pub(crate) rules: Rules,
}

impl Loader {
    /// No file, no environment, no setting.
    #[expect(
        clippy::new_without_default,
        reason = "a loader that reads nothing is a choice, not a default"
    )]
    pub fn new() -> Self {
        Self {
            directory: None,
            profile: None,
            environment: Environment::default(),
            code: Vec::new(),
            rules: Rules {
                features: Features::COMPILED,
                retry: |_| Ok(()),
            },
        }
    }

    /// The files in the working directory, and the environment.
    pub fn from_process() -> Self {
        Self::new().directory(".").environment(std::env::vars_os())
    }

    /// Reads `wellspring.toml`, and the file of the profile, from this directory.
    pub fn directory(mut self, directory: impl Into<PathBuf>) -> Self {
        self.directory = Some(directory.into());
        self
    }

    /// The profile; without this call it is what `WELLSPRING_PROFILE` says.
    pub fn profile(mut self, profile: impl Into<String>) -> Self {
        self.profile = Some(profile.into());
        self
    }

    /// The environment variables. Those that begin with `WELLSPRING_` are settings, all of them can
    /// be named in placeholders.
    pub fn environment<N, V>(mut self, variables: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: Into<OsString>,
        V: Into<OsString>,
    {
        let variables = variables
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()));
        self.environment = Environment::new(variables);
        self
    }

    /// A setting from code: above all other layers.
    #[track_caller]
    pub fn set(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        let origin = Origin::code(Location::caller());
        self.code.push(Entry {
            key: key.into(),
            value: value.into(),
            origin,
        });
        self
    }

    /// Judges the texts of `listeners.<id>.retry`; the grammar belongs to the room `retry`.
    pub(crate) fn retry_rule(mut self, rule: RetryRule) -> Self {
        self.rules.retry = rule;
        self
    }

    /// Reads all layers and checks them.
    ///
    /// # Errors
    /// When anything is wrong: the error has all of it.
    pub fn load(self) -> Result<Config, ConfigError> {
        let mut problems: Vec<Problem> = self.environment.problems().collect();
        let mut raw = Raw::default();
        let files = self.read_files(&mut problems);
        let code = self.code.iter().cloned().map(Ok);
        for entry in files
            .into_iter()
            .map(Ok)
            .chain(self.environment.entries())
            .chain(code)
        {
            problems.extend(
                entry
                    .and_then(|entry| raw.push(entry))
                    .err()
                    .map(|problem| *problem),
            );
        }
        let injected = self.environment.injected();
        if !injected.is_empty() {
            tracing::debug!(variables = ?injected, "an orchestrator's variables are no settings and are passed over");
        }
        let (values, found) = check(self.rules, &raw, &self.environment);
        problems.extend(found);
        ConfigError::check(problems)?;
        Ok(Config::new(self.rules, self.environment, raw, values))
    }

    /// The settings of the files, lowest layer first.
    fn read_files(&self, problems: &mut Vec<Problem>) -> Vec<Entry> {
        let Some(directory) = &self.directory else {
            return Vec::new();
        };
        let mut entries = Vec::new();
        let mut take = |content: file::FileContent| {
            entries.extend(content.entries);
            problems.extend(content.problems);
        };
        let directory = if directory.as_os_str() == "." {
            PathBuf::new()
        } else {
            directory.clone()
        };
        if let Some(content) = file::read(Layer::File, &directory.join("wellspring.toml")) {
            take(content);
        }
        let profile = self
            .profile
            .as_deref()
            .or_else(|| self.environment.variable(PROFILE));
        let Some(profile) = profile.filter(|profile| !profile.is_empty()) else {
            return entries;
        };
        // The name becomes a part of a path: it must not lead out of the directory.
        if !profile
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        {
            problems.push(Problem::bare(
                FileComplaint::BadProfile {
                    profile: profile.to_owned(),
                }
                .into(),
            ));
            return entries;
        }
        let path = directory.join(format!("wellspring-{profile}.toml"));
        match file::read(Layer::ProfileFile, &path) {
            Some(content) => take(content),
            None => {
                let path = path.display().to_string();
                let complaint = FileComplaint::NoProfile {
                    profile: profile.to_owned(),
                    path,
                };
                problems.push(Problem::bare(complaint.into()));
            }
        }
        entries
    }
}

impl Config {
    /// Reads `wellspring.toml`, the profile's file and the environment of this process.
    ///
    /// # Errors
    /// When anything is wrong: the error has all of it.
    pub fn from_env() -> Result<Self, ConfigError> {
        Loader::from_process().load()
    }
}
