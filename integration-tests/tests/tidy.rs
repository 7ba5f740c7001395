//! What no lint knows: arrows that point up, files without a story, tests that nobody runs.
//!
//! The `mod` lines of a crate's `lib.rs` are its rooms in order, and a room uses only rooms below
//! it. Everything here reads the sources as text, so a complaint names a file and a line.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};

const CRATES: [&str; 5] = [
    "sdk",
    "macros",
    "broker-lite",
    "examples",
    "integration-tests",
];

#[test]
fn no_arrow_points_up() {
    let mut complaints = Vec::new();
    for name in CRATES {
        let source = workspace().join(name).join("src");
        let lib = fs::read_to_string(source.join("lib.rs")).unwrap();
        let rooms = rooms(&lib);
        for file in rust_files(&source) {
            let text = fs::read_to_string(&file).unwrap();
            for (line, from, to) in arrows_up(&rooms, room_of(&source, &file), &text) {
                complaints.push(format!(
                    "{}:{line}: `{from}` uses `{to}`, which stands above it",
                    shown(&file)
                ));
            }
        }
    }
    complain(
        "rooms use rooms below them; hand news up as a value or a channel",
        &complaints,
    );
}

#[test]
fn every_file_tells_its_story_first() {
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
fn every_kafka_of_the_tests_has_one_version() {
    let found = [
        ("integration-tests/kafka/pom.xml", "<kafka.version>", "<"),
        (
            "integration-tests/interop/clients/java/pom.xml",
            "<version>4",
            "<",
        ),
        (
            "integration-tests/kafka/image/build.sh",
            "apache/kafka:",
            " ",
        ),
        (
            "integration-tests/src/target/container.rs",
            "TAG: &str = \"",
            "\"",
        ),
    ];
    let versions = found.map(|(file, before, after)| {
        let text = fs::read_to_string(workspace().join(file)).unwrap();
        let (_, rest) = text
            .split_once(before)
            .unwrap_or_else(|| panic!("no {before:?} in {file}"));
        let version = rest.split(after).next().unwrap();
        if before.ends_with('4') {
            format!("4{version}")
        } else {
            version.to_owned()
        }
    });
    assert!(
        versions.iter().all(|version| *version == versions[0]),
        "{versions:?} in {found:?}"
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

/// The rooms of a crate, top to bottom, as its `lib.rs` lists them.
fn rooms(lib: &str) -> Vec<String> {
    lib.lines()
        .filter_map(|line| {
            let line = line.split("//").next()?.trim_end();
            let declared = line
                .strip_prefix("pub ")
                .or_else(|| line.strip_prefix("pub(crate) "))
                .unwrap_or(line);
            Some(declared.strip_prefix("mod ")?.strip_suffix(';')?.to_owned())
        })
        .collect()
}

/// The room that a file belongs to: `src/log/segment.rs` and `src/log.rs` are both in `log`.
fn room_of(source: &Path, file: &Path) -> String {
    let inside = file.strip_prefix(source).unwrap().with_extension("");
    inside
        .components()
        .next()
        .unwrap()
        .as_os_str()
        .to_string_lossy()
        .into_owned()
}

/// Line, own room and used room of each `crate::` path that leads to a room above.
fn arrows_up(rooms: &[String], own: String, text: &str) -> Vec<(usize, String, String)> {
    let place = |room: &str| rooms.iter().position(|known| known == room);
    let Some(own_place) = place(&own) else {
        return Vec::new();
    };
    let used = crate_paths(text);
    used.into_iter()
        .filter(|(_, room)| place(room).is_some_and(|place| place < own_place))
        .map(|(line, room)| (line, own.clone(), room))
        .collect()
}

/// Line and first segment of each path that starts at the root of the crate, in code.
fn crate_paths(text: &str) -> Vec<(usize, String)> {
    let code: Vec<&str> = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect();
    let code = code.join("\n");
    let mut paths = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        // `$crate` in a macro is whoever uses it.
        if code[..at]
            .ends_with(|before: char| before == '$' || before == '_' || before.is_alphanumeric())
        {
            continue;
        }
        let line = code[..at].matches('\n').count() + 1;
        paths.extend(
            heads(&code[at + "crate::".len()..])
                .into_iter()
                .map(|head| (line, head)),
        );
    }
    paths
}

/// The first segments of what follows `crate::`: one, or several in braces.
fn heads(rest: &str) -> Vec<String> {
    let word = |text: &str| -> String {
        text.trim_start()
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    let Some(group) = rest.strip_prefix('{') else {
        return vec![word(rest)];
    };
    let mut heads = vec![word(group)];
    let mut depth = 0;
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => heads.push(word(&group[at + 1..])),
            _ => {}
        }
    }
    heads.retain(|head| !head.is_empty());
    heads
}

/// Every Rust file of the workspace with its text; what the macros must refuse is left out.
fn sources() -> impl Iterator<Item = (PathBuf, String)> {
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

fn rust_files(folder: &Path) -> Vec<PathBuf> {
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

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

fn shown(file: &Path) -> String {
    file.strip_prefix(workspace())
        .unwrap()
        .display()
        .to_string()
}

fn complain(rule: &str, complaints: &[String]) {
    assert!(complaints.is_empty(), "{rule}:\n{}", complaints.join("\n"));
}

#[test]
fn the_rooms_are_the_mod_lines_in_order() {
    let lib = "//! Story.\nmod net;\npub mod api; // why\npub(crate) mod log;\nmod inline { }\nuse log::x;\n";
    assert_eq!(rooms(lib), ["net", "api", "log"]);
}

#[test]
fn an_arrow_up_is_seen_in_every_form_of_a_path() {
    let rooms = ["net", "api", "log"].map(str::to_owned);
    let up = |text: &str| arrows_up(&rooms, "log".to_owned(), text).len();
    assert_eq!(up("use crate::net::Frame;"), 1);
    assert_eq!(up("use crate::{api::{A, B}, log::C, net};"), 2);
    assert_eq!(up("let x = crate::api::table();"), 1);
    assert_eq!(
        up("// crate::net is above\n/// See [`crate::api`].\nuse crate::log::Segment;"),
        0
    );
    assert_eq!(up("$crate::net::x!()"), 0);
}
