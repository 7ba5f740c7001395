//! The sources of the workspace, as text.

use std::fs;
use std::path::{Path, PathBuf};

/// The members of the workspace whose code is looked at.
pub(crate) const CRATES: [&str; 6] = [
    "sdk",
    "macros",
    "grammar",
    "broker-lite",
    "examples",
    "integration-tests",
];

/// Every Rust file of the workspace with its text, except those that the macros must refuse.
pub(crate) fn sources() -> impl Iterator<Item = (PathBuf, String)> {
    let folders = CRATES.into_iter().flat_map(|name| {
        ["src", "tests", "benches"]
            .into_iter()
            .map(move |part| workspace().join(name).join(part))
    });
    let files = folders.flat_map(|folder| rust_files(&folder));
    files
        .filter(|file| !file.components().any(|part| part.as_os_str() == "ui"))
        .map(|file| {
            let text = fs::read_to_string(&file).unwrap();
            (file, text)
        })
}

/// The Rust files in a folder and below it, sorted by path.
pub(crate) fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

/// The path of a file from the root of the workspace.
pub(crate) fn shown(file: &Path) -> String {
    file.strip_prefix(workspace())
        .unwrap()
        .display()
        .to_string()
}
