//! The answer in five lines.

use super::slice::Slice;
use super::words::{compared, consumers, kind, rate, whole};
use crate::concurrency_models::cell::{Model, Work};
use crate::concurrency_models::summary::{Measured, Summary, Verdict};

/// Ready at once, waiting, computing, both, and what it costs; what was not measured is left out.
pub(super) fn lines(summary: &Summary, slice: &Slice) -> Vec<String> {
    let works = slice.works(summary);
    let find = |is_meant: &dyn Fn(&Work) -> bool| works.iter().copied().find(|work| is_meant(work));
    let waiting = find(&|work| *work == Work::Timer(10_000)).or_else(|| find(&|work| work.waits()));
    let computing = find(&|work| matches!(work, Work::Compute(_)));
    let lines = [
        find(&|work| *work == Work::Timer(0)).and_then(|work| one_or_two(summary, slice, work)),
        waiting.and_then(|work| one_or_two(summary, slice, work)),
        computing.and_then(|work| one_or_two(summary, slice, work)),
        both(summary, slice, &works),
        costs(summary, slice),
    ];
    lines.into_iter().flatten().collect()
}

/// Which of the first two models is faster, each at its best, and at as many handlers.
fn one_or_two(summary: &Summary, slice: &Slice, work: Work) -> Option<String> {
    let first = slice.fastest(summary, Model::ConsumerPerThread, work)?;
    let second = slice.fastest(summary, Model::ManyWorkers, work)?;
    let verdict = match first.against(second)?.verdict() {
        Verdict::Faster => "a consumer per thread",
        Verdict::Slower => "one consumer with many workers",
        Verdict::Equal => "either",
        Verdict::Unclear => "unclear",
    };
    let best = compared(first, second)?;
    let same = same_handlers(summary, slice, first)
        .filter(|same| same.cell != second.cell)
        .and_then(|same| compared(first, same))
        .map(|words| format!(" With as many handlers at a time, {words}."))
        .unwrap_or_default();
    Some(format!(
        "**A handler that {}: {verdict}.** At their best, {best}.{same}",
        kind(work)
    ))
}

/// The cell of model 2 that runs as many handlers at a time as one of model 1.
fn same_handlers<'a>(
    summary: &'a Summary,
    slice: &Slice,
    first: &Measured,
) -> Option<&'a Measured> {
    let as_many = |measured: &&Measured| {
        measured.cell.work == first.cell.work
            && measured.cell.model() == Model::ManyWorkers
            && measured.cell.handlers() == first.cell.handlers()
    };
    slice.cells(summary).find(as_many)
}

/// Where both together are faster than the better one of the others.
fn both(summary: &Summary, slice: &Slice, works: &[Work]) -> Option<String> {
    let mut faster = Vec::new();
    let mut compared = 0;
    for &work in works {
        let alone = summary.fastest(|cell| slice.with(work)(cell) && cell.model() != Model::Both);
        let (Some(both), Some(alone)) = (slice.fastest(summary, Model::Both, work), alone) else {
            continue;
        };
        let Some(ratio) = both.against(alone) else {
            continue;
        };
        compared += 1;
        if ratio.verdict() == Verdict::Faster {
            faster.push(format!(
                "{} ({}: {} records/s, against {} of {})",
                kind(work),
                consumers(&both.cell),
                rate(both.rate()),
                rate(alone.rate()),
                consumers(&alone.cell)
            ));
        }
    }
    match (faster.len(), compared) {
        (_, 0) => None,
        (0, _) => Some(format!(
            "**Both together** were faster than the better one of the two in none of {compared} kinds of handlers."
        )),
        (count, _) => Some(format!(
            "**Both together** were faster than the better one of the two in {count} of {compared} kinds of handlers: one that {}.",
            faster.join("; one that ")
        )),
    }
}

/// What consumers and workers cost.
fn costs(summary: &Summary, slice: &Slice) -> Option<String> {
    let work = slice.works(summary).into_iter().next()?;
    let cell = |consumers, workers| {
        let is_it = move |measured: &&Measured| {
            let cell = &measured.cell;
            (cell.consumers, cell.workers, cell.work) == (consumers, workers, work)
        };
        slice.cells(summary).find(is_it)
    };
    let of_model = |model| {
        let cells = slice.cells(summary).map(|measured| measured.cell);
        cells.filter(move |cell| cell.work == work && cell.model() == model)
    };
    let most_consumers = of_model(Model::ConsumerPerThread)
        .map(|cell| cell.consumers)
        .max()?;
    let most_workers = of_model(Model::ManyWorkers)
        .map(|cell| cell.workers)
        .max()?;
    let costs = |measured: &Measured| {
        format!(
            "{} threads, {} connections and {:.0} MiB",
            measured.median(|row| whole(row.threads)),
            measured.median(|row| whole(row.connections)),
            measured.median(|row| row.peak_memory_mib)
        )
    };
    let (many, one) = (cell(most_consumers, 1)?, cell(1, most_workers)?);
    let base = cell(1, 1)?;
    Some(format!(
        "**Costs**, with a handler that {}: {most_consumers} consumers have {}; 1 consumer with {most_workers} workers has {}, and with 1 worker {}.",
        kind(work),
        costs(many),
        costs(one),
        costs(base)
    ))
}
