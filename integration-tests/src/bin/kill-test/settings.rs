//! The command line.

use std::path::PathBuf;

use crate::Outcome;

/// The amount of load, and the number and kind of kills.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) campus_card: PathBuf,
    pub(crate) requests: usize,
    pub(crate) kills: usize,
    pub(crate) clients: usize,
}

const USAGE: &str = "usage: kill-test --campus-card PATH [--requests N] [--kills N] [--clients N]";

impl Settings {
    /// Reads the arguments.
    ///
    /// # Errors
    /// When one is not known, or its value is not what it takes.
    pub(crate) fn from_args(mut words: impl Iterator<Item = String>) -> Outcome<Self> {
        let mut settings = Self {
            campus_card: PathBuf::new(),
            requests: 20_000,
            kills: 4,
            clients: 16,
        };
        while let Some(word) = words.next() {
            let value = words
                .next()
                .ok_or_else(|| format!("{word} takes a value; {USAGE}"))?;
            match word.as_str() {
                "--campus-card" => settings.campus_card = value.into(),
                "--requests" => settings.requests = value.parse()?,
                "--kills" => settings.kills = value.parse()?,
                "--clients" => settings.clients = value.parse()?,
                other => return Err(format!("{other} is not an option; {USAGE}").into()),
            }
        }
        if !settings.campus_card.is_file() {
            return Err(format!(
                "--campus-card {:?} is not a file; {USAGE}",
                settings.campus_card
            )
            .into());
        }
        Ok(settings)
    }
}
