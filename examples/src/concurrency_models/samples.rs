//! Rows for tests.

use std::time::Duration;

use super::cell::{Keys, Work};
use super::machine::Machine;
use super::results::Origin;
use super::row::Row;

/// An origin.
pub(super) fn origin() -> Origin {
    Origin {
        machine: Machine {
            processor: "Abacus".to_owned(),
            cores: 2,
            memory_mib: 1024,
            kernel: "6.1".to_owned(),
        },
        broker: "broker-lite".to_owned(),
        grid: "2 cells".to_owned(),
        window: Duration::from_millis(600),
        backlog: 1000,
        build: "release".to_owned(),
    }
}

/// A row of a handler that is ready at once.
pub(super) fn row(round: u32, consumers: u16, workers: u16, records_per_second: f64) -> Row {
    Row {
        round,
        partitions: 16,
        consumers,
        workers,
        work: Work::Timer(0),
        keys: Keys::Uniform,
        bytes: 100,
        records: 1000,
        seconds: 1000.0 / records_per_second,
        records_per_second,
        processor_us_per_record: 1.0,
        threads: 4 + 6 * u64::from(consumers),
        connections: 2 * u64::from(consumers),
        peak_memory_mib: 20.0,
        paced_per_second: records_per_second / 2.0,
        paced_records: 1000,
        paced_processor_us_per_record: 20.0,
        p50_ms: 1.0,
        p99_ms: 2.0,
        p999_ms: 3.0,
        order_violations: 0,
        repeats: 0,
        load: 1.0,
    }
}
