//! Numbers and settings in words.

use crate::concurrency_models::cell::{Cell, Work};
use crate::concurrency_models::summary::{Measured, Ratio, Verdict};

/// A number of records per second, with as many digits as mean something.
pub(super) fn rate(per_second: f64) -> String {
    if per_second >= 1e6 {
        format!("{:.2} M", per_second / 1e6)
    } else if per_second >= 1e4 {
        format!("{:.0} k", per_second / 1e3)
    } else if per_second >= 1e3 {
        format!("{:.1} k", per_second / 1e3)
    } else {
        format!("{per_second:.0}")
    }
}

/// A factor.
pub(super) fn times(factor: f64) -> String {
    if factor >= 10.0 {
        format!("{factor:.0}")
    } else {
        format!("{factor:.2}")
    }
}

/// The settings of a cell as one writes them.
pub(super) fn setting(cell: &Cell) -> String {
    format!(
        "`concurrency = {}, workers = {}`",
        cell.consumers, cell.workers
    )
}

/// The settings of a cell in a sentence.
pub(super) fn consumers(cell: &Cell) -> String {
    let plural = |count: u16, word: &str| match count {
        1 => format!("1 {word}"),
        _ => format!("{count} {word}s"),
    };
    let each = if cell.consumers > 1 && cell.workers > 1 {
        " each"
    } else {
        ""
    };
    format!(
        "{} with {}{each}",
        plural(cell.consumers, "consumer"),
        plural(cell.workers, "worker")
    )
}

/// What a handler does.
pub(super) fn kind(work: Work) -> String {
    let time = humantime::format_duration(work.time());
    match work {
        Work::Timer(0) => "is ready at once".to_owned(),
        Work::Timer(_) => format!("waits {time}"),
        Work::Http(_) => format!("calls a service that takes {time}"),
        Work::Sqlite => "writes a row into SQLite".to_owned(),
        Work::Compute(_) => format!("computes for {time}"),
    }
}

/// Which of two cells is faster, with both throughputs and their ratio.
pub(super) fn compared(one: &Measured, other: &Measured) -> Option<String> {
    let (first, second) = (consumers(&one.cell), consumers(&other.cell));
    let (fast, slow) = (rate(one.rate()), rate(other.rate()));
    let ratio = one.against(other)?;
    Some(match ratio.verdict() {
        Verdict::Faster => format!(
            "{first} handled {fast} records/s, {} times as many as {second} ({slow}{})",
            times(ratio.median),
            dissent(ratio)
        ),
        Verdict::Slower => return compared(other, one),
        Verdict::Equal => format!(
            "{first} ({fast} records/s) and {second} ({slow}) are equal, their ratio being {}",
            times(ratio.median)
        ),
        Verdict::Unclear => format!(
            "whether {first} ({fast} records/s) or {second} ({slow}) is faster is unclear, their ratio going from {} to {} between rounds",
            times(ratio.low),
            times(ratio.high)
        ),
    })
}

/// How many rounds agree, where not all do.
fn dissent(ratio: Ratio) -> String {
    let Ratio {
        rounds, agreeing, ..
    } = ratio;
    if agreeing == rounds {
        String::new()
    } else {
        format!("; faster in {agreeing} of {rounds} rounds")
    }
}

/// Lines as a list.
pub(super) fn list(lines: &[String]) -> Vec<String> {
    lines.iter().map(|line| format!("- {line}")).collect()
}

/// A count as the median of counts needs it.
#[expect(
    clippy::cast_precision_loss,
    reason = "threads and connections are few"
)]
pub(super) const fn whole(count: u64) -> f64 {
    count as f64
}
