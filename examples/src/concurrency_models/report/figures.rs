//! The figures of the page.

use super::slice::Slice;
use super::words::{kind, rate, whole};
use crate::concurrency_models::cell::{Cell, Model, Work};
use crate::concurrency_models::plot::{Bar, Figure, Panel};
use crate::concurrency_models::row::Row;
use crate::concurrency_models::summary::{Measured, Summary};

/// A figure with the name of its file and the title of its section.
pub(super) type Named = (&'static str, &'static str, Figure);

/// A title and the number of a row that is under it.
type Column = (&'static str, fn(&Row) -> f64);

/// Most bars of a model in a panel: its fastest.
const MAX_BARS: usize = 3;

/// Fewest records of a round for a 99th percentile.
pub(super) const MIN_RECORDS: f64 = 100.0;

/// Throughput, latency, processor time and costs.
pub(super) fn all(summary: &Summary, slice: &Slice) -> Vec<Named> {
    let figure = |title: &str, note: &str, panels| Figure {
        title: title.to_owned(),
        note: note.to_owned(),
        panels,
    };
    vec![
        (
            "throughput.svg",
            "Throughput",
            figure(
                "Throughput: records per second",
                "consumers × workers; longer is faster; each panel has its own scale",
                by_work(summary, slice, |measured| {
                    let value = measured.rate();
                    bar(measured, value, None, rate(value))
                }),
            ),
        ),
        (
            "latency.svg",
            "Latency",
            figure(
                "Latency of the paced load: from send to handled, in ms",
                "half of the throughput, at most 5000 records/s; bar: median; line: to the 99th percentile",
                by_work(summary, slice, latency),
            ),
        ),
        (
            "processor-time.svg",
            "Processor time",
            figure(
                "Processor time of the consuming process per record of the paced load, in µs",
                "shorter is cheaper; cells that handle more are asked for more, up to 5000 a second",
                by_work(summary, slice, |measured| {
                    let value = measured.median(|row| row.paced_processor_us_per_record);
                    bar(measured, value, None, format!("{value:.1}"))
                }),
            ),
        ),
        (
            "costs.svg",
            "Threads, connections and memory",
            figure(
                "What consumers and workers cost",
                "of the consuming process; shorter is cheaper",
                costs(summary, slice),
            ),
        ),
    ]
}

fn by_work(summary: &Summary, slice: &Slice, bar: impl Fn(&Measured) -> Bar) -> Vec<Panel> {
    let panel = |work: Work| Panel {
        title: format!("a handler that {}", kind(work)),
        bars: chosen(summary, slice, work).into_iter().map(&bar).collect(),
    };
    slice.works(summary).into_iter().map(panel).collect()
}

/// The fastest cells of each model, model by model and in the order of their settings.
fn chosen<'a>(summary: &'a Summary, slice: &Slice, work: Work) -> Vec<&'a Measured> {
    let models = [
        Model::OneByOne,
        Model::ConsumerPerThread,
        Model::ManyWorkers,
        Model::Both,
    ];
    let fastest = |model| {
        let of_model =
            |measured: &&Measured| measured.cell.work == work && measured.cell.model() == model;
        let mut cells: Vec<&Measured> = slice.cells(summary).filter(of_model).collect();
        cells.sort_by(|one, other| other.rate().total_cmp(&one.rate()));
        cells.truncate(MAX_BARS);
        cells.sort_by_key(|measured| measured.cell);
        cells
    };
    models.into_iter().flat_map(fastest).collect()
}

fn latency(measured: &Measured) -> Bar {
    let p50 = measured.median(|row| row.p50_ms);
    if measured.median(|row| whole(row.paced_records)) < MIN_RECORDS {
        return bar(measured, p50, None, format!("{p50:.1} (few records)"));
    }
    let p99 = measured.median(|row| row.p99_ms);
    bar(measured, p50, Some(p99), format!("{p50:.1}, p99 {p99:.1}"))
}

fn costs(summary: &Summary, slice: &Slice) -> Vec<Panel> {
    let Some(work) = slice.works(summary).into_iter().next() else {
        return Vec::new();
    };
    let columns: [Column; 3] = [
        ("threads", |row| whole(row.threads)),
        ("connections to Kafka", |row| whole(row.connections)),
        ("memory at most, in MiB", |row| row.peak_memory_mib),
    ];
    let panel = |(title, column): Column| Panel {
        title: format!("{title}, with a handler that {}", kind(work)),
        bars: chosen(summary, slice, work)
            .into_iter()
            .map(|measured| {
                let value = measured.median(column);
                bar(measured, value, None, format!("{value:.0}"))
            })
            .collect(),
    };
    columns.map(panel).to_vec()
}

fn bar(measured: &Measured, value: f64, reaches: Option<f64>, text: String) -> Bar {
    let Cell {
        consumers, workers, ..
    } = measured.cell;
    Bar {
        label: format!("{consumers} × {workers}"),
        model: measured.cell.model(),
        value,
        reaches,
        text,
    }
}
