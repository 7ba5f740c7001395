//! Whether a machine can hold a cell.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::cell::{Cell, Work};
use super::grid::Measurement;
use super::machine::available_memory;

/// What a machine has for a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Files and sockets that a process may have open.
    pub descriptors: u64,
    /// Memory in bytes that can be used.
    pub memory: u64,
}

/// Descriptors of a consumer: its connections, their wake-up pipes and its share of the rest.
const DESCRIPTORS_OF_A_CONSUMER: u64 = 16;
/// Descriptors of a process that consumes nothing.
const OTHER_DESCRIPTORS: u64 = 100;
/// librdkafka's `queued.max.messages.kbytes`, and what is handed over and not handled yet.
const MEMORY_OF_A_CONSUMER: u64 = (64 + 32) << 20;
/// Memory of a process that consumes nothing.
const OTHER_MEMORY: u64 = 128 << 20;
/// Bytes of a record beside its payload, at the broker and in a consumer.
const OVERHEAD: u64 = 128;

impl Limits {
    /// Raises this process's limit on descriptors as far as it may, and reads what there is.
    ///
    /// # Errors
    /// When `/proc` cannot be read.
    pub fn raise_and_read() -> wellspring::Result<Self> {
        let files = getrlimit(Resource::Nofile);
        let raised = Rlimit {
            current: files.maximum,
            ..files
        };
        let files = if setrlimit(Resource::Nofile, raised).is_ok() {
            raised
        } else {
            files
        };
        Ok(Self {
            descriptors: files.current.unwrap_or(u64::MAX),
            memory: available_memory()?,
        })
    }

    /// Checks that each of these fits; `backlog` tells how many records wait in a cell's topic, and
    /// `at_broker` is the memory that the broker needs here.
    ///
    /// # Errors
    /// The first cell that does not fit, what it needs, and what to do.
    pub fn check(
        self,
        measurements: &[Measurement],
        backlog: impl Fn(&Cell) -> u64,
        at_broker: u64,
    ) -> Result<(), String> {
        for (_, cell) in measurements {
            let Self {
                descriptors,
                memory,
            } = self;
            let needed = descriptors_of(cell);
            if needed > descriptors {
                return Err(format!(
                    "the cell {cell} needs about {needed} open files and sockets, and a process may have {descriptors}: raise the limit (ulimit -Hn, ulimit -n) or measure fewer consumers or workers"
                ));
            }
            let needed = memory_of(cell, backlog(cell)).saturating_add(at_broker);
            if needed > memory {
                return Err(format!(
                    "the cell {cell} needs about {} MiB of memory, and {} MiB are free: give a smaller --backlog, or measure fewer consumers or smaller records",
                    needed >> 20,
                    memory >> 20
                ));
            }
        }
        Ok(())
    }
}

fn descriptors_of(cell: &Cell) -> u64 {
    let consumers = u64::from(cell.consumers) * DESCRIPTORS_OF_A_CONSUMER;
    let calls = match cell.work {
        Work::Http(_) => cell.handlers(),
        Work::Timer(_) | Work::Sqlite | Work::Compute(_) => 0,
    };
    consumers + calls + OTHER_DESCRIPTORS
}

fn memory_of(cell: &Cell, backlog: u64) -> u64 {
    let waiting = bytes_of(cell, backlog);
    let most = u64::from(cell.consumers) * MEMORY_OF_A_CONSUMER;
    OTHER_MEMORY + waiting.min(most)
}

/// Returns the memory that so many records of a cell take.
#[must_use]
pub fn bytes_of(cell: &Cell, records: u64) -> u64 {
    records.saturating_mul(u64::from(cell.bytes) + OVERHEAD)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::concurrency_models::cell::Keys;

    const CELL: Cell = Cell {
        partitions: 64,
        consumers: 16,
        workers: 256,
        work: Work::Http(1_000),
        keys: Keys::Uniform,
        bytes: 10_240,
    };

    fn check(descriptors: u64, memory: u64) -> Result<(), String> {
        Limits {
            descriptors,
            memory,
        }
        .check(&[(1, CELL)], |_| 10_000, 0)
    }

    #[test]
    fn a_cell_that_a_machine_cannot_hold_is_named() {
        let refusal = check(1024, u64::MAX).unwrap_err();
        assert!(
            refusal.contains("consumers=16 workers=256 work=http:1ms"),
            "{refusal}"
        );
        assert!(
            refusal.contains("4452 open files") && refusal.contains("1024"),
            "{refusal}"
        );
        let refusal = check(u64::MAX, 64 << 20).unwrap_err();
        assert!(
            refusal.contains("64 MiB are free") && refusal.contains("--backlog"),
            "{refusal}"
        );
    }

    #[test]
    fn a_cell_that_fits_is_measured() {
        assert_eq!(check(5_000, 4 << 30), Ok(()));
    }
}
