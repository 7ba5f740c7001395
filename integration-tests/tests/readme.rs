//! What the README shows is what the project is: the quickstart whole, and the table of defaults.

#![expect(clippy::panic, reason = "a test of files")]

use std::path::{Path, PathBuf};

#[test]
fn the_readme_shows_the_quickstart_as_it_is() {
    let program = read("examples/src/bin/quickstart.rs");
    assert!(
        program.lines().count() < 60,
        "the quickstart has {} lines",
        program.lines().count()
    );
    assert_same(
        &format!("```rust\n{}\n```", program.trim()),
        &block(&read("README.md"), "quickstart"),
    );
}

#[test]
fn the_readme_shows_the_defaults_as_they_are() {
    let table = block(&read("sdk/docs/defaults.md"), "defaults");
    assert_same(&table, &block(&read("README.md"), "defaults"));
}

#[test]
fn every_file_that_a_page_links_to_is_there() {
    for page in ["README.md", "ARCHITECTURE.md"] {
        for target in read(page)
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            let outside = target.starts_with("http") || target.starts_with('#');
            assert!(
                outside || root().join(target).exists(),
                "{page} links to {target}, which is not there"
            );
        }
    }
}

/// What stands between `<!-- name -->` and `<!-- /name -->`.
fn block(page: &str, name: &str) -> String {
    let (begin, end) = (format!("<!-- {name} -->"), format!("<!-- /{name} -->"));
    let rest = page
        .split_once(&begin)
        .unwrap_or_else(|| panic!("no {begin}"))
        .1;
    rest.split_once(&end)
        .unwrap_or_else(|| panic!("no {end}"))
        .0
        .trim()
        .to_owned()
}

fn assert_same(is: &str, shown: &str) {
    let first = is
        .lines()
        .zip(shown.lines())
        .find(|(is, shown)| is != shown);
    assert!(
        is == shown,
        "the README is stale; first difference: {first:?}"
    );
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
