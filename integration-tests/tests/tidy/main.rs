//! What no lint knows: the order of modules, cycles between files, names in the docs that are not
//! there, tests that do not run.
//!
//! Everything here reads the sources, so a complaint names a file and a line.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail by panicking"
)]
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "Rust's syntax has more kinds than a test asks for"
)]

mod arrows;
mod book;
mod cycles;
mod files;
mod measures;
mod names;
mod options;
mod sources;
mod syntax;
mod versions;

/// Fails with all complaints if there are any.
fn complain(rule: &str, complaints: &[String]) {
    assert!(complaints.is_empty(), "{rule}:\n{}", complaints.join("\n"));
}
