//! An option of a listener is written in few files.

use std::collections::BTreeSet;
use std::fs;

use crate::complain;
use crate::sources::{rust_files, shown, workspace};

/// Options by the name that attributes and builders have: those whose name is no word that code
/// has for other reasons, as `retry` and `properties` are.
const OPTIONS: [&str; 5] = [
    "concurrency",
    "auto_startup",
    "on_exhausted",
    "retry_panics",
    "retry_rejections",
];

/// Most files of the macros that name an option: the table, and a check of two options together.
const MAX_MACRO_FILES: usize = 2;

/// Most files of the SDK that define an option: the builder, its group, and the table of keys.
const MAX_SDK_FILES: usize = 3;

/// Where the SDK defines options; all other files use the values.
const DEFINITIONS: [&str; 2] = ["sdk/src/endpoint", "sdk/src/config"];

#[test]
fn an_option_of_a_listener_is_written_once_per_side() {
    let mut complaints = Vec::new();
    for option in OPTIONS {
        let macros = files_that_name(option, &["macros/src"]);
        let sdk = files_that_name(option, &DEFINITIONS);
        for (files, most) in [(macros, MAX_MACRO_FILES), (sdk, MAX_SDK_FILES)] {
            if files.is_empty() || files.len() > most {
                let files: Vec<&str> = files.iter().map(String::as_str).collect();
                complaints.push(format!("{option}, in {}", files.join(", ")));
            }
        }
    }
    complain(
        "an option is named where its group defines it and nowhere else",
        &complaints,
    );
}

/// The files whose code names an option in one of its spellings: as in code, or as in a
/// configuration file.
fn files_that_name(option: &str, folders: &[&str]) -> BTreeSet<String> {
    let spellings = [option.to_owned(), option.replace('_', "-")];
    let files = folders
        .iter()
        .flat_map(|folder| rust_files(&workspace().join(folder)));
    files
        .filter(|file| {
            let path = file.to_string_lossy();
            !path.ends_with("tests.rs") && !path.contains("/tests/")
        })
        .filter(|file| {
            let text = fs::read_to_string(file).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            code.lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .any(|line| spellings.iter().any(|spelling| names(line, spelling)))
        })
        .map(|file| shown(&file))
        .collect()
}

/// Whether a line of code has this word by itself.
fn names(line: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    line.match_indices(word)
        .any(|(at, _)| !line[..at].ends_with(part) && !line[at + word.len()..].starts_with(part))
}

#[test]
fn a_word_is_named_by_itself_only() {
    assert!(names(
        "self.failing.on_exhausted = Some(action)",
        "on_exhausted"
    ));
    assert!(names("\"listeners.<id>.on-exhausted\",", "on-exhausted"));
    assert!(!names("fn on_exhausted_records()", "on_exhausted"));
}
