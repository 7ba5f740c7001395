//! Sentences follow from rows, in both directions.

use super::*;
use crate::concurrency_models::cell::{Keys, Work};
use crate::concurrency_models::samples::{origin, row};

/// A page about rows of consumers, workers, work and throughput.
fn page(rows: &[(u16, u16, Work, f64)]) -> String {
    let rows = rows.iter().map(|&(consumers, workers, work, rate)| Row {
        work,
        ..row(1, consumers, workers, rate)
    });
    of(rows.collect())
}

fn of(rows: Vec<Row>) -> String {
    Page::of(&origin(), rows, None, "figures").unwrap().text
}

const READY: Work = Work::Timer(0);
const WAITS: Work = Work::Timer(10_000);

#[test]
fn the_faster_model_is_named_whichever_it_is() {
    let first = page(&[
        (1, 1, READY, 900.0),
        (4, 1, READY, 2000.0),
        (1, 16, READY, 1000.0),
    ]);
    assert!(first.contains("**A handler that is ready at once: a consumer per thread.** At their best, 4 consumers with 1 worker handled 2.0 k records/s, 2.00 times as many as 1 consumer with 16 workers (1.0 k)."), "{first}");
    let second = page(&[
        (1, 1, READY, 900.0),
        (4, 1, READY, 1000.0),
        (1, 16, READY, 2000.0),
    ]);
    assert!(second.contains("**A handler that is ready at once: one consumer with many workers.** At their best, 1 consumer with 16 workers handled 2.0 k"), "{second}");
    let equal = page(&[(4, 1, READY, 1000.0), (1, 16, READY, 1050.0)]);
    assert!(
        equal.contains("ready at once: either.**")
            && equal.contains("are equal, their ratio being 0.95"),
        "{equal}"
    );
}

#[test]
fn guesses_are_judged_by_the_rows() {
    let right = page(&[
        (4, 1, READY, 2000.0),
        (1, 16, READY, 1000.0),
        (4, 1, WAITS, 400.0),
        (1, 16, WAITS, 1600.0),
    ]);
    assert!(
        right.contains("is fast when handling is fast.* Right: "),
        "{right}"
    );
    assert!(right.contains("costs connections.* Right: 4 consumers with 1 worker had 8 connections to Kafka, 1 consumer with 16 workers had 2."), "{right}");
    assert!(
        right.contains("is right when handling waits.* Right, in all 1 kinds of waiting: "),
        "{right}"
    );
    let wrong = page(&[
        (4, 1, READY, 1000.0),
        (1, 16, READY, 2000.0),
        (4, 1, WAITS, 1600.0),
        (1, 16, WAITS, 400.0),
    ]);
    assert!(
        wrong.contains("is fast when handling is fast.* Wrong: "),
        "{wrong}"
    );
    assert!(
        wrong.contains("is right when handling waits.* Wrong, in all 1 kinds of waiting: "),
        "{wrong}"
    );
}

#[test]
fn rounds_that_contradict_each_other_decide_nothing() {
    let rows = vec![
        row(1, 4, 1, 2000.0),
        row(1, 1, 16, 1000.0),
        row(2, 4, 1, 1000.0),
        row(2, 1, 16, 2000.0),
    ];
    let page = of(rows);
    assert!(page.contains("ready at once: unclear.**"), "{page}");
    assert!(
        page.contains("their ratio going from 0.50 to 2.00 between rounds"),
        "{page}"
    );
    assert!(page.contains("Cannot be told from these rows"), "{page}");
}

#[test]
fn both_are_praised_only_where_they_are_faster() {
    let faster = page(&[
        (4, 1, WAITS, 400.0),
        (1, 16, WAITS, 1600.0),
        (4, 16, WAITS, 6400.0),
    ]);
    assert!(faster.contains("**Both together** were faster than the better one of the two in 1 of 1 kinds of handlers: one that waits 10ms (4 consumers with 16 workers each: 6.4 k records/s, against 1.6 k of 1 consumer with 16 workers)."), "{faster}");
    let equal = page(&[
        (4, 1, WAITS, 400.0),
        (1, 16, WAITS, 1600.0),
        (4, 16, WAITS, 1650.0),
    ]);
    assert!(equal.contains("in none of 1 kinds of handlers"), "{equal}");
}

#[test]
fn the_cheapest_of_the_fastest_is_advised() {
    let advised = page(&[
        (1, 1, WAITS, 100.0),
        (16, 1, WAITS, 1600.0),
        (1, 16, WAITS, 1590.0),
        (16, 16, WAITS, 1650.0),
    ]);
    assert!(advised.contains("| waits 10ms | `concurrency = 1, workers = 16` | 1.6 k | 1.6 k with `concurrency = 16, workers = 16` |"), "{advised}");
    let fastest = page(&[(1, 16, WAITS, 1000.0), (16, 16, WAITS, 1650.0)]);
    assert!(
        fastest.contains("| waits 10ms | `concurrency = 16, workers = 16` | 1.6 k | the same |"),
        "{fastest}"
    );
}

#[test]
fn an_order_that_was_broken_is_told() {
    let kept = of(vec![row(1, 4, 1, 1000.0)]);
    assert!(
        kept.contains("in all cells: of 2000 records 0 began before their turn"),
        "{kept}"
    );
    let broken = of(vec![Row {
        order_violations: 3,
        ..row(1, 4, 1, 1000.0)
    }]);
    assert!(
        broken.contains("The order of keys was NOT kept in 1 cells: of 2000 records 3 began"),
        "{broken}"
    );
}

#[test]
fn other_records_are_compared_with_the_same_settings() {
    let few = Row {
        keys: Keys::Few,
        ..row(1, 1, 16, 500.0)
    };
    let page = of(vec![row(1, 1, 16, 1000.0), row(1, 4, 1, 1000.0), few]);
    assert!(
        page.contains("Of 1 cells with other records, 0 handled as many")
            && page.contains("0 handled more, 1 fewer"),
        "{page}"
    );
    assert!(
        page.contains(
            "| few keys | is ready at once | 1 consumer with 16 workers | 500 | 1.0 k | 0.50 |"
        ),
        "{page}"
    );
}

#[test]
fn the_page_is_written_with_its_figures() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("page.md");
    let page = Page::of(
        &origin(),
        vec![row(1, 4, 1, 1000.0)],
        Some("On a train."),
        "page",
    )
    .unwrap();
    page.write(&path).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(
        text.contains("On a train.") && text.contains("Abacus, 2 cores"),
        "{text}"
    );
    for name in ["throughput", "latency", "processor-time", "costs"] {
        assert!(text.contains(&format!("(page/{name}.svg)")), "{text}");
        let svg = std::fs::read_to_string(folder.path().join(format!("page/{name}.svg"))).unwrap();
        roxmltree::Document::parse(&svg).unwrap();
    }
    assert!(Page::of(&origin(), Vec::new(), None, "page").is_err());
}
