//! The tour from the outside: every chapter that one broker is enough for, as a newcomer runs it.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test ends when something is wrong")]

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

/// The page that shows a run.
const PAGE: &str = include_str!("../../docs/kafka-by-doing.md");

/// Runs the program with a broker of its own.
fn tour(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kafka-by-doing"))
        .args(words)
        .env_remove("WELLSPRING_BOOTSTRAP_SERVERS")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&*output.stdout, &*output.stderr].concat()).into_owned()
}

fn told(chapters: &[&str]) {
    let output = tour(chapters);
    let said = said(&output);
    assert!(output.status.success(), "{said}");
    for chapter in chapters {
        assert!(said.contains(&format!("== {chapter}: ")), "{said}");
    }
    let count = format!("{} chapters done, ", chapters.len());
    assert!(said.contains(&count) && !said.contains("skipped"), "{said}");
    let missing: Vec<String> = fixed_lines(&said)
        .filter(|line| !PAGE.contains(line))
        .collect();
    assert!(
        missing.is_empty(),
        "docs/kafka-by-doing.md shows another run: it has no {missing:#?}"
    );
}

/// What a chapter says in every run, as the page has it: titles, steps and claims.
fn fixed_lines(said: &str) -> impl Iterator<Item = String> {
    // What is seen is indented further.
    let lines = said.lines().filter(|line| !line.starts_with("     "));
    let chapters = lines
        .skip(1)
        .filter(|line| !line.contains("chapters done, "));
    chapters.map(|line| match line.strip_prefix("== ") {
        Some(title) => format!("\n## {title}\n"),
        None => format!("{line}\n"),
    })
}

#[test]
fn topics_keys_and_files() {
    told(&[
        "partitions",
        "keys",
        "offsets",
        "segment-file",
        "retention",
        "acks",
    ]);
}

#[test]
fn groups() {
    told(&["broadcast", "balance", "committed-offset"]);
}

#[test]
fn a_crash_and_its_rebalance() {
    told(&["crash"]);
}

#[test]
fn slow_handlers() {
    told(&["slow-handlers"]);
}

#[test]
fn the_list_names_every_chapter_and_where_it_runs() {
    let output = tour(&["list"]);
    let said = said(&output);
    assert!(output.status.success(), "{said}");
    assert_eq!(said.lines().count(), 14, "{said}");
    assert_eq!(
        said.matches("(three brokers, needs Java)").count(),
        3,
        "{said}"
    );
}

#[test]
fn a_step_begins_when_the_reader_presses_enter_and_by_itself_where_nobody_can() {
    let mut tour = Command::new(env!("CARGO_BIN_EXE_kafka-by-doing"))
        .args(["offsets", "--step"])
        .env_remove("WELLSPRING_BOOTSTRAP_SERVERS")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // Two of three steps; after that standard input is at its end.
    tour.stdin.take().unwrap().write_all(b"\n\n").unwrap();
    let output = tour.wait_with_output().unwrap();
    let said = said(&output);
    assert!(output.status.success(), "{said}");
    assert_eq!(said.matches("(Enter)").count(), 3, "{said}");

    let output = self::tour(&["offsets", "--step"]);
    assert!(output.status.success());
    assert_eq!(
        self::said(&output).matches("(Enter)").count(),
        1,
        "asked for the first step only"
    );
}

#[test]
fn a_chapter_without_its_brokers_is_skipped_with_the_reason_and_fails_where_all_are_required() {
    let words = ["leader-election", "--cluster", "/nowhere/kafka-node"];
    let output = tour(&words);
    assert!(
        !output.status.success(),
        "a program that is named and not there is a mistake"
    );
    assert!(
        said(&output).contains("/nowhere/kafka-node"),
        "{}",
        said(&output)
    );

    // A program that ends as `kafka-node` does on a machine without Java.
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("kafka-node");
    std::fs::write(
        &program,
        "#!/bin/sh\necho 'kafka-node: no `java` on the path' >&2\nexit 3\n",
    )
    .unwrap();
    let chmod = Command::new("chmod")
        .arg("+x")
        .arg(&program)
        .status()
        .unwrap();
    assert!(chmod.success());
    let program = program.to_str().unwrap();

    let output = tour(&["leader-election", "--cluster", program]);
    assert!(output.status.success(), "{}", said(&output));
    let expected = "Skipped: no `java` on the path. The brokers need Java 17 and Maven";
    assert!(said(&output).contains(expected), "{}", said(&output));
    let output = tour(&["leader-election", "--require-all", "--cluster", program]);
    assert!(!output.status.success(), "{}", said(&output));
    assert!(said(&output).contains("chapters were skipped: leader-election"));
}

#[test]
fn a_claim_that_does_not_hold_ends_the_program_and_says_which() {
    let output = tour(&["false-claim", "offsets"]);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    let expected = "kafka-by-doing: chapter false-claim: a claim does not hold: it is three (expected 3, seen 2)";
    assert!(said.contains(expected), "{said}");
    assert!(!said.contains("== offsets"), "{said}");
}

#[test]
fn a_chapter_that_is_not_there_is_answered_with_those_that_are() {
    let output = tour(&["retentoin"]);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("there is no chapter \"retentoin\"; there are: partitions, keys"),
        "{said}"
    );
}
