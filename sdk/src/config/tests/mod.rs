//! Layers against each other, and the words of every complaint.

mod layers;
mod clients;
mod secrets;
mod complaints;
mod deployment;

use std::time::Duration;

use super::client_rules::Features;
use super::*;

/// A directory with these files.
fn directory(files: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(directory.path().join(name), text).unwrap();
    }
    directory
}

/// The report of a loader that cannot load, with the path of its directory left out.
fn report(loader: Loader, directory: Option<&tempfile::TempDir>) -> String {
    let text = loader
        .load()
        .expect_err("there is a mistake in it")
        .to_string();
    let path = directory
        .map(|directory| format!("{}/", directory.path().display()))
        .unwrap_or_default();
    if path.is_empty() {
        text
    } else {
        text.replace(&path, "")
    }
}

/// The report about a `wellspring.toml` with this text.
fn report_on(text: &str) -> String {
    let directory = directory(&[("wellspring.toml", text)]);
    report(Loader::new().directory(directory.path()), Some(&directory))
}
