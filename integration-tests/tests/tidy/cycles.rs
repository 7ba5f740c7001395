//! Files of a crate do not use each other in a circle.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::complain;
use crate::sources::{shown, workspace};
use crate::syntax::Crate;

/// The table of API keys names the file of each key, and these files use what stands beside the
/// table: the one cycle that is meant.
const API_TABLE: &str = "broker-lite/src/api/mod.rs";

/// The crates, by their folders.
const CRATES: [&str; 6] = [
    "sdk",
    "macros",
    "grammar",
    "broker-lite",
    "examples",
    "integration-tests",
];

#[test]
fn no_files_use_each_other_in_a_circle() {
    let mut complaints = Vec::new();
    for name in CRATES {
        let read = Crate::read(&workspace().join(name).join("src"));
        let mut edges = read.edges();
        edges.remove(workspace().join(API_TABLE).as_path());
        let cycles = cycles(&edges);
        complaints.extend(cycles.iter().map(|cycle| told(cycle, &edges)));
    }
    complain(
        "of two files at most one uses the other; move what both need below them",
        &complaints,
    );
}

type Edges<'a> = BTreeMap<&'a Path, BTreeSet<&'a Path>>;

/// The groups of files in which each leads to each other.
pub(crate) fn cycles<'a>(edges: &Edges<'a>) -> Vec<BTreeSet<&'a Path>> {
    let reached: BTreeMap<&Path, BTreeSet<&Path>> = edges
        .keys()
        .map(|from| (*from, reach(edges, from)))
        .collect();
    let mut seen = BTreeSet::new();
    let mut cycles = Vec::new();
    for (from, below) in &reached {
        let cycle: BTreeSet<&Path> = below
            .iter()
            .filter(|to| reached.get(*to).is_some_and(|back| back.contains(from)))
            .copied()
            .collect();
        if cycle.len() > 1 && seen.is_disjoint(&cycle) {
            seen.extend(cycle.iter().copied());
            cycles.push(cycle);
        }
    }
    cycles
}

/// What is used from a file on, directly or by way of others.
fn reach<'a>(edges: &Edges<'a>, from: &Path) -> BTreeSet<&'a Path> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<&Path> = edges[from].iter().copied().collect();
    while let Some(file) = next.pop() {
        if reached.insert(file) {
            next.extend(edges.get(file).into_iter().flatten().copied());
        }
    }
    reached
}

fn told(cycle: &BTreeSet<&Path>, edges: &Edges<'_>) -> String {
    let arrows = cycle.iter().flat_map(|from| {
        let used = edges[from].iter().filter(|to| cycle.contains(*to));
        used.map(|to| format!("  {} uses {}", shown(from), shown(to)))
    });
    let arrows: Vec<String> = arrows.collect();
    format!("{} files:\n{}", cycle.len(), arrows.join("\n"))
}

#[test]
fn a_circle_is_found_whatever_leads_into_it() {
    let [a, b, c, d] = ["a", "b", "c", "d"].map(Path::new);
    let edges: Edges<'_> = [
        (a, [b].into()),
        (b, [c].into()),
        (c, [b, d].into()),
        (d, [].into()),
    ]
    .into();
    assert_eq!(cycles(&edges), [BTreeSet::from([b, c])]);
}

#[test]
fn a_re_export_is_followed_to_where_the_item_stands() {
    let folder = tempfile::tempdir().unwrap();
    let write = |file: &str, text: &str| {
        let path = folder.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("lib.rs", "mod log;");
    write(
        "log/mod.rs",
        "mod file; mod index; pub use file::File; use index::Index;\n#[cfg(test)] mod tests;",
    );
    write("log/file.rs", "pub struct File; use super::Index;");
    write("log/index.rs", "pub struct Index; fn of(_: super::File) {}");
    let read = Crate::read(folder.path());
    let found = cycles(&read.edges());
    let found: Vec<_> = found[0]
        .iter()
        .map(|file| file.file_name().unwrap())
        .collect();
    assert_eq!(found, ["file.rs", "index.rs"]);
}
