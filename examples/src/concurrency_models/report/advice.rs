//! Which settings for which kind of service: the cheapest ones that are as fast as the fastest.

use super::slice::Slice;
use super::words::{kind, rate, setting, whole};
use crate::concurrency_models::cell::Work;
use crate::concurrency_models::summary::{EQUAL, Measured, Summary};

/// A table with the advice for each kind of handler and the numbers behind it.
pub(super) fn lines(summary: &Summary, slice: &Slice) -> Vec<String> {
    let mut lines = vec![
        format!("Of the settings that handled as many records as the fastest one (within a factor of {EQUAL}), the one with the fewest connections, then threads, then workers:"),
        String::new(),
        "| a service whose handler | settings | records/s | the fastest | threads | connections | MiB | processor time a record, paced |".to_owned(),
        "| --- | --- | --: | --- | --: | --: | --: | --: |".to_owned(),
    ];
    let rows = slice
        .works(summary)
        .into_iter()
        .filter_map(|work| row(summary, slice, work));
    lines.extend(rows);
    lines
}

fn row(summary: &Summary, slice: &Slice, work: Work) -> Option<String> {
    let fastest = summary.fastest(slice.with(work))?;
    let advised = cheapest(summary, slice, work, fastest)?;
    let best = if advised.cell == fastest.cell {
        "the same".to_owned()
    } else {
        format!("{} with {}", rate(fastest.rate()), setting(&fastest.cell))
    };
    Some(format!(
        "| {} | {} | {} | {best} | {} | {} | {:.0} | {:.1} µs |",
        kind(work),
        setting(&advised.cell),
        rate(advised.rate()),
        advised.median(|row| whole(row.threads)),
        advised.median(|row| whole(row.connections)),
        advised.median(|row| row.peak_memory_mib),
        advised.median(|row| row.paced_processor_us_per_record)
    ))
}

/// The cheapest setting that is as fast as the fastest.
pub(super) fn cheapest<'a>(
    summary: &'a Summary,
    slice: &Slice,
    work: Work,
    fastest: &Measured,
) -> Option<&'a Measured> {
    let cost = |measured: &Measured| {
        let median = |column: fn(&crate::concurrency_models::row::Row) -> u64| {
            measured.median(|row| whole(column(row)))
        };
        (
            median(|row| row.connections),
            median(|row| row.threads),
            measured.cell.workers,
        )
    };
    slice
        .cells(summary)
        .filter(|measured| measured.cell.work == work && measured.rate() * EQUAL >= fastest.rate())
        .min_by(|one, other| {
            let (one, other) = (cost(one), cost(other));
            one.0
                .total_cmp(&other.0)
                .then(one.1.total_cmp(&other.1))
                .then(one.2.cmp(&other.2))
        })
}
