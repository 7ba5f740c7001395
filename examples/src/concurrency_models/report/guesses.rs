//! What the study guessed before anything was measured, and whether it was right.

use super::slice::Slice;
use super::words::{compared, consumers, kind, whole};
use crate::concurrency_models::cell::{Model, Work};
use crate::concurrency_models::summary::{Measured, Summary, Verdict};

/// The guesses that the rows can judge.
pub(super) fn lines(summary: &Summary, slice: &Slice) -> Vec<String> {
    let guesses = [
        fast_when_handling_is_fast(summary, slice),
        costs_connections(summary, slice),
        right_when_handling_waits(summary, slice),
    ];
    guesses.into_iter().flatten().collect()
}

fn fast_when_handling_is_fast(summary: &Summary, slice: &Slice) -> Option<String> {
    let work = Work::Timer(0);
    let first = slice.fastest(summary, Model::ConsumerPerThread, work)?;
    let second = slice.fastest(summary, Model::ManyWorkers, work)?;
    let verdict = match first.against(second)?.verdict() {
        Verdict::Faster => "Right",
        Verdict::Slower => "Wrong",
        Verdict::Equal => "Not more than the second model",
        Verdict::Unclear => "Cannot be told from these rows",
    };
    let numbers = compared(first, second)?;
    Some(format!(
        "*Its first model, a consumer per thread, is fast when handling is fast.* {verdict}: {numbers}."
    ))
}

fn costs_connections(summary: &Summary, slice: &Slice) -> Option<String> {
    let connections = |measured: &Measured| measured.median(|row| whole(row.connections));
    let of = |model| {
        let cells = slice
            .cells(summary)
            .filter(move |measured| measured.cell.model() == model);
        cells.max_by(|one, other| connections(one).total_cmp(&connections(other)))
    };
    let (first, second) = (of(Model::ConsumerPerThread)?, of(Model::ManyWorkers)?);
    let (more, fewer) = (connections(first), connections(second));
    let verdict = if more > fewer { "Right" } else { "Wrong" };
    Some(format!(
        "*And it costs connections.* {verdict}: {} had {more} connections to Kafka, {} had {fewer}.",
        consumers(&first.cell),
        consumers(&second.cell)
    ))
}

fn right_when_handling_waits(summary: &Summary, slice: &Slice) -> Option<String> {
    let mut told = Vec::new();
    let mut verdicts = Vec::new();
    for work in slice.works(summary).into_iter().filter(|work| work.waits()) {
        let first = slice.fastest(summary, Model::ConsumerPerThread, work);
        let second = slice.fastest(summary, Model::ManyWorkers, work);
        let (Some(first), Some(second)) = (first, second) else {
            continue;
        };
        if let (Some(ratio), Some(words)) = (second.against(first), compared(second, first)) {
            verdicts.push(ratio.verdict());
            told.push(format!("where it {}, {words}", kind(work)));
        }
    }
    let faster = verdicts
        .iter()
        .filter(|verdict| **verdict == Verdict::Faster)
        .count();
    let verdict = match (faster, verdicts.len()) {
        (_, 0) => return None,
        (faster, all) if faster == all => format!("Right, in all {all} kinds of waiting"),
        (0, all) => format!("Wrong, in all {all} kinds of waiting"),
        (faster, all) => format!("Right in {faster} of {all} kinds of waiting"),
    };
    Some(format!(
        "*Its second model, one consumer with many workers, is right when handling waits.* {verdict}: {}.",
        told.join("; ")
    ))
}
