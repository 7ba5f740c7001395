//! The study of the three models from the outside: it measures, goes on after a kill, and refuses.

#![expect(clippy::unwrap_used, reason = "a test ends when something is wrong")]

use std::collections::HashSet;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use broker_lite::Broker;
use wellspring_examples::concurrency_models::report::Page;
use wellspring_examples::concurrency_models::results::read;
use wellspring_examples::concurrency_models::row::Row;

/// Four cells, each done in a second.
const TINY: [&str; 16] = [
    "--partitions",
    "4",
    "--consumers",
    "1,2",
    "--workers",
    "1,8",
    "--work",
    "timer:1ms",
    "--keys",
    "few",
    "--bytes",
    "100",
    "--backlog",
    "5000",
    "--window",
    "100ms",
];

fn program(csv: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_concurrency-models"));
    command
        .args(TINY)
        .arg("--csv")
        .arg(csv)
        .args(more)
        .env_remove("WELLSPRING_BOOTSTRAP_SERVERS")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn finish(mut command: Command) -> Output {
    command.output().unwrap()
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_run_that_was_killed_goes_on_and_measures_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let csv = folder.path().join("results.csv");
    let mut first = program(&csv, &[]).spawn().unwrap();
    until(&mut first, || rows(&csv).len() == 1);
    first.kill().unwrap();
    first.wait().unwrap();
    let before = rows(&csv);
    assert!(before.len() < 4, "it was killed too late");

    let second = finish(program(&csv, &[]));
    assert!(second.status.success(), "{}", errors(&second));

    let after = rows(&csv);
    assert_eq!(after.get(..before.len()).unwrap(), before);
    let cells: HashSet<_> = after.iter().map(Row::measurement).collect();
    assert_eq!((after.len(), cells.len()), (4, 4));
    for row in &after {
        assert_eq!((row.order_violations, row.repeats), (0, 0), "{row:?}");
        assert!(row.records > 0 && row.paced_records > 0, "{row:?}");
        assert!(row.p50_ms >= 1.0 && row.p50_ms <= row.p99_ms, "{row:?}");
        assert!(row.connections >= u64::from(row.consumers), "{row:?}");
    }
    let page = std::fs::read_to_string(csv.with_extension("md")).unwrap();
    assert!(page.contains("**A handler that waits 1ms:"), "{page}");
    assert!(page.contains("in all cells: of "), "{page}");
    let figure = std::fs::read_to_string(folder.path().join("results/throughput.svg")).unwrap();
    roxmltree::Document::parse(&figure).unwrap();
}

#[test]
fn a_kafka_that_goes_away_ends_the_run_which_can_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let csv = folder.path().join("results.csv");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let broker = runtime.block_on(Broker::builder().start()).unwrap();
    let address = broker.bootstrap().to_owned();
    let more = ["--bootstrap-servers", &address, "--patience", "2s"];

    let mut first = program(&csv, &more).spawn().unwrap();
    until(&mut first, || rows(&csv).len() == 1);
    runtime.block_on(broker.stop());
    let first = first.wait_with_output().unwrap();
    assert!(!first.status.success());
    let said = errors(&first);
    assert!(said.contains("could not be measured"), "{said}");
    assert!(
        said.contains("the same command goes on from there"),
        "{said}"
    );

    let broker = Broker::builder().listen(&address);
    let broker = runtime.block_on(broker.start()).unwrap();
    let second = finish(program(&csv, &more));
    assert!(second.status.success(), "{}", errors(&second));
    assert_eq!(rows(&csv).len(), 4);
    runtime.block_on(broker.stop());
}

#[test]
fn rows_of_another_grid_and_values_that_cannot_be_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let csv = folder.path().join("results.csv");
    std::fs::write(&csv, "milk\n").unwrap();
    let refused = finish(program(&csv, &[]));
    assert!(!refused.status.success());
    assert!(
        errors(&refused).contains("is no file of results"),
        "{}",
        errors(&refused)
    );
    assert_eq!(std::fs::read_to_string(&csv).unwrap(), "milk\n");

    for (option, value, word) in [
        ("--rounds", "0", "1..=100"),
        ("--patience", "1h", "50ms to 10m"),
        ("--quick", "--bytes=100", "cannot be used with"),
    ] {
        let refused = finish(program(&csv, &[option, value]));
        assert!(errors(&refused).contains(word), "{}", errors(&refused));
    }
}

/// What a reader of the book's page should know of its run.
const NOTE: &str = "The machine was shared: programs were built on it while cells were measured, which is why there are so many rounds. The rows are in [rows.csv](concurrency-models/rows.csv).";

/// After a change of the generator or of the rows:
/// `concurrency-models report --csv docs/concurrency-models/rows.csv --page docs/concurrency-models.md --note NOTE`.
#[test]
fn the_page_of_the_book_is_what_its_rows_say() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let (origin, rows) = read(&docs.join("concurrency-models/rows.csv")).unwrap();
    let page = Page::of(&origin, rows, Some(NOTE), "concurrency-models").unwrap();
    let written = std::fs::read_to_string(docs.join("concurrency-models.md")).unwrap();
    assert!(page.text == written, "write the page again");
    for (name, svg) in &page.figures {
        let written = std::fs::read_to_string(docs.join("concurrency-models").join(name)).unwrap();
        assert!(*svg == written, "write the page again, because of {name}");
    }
}

fn rows(csv: &Path) -> Vec<Row> {
    read(csv).map(|(_, rows)| rows).unwrap_or_default()
}

/// Waits until `is_so` while the program runs.
fn until(program: &mut Child, is_so: impl Fn() -> bool) {
    let deadline = now() + Duration::from_secs(120);
    while !is_so() {
        assert!(now() < deadline, "it did not happen");
        assert!(program.try_wait().unwrap().is_none(), "the program ended");
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test that waits for a real process"
)]
fn now() -> Instant {
    Instant::now()
}
