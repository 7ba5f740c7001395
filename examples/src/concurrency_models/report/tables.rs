//! All numbers of the slice that most sentences are about.

use super::figures::MIN_RECORDS;
use super::slice::Slice;
use super::words::{rate, whole};
use crate::concurrency_models::row::Row;
use crate::concurrency_models::summary::{Measured, Summary};

/// Fewest records of a backlog for its processor time.
pub(super) const MIN_DRAINED: f64 = 100_000.0;

/// A table with a row for each cell.
pub(super) fn numbers(summary: &Summary, slice: &Slice) -> Vec<String> {
    let mut lines = vec![
        format!("With {slice}; µs a record is processor time, of the backlog and of the paced load, whose records/s are in between."),
        String::new(),
        "| handler | consumers × workers | records/s | µs a record | threads | connections | MiB | paced | µs a record | p50, ms | p99 | p99.9 |".to_owned(),
        "| --- | --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |".to_owned(),
    ];
    let mut cells: Vec<&Measured> = slice.cells(summary).collect();
    cells.sort_by_key(|measured| (measured.cell.work, measured.cell));
    lines.extend(cells.into_iter().map(row));
    lines
}

fn row(measured: &Measured) -> String {
    let median = |column: fn(&Row) -> f64| measured.median(column);
    let records = median(|row| whole(row.paced_records));
    let enough = |least: f64, value: f64| {
        if records < least {
            "–".to_owned()
        } else {
            format!("{value:.1}")
        }
    };
    format!(
        "| {} | {} × {} | {} | {} | {} | {} | {:.0} | {} | {:.1} | {:.1} | {} | {} |",
        measured.cell.work,
        measured.cell.consumers,
        measured.cell.workers,
        rate(measured.rate()),
        drained(measured),
        median(|row| whole(row.threads)),
        median(|row| whole(row.connections)),
        median(|row| row.peak_memory_mib),
        rate(median(|row| row.paced_per_second)),
        median(|row| row.paced_processor_us_per_record),
        median(|row| row.p50_ms),
        enough(MIN_RECORDS, median(|row| row.p99_ms)),
        enough(MIN_RECORDS * 10.0, median(|row| row.p999_ms))
    )
}

/// Processor time per record of a backlog. The client fetches ahead, so where few records were
/// handled it is mostly the price of those that were not.
fn drained(measured: &Measured) -> String {
    if measured.median(|row| whole(row.records)) < MIN_DRAINED {
        return "–".to_owned();
    }
    let value = measured.median(|row| row.processor_us_per_record);
    format!("{value:.2}")
}
