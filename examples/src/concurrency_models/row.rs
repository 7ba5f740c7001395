//! What was measured of a cell: a row of the CSV file.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::cell::{Cell, Keys, Work};
use super::grid::Measurement;
use super::protocol::{Drained, Paced};

/// A row of the CSV file. The fields are its columns, so it has many.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "the columns' names tell what they are, with the unit"
)]
pub struct Row {
    pub round: u32,
    pub partitions: u16,
    pub consumers: u16,
    pub workers: u16,
    pub work: Work,
    pub keys: Keys,
    pub bytes: u32,
    /// Of the drained backlog, from here on.
    pub records: u64,
    pub seconds: f64,
    pub records_per_second: f64,
    pub processor_us_per_record: f64,
    pub threads: u64,
    pub connections: u64,
    pub peak_memory_mib: f64,
    /// Of the paced load, from here on.
    pub paced_per_second: f64,
    pub paced_records: u64,
    pub paced_processor_us_per_record: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub p999_ms: f64,
    /// Of both.
    pub order_violations: u64,
    pub repeats: u64,
    /// Tasks that wanted a core, on average over the last minute: others' as well.
    pub load: f64,
}

impl Row {
    /// A row of what was measured.
    #[must_use]
    pub fn new(
        (round, cell): Measurement,
        drained: &Drained,
        paced_per_second: f64,
        paced: &Paced,
        load: f64,
    ) -> Self {
        let seconds = drained.took.as_secs_f64();
        Self {
            round,
            partitions: cell.partitions,
            consumers: cell.consumers,
            workers: cell.workers,
            work: cell.work,
            keys: cell.keys,
            bytes: cell.bytes,
            records: drained.records,
            seconds: rounded(seconds),
            records_per_second: rounded(drained.per_second()),
            processor_us_per_record: us_per_record(drained.processor_time, drained.records),
            threads: drained.usage.threads,
            connections: drained.usage.connections,
            peak_memory_mib: rounded(number(drained.usage.peak_memory_kib) / 1024.0),
            paced_per_second: rounded(paced_per_second),
            paced_records: paced.records,
            paced_processor_us_per_record: us_per_record(paced.processor_time, paced.records),
            p50_ms: milliseconds(paced.p50),
            p99_ms: milliseconds(paced.p99),
            p999_ms: milliseconds(paced.p999),
            order_violations: drained.order.violations + paced.order.violations,
            repeats: drained.order.repeats + paced.order.repeats,
            load: rounded(load),
        }
    }

    /// Which measurement it is.
    #[must_use]
    pub const fn measurement(&self) -> Measurement {
        let cell = Cell {
            partitions: self.partitions,
            consumers: self.consumers,
            workers: self.workers,
            work: self.work,
            keys: self.keys,
            bytes: self.bytes,
        };
        (self.round, cell)
    }
}

impl Drained {
    /// Records per second.
    #[must_use]
    pub fn per_second(&self) -> f64 {
        number(self.records) / self.took.as_secs_f64().max(1e-9)
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
const fn number(count: u64) -> f64 {
    count as f64
}

fn us_per_record(time: Duration, records: u64) -> f64 {
    rounded(time.as_secs_f64() * 1e6 / number(records.max(1)))
}

fn milliseconds(time: Duration) -> f64 {
    rounded(time.as_secs_f64() * 1e3)
}

/// With three digits behind the point: more would be noise in a file that people read.
fn rounded(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}
