//! Files that docs and pages name are there.

use std::fs;
use std::path::{Path, PathBuf};

use crate::complain;
use crate::sources::{shown, sources, workspace};

#[test]
fn every_file_that_docs_name_is_there() {
    let files: Vec<PathBuf> = sources().map(|(file, _)| file).collect();
    let mut complaints = Vec::new();
    for (file, text) in sources() {
        let docs = text.lines().enumerate().filter(|(_, line)| {
            let line = line.trim_start();
            line.starts_with("//!") || line.starts_with("///")
        });
        for (number, line) in docs {
            let unknown = named(line).filter(|name| !is_there(name, &file, &files));
            let at = format!("{}:{}", shown(&file), number + 1);
            complaints.extend(unknown.map(|name| format!("{at}: `{name}`")));
        }
    }
    let page = "ARCHITECTURE.md";
    let text = fs::read_to_string(workspace().join(page)).unwrap();
    for (number, line) in text.lines().enumerate() {
        let unknown = named(line).filter(|name| !is_there(name, &workspace(), &files));
        complaints.extend(unknown.map(|name| format!("{page}:{}: `{name}`", number + 1)));
    }
    complain("docs name a file that is not there", &complaints);
}

/// The Rust files that a line names between backticks.
fn named(line: &str) -> impl Iterator<Item = &str> {
    let quoted = line.split('`').skip(1).step_by(2);
    quoted.filter(|name| name.ends_with(".rs") && !name.contains(['*', '{', ' ', '<']))
}

/// Whether a file of that name lies beside `file`, or anywhere in the workspace under that path.
fn is_there(name: &str, file: &Path, files: &[PathBuf]) -> bool {
    let beside = file
        .parent()
        .is_some_and(|folder| folder.join(name).exists());
    beside || files.iter().any(|known| known.ends_with(name))
}

#[test]
fn a_file_is_named_by_the_end_of_its_path() {
    let files = [PathBuf::from("/w/sdk/src/listener/engine/mod.rs")];
    let is_known = |name| is_there(name, Path::new("/w/sdk/src/app/mod.rs"), &files);
    assert!(is_known("engine/mod.rs") && !is_known("gine/mod.rs") && !is_known("engine.rs"));
    assert_eq!(
        named("`a.rs` and b.rs, `c`, `d/e.rs`").collect::<Vec<_>>(),
        ["a.rs", "d/e.rs"]
    );
}
