//! Every file has an overview and a name of its own, and every test runs.

use std::path::Path;

use crate::complain;
use crate::sources::{shown, sources};

#[test]
fn every_file_begins_with_an_overview() {
    let without = sources()
        .filter(|(_, text)| !text.starts_with("//!"))
        .map(|(file, _)| shown(&file));
    complain(
        "the first line of a file is `//! …`: what it is for",
        &without.collect::<Vec<_>>(),
    );
}

#[test]
fn no_test_is_ignored_or_expected_to_panic() {
    // Put together here, so that this file does not complain about itself.
    let marks = ["ignore", "should_panic"].map(|mark| format!("#[{mark}"));
    let unread = ["```ignore", "```rust,ignore", "```text,ignore"];
    let mut complaints = Vec::new();
    for (file, text) in sources() {
        for (number, line) in text.lines().enumerate() {
            let line = line.trim_start();
            let doc = line.trim_start_matches(['/', '!']).trim_start();
            if marks.iter().any(|mark| line.starts_with(mark))
                || unread.iter().any(|fence| doc.starts_with(fence))
            {
                complaints.push(format!("{}:{}: {line}", shown(&file), number + 1));
            }
        }
    }
    complain(
        "a test or an example that does not run promises nothing",
        &complaints,
    );
}

#[test]
fn no_file_is_called_misc() {
    let nameless = ["misc", "util", "utils", "helper", "helpers", "common"];
    let called = |file: &Path| {
        file.file_stem()
            .is_some_and(|stem| nameless.iter().any(|name| stem == *name))
    };
    let found = sources()
        .filter(|(file, _)| called(file))
        .map(|(file, _)| shown(&file));
    complain(
        "a file is named after the one idea in it",
        &found.collect::<Vec<_>>(),
    );
}
