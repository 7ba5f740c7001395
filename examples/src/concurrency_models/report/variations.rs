//! What other keys, partitions and sizes change, all else being equal.

use super::slice::Slice;
use super::words::{consumers, kind, rate, times};
use crate::concurrency_models::summary::{Measured, Ratio, Summary, Verdict};

/// A table of the same cells with other records, behind a sentence that counts what differs.
pub(super) fn lines(summary: &Summary, slice: &Slice) -> Vec<String> {
    let mut rows = Vec::new();
    let mut verdicts = Vec::new();
    for other in summary.all() {
        let Some(difference) = difference(slice, &Slice::around(&other.cell)) else {
            continue;
        };
        let same = slice
            .cells(summary)
            .find(|measured| is_same(measured, other));
        let Some((same, ratio)) = same.and_then(|same| Some((same, other.against(same)?))) else {
            continue;
        };
        verdicts.push(ratio.verdict());
        rows.push(row(&difference, other, same, ratio));
    }
    rows.sort();
    if rows.is_empty() {
        return rows;
    }
    let count = |wanted| {
        verdicts
            .iter()
            .filter(|verdict| **verdict == wanted)
            .count()
    };
    let mut lines = vec![
        format!(
            "Of {} cells with other records, {} handled as many records a second as the same settings with {slice}, {} handled more, {} fewer, and {} contradict themselves between rounds.",
            rows.len(),
            count(Verdict::Equal),
            count(Verdict::Faster),
            count(Verdict::Slower),
            count(Verdict::Unclear)
        ),
        String::new(),
        "| with | a handler that | settings | records/s | before | ratio |".to_owned(),
        "| --- | --- | --- | --: | --: | --: |".to_owned(),
    ];
    lines.extend(rows);
    lines
}

/// In what one slice differs from another, if it is one thing.
fn difference(slice: &Slice, other: &Slice) -> Option<String> {
    let Slice {
        keys,
        bytes,
        partitions,
    } = *other;
    let differences = [
        (slice.keys != keys).then(|| format!("{keys} keys")),
        (slice.bytes != bytes).then(|| format!("{bytes} bytes")),
        (slice.partitions != partitions).then(|| match partitions {
            1 => "1 partition".to_owned(),
            _ => format!("{partitions} partitions"),
        }),
    ];
    let mut differences = differences.into_iter().flatten();
    let difference = differences.next()?;
    differences.next().is_none().then_some(difference)
}

fn is_same(one: &Measured, other: &Measured) -> bool {
    let settings = |measured: &Measured| {
        let cell = &measured.cell;
        (cell.consumers, cell.workers, cell.work)
    };
    settings(one) == settings(other)
}

fn row(difference: &str, other: &Measured, same: &Measured, ratio: Ratio) -> String {
    format!(
        "| {difference} | {} | {} | {} | {} | {} |",
        kind(other.cell.work),
        consumers(&other.cell),
        rate(other.rate()),
        rate(same.rate()),
        times(ratio.median)
    )
}
