//! What the program and the process that consumes tell each other, one JSON object a line.

use std::net::SocketAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::cell::Cell;
use super::compute::Speed;
use super::usage::Usage;

/// What a process is to measure.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Assignment {
    /// The cell.
    pub cell: Cell,
    /// Which half of the measurement.
    pub phase: Phase,
    /// The Kafka.
    pub bootstrap_servers: String,
    /// The topic with the backlog, and the number of its records.
    pub backlog: (String, u64),
    /// The topic with the paced load.
    pub live: String,
    /// A name that no other measurement has, for groups.
    pub name: String,
    /// How long the backlog is drained at most.
    pub window: Duration,
    /// How long nothing may happen before the measurement is given up.
    pub patience: Duration,
    /// Where the service that handlers call listens.
    pub service: SocketAddr,
    /// How fast the machine computes.
    pub speed: Speed,
}

/// A half of a measurement. Each has a process of its own: a listener whose handlers compute need
/// not stop before the next one starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// Handle a backlog.
    Drain,
    /// Handle a load at an even pace.
    Pace,
}

/// What the process says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Said {
    /// The backlog was drained, or the window is over.
    Drained(Drained),
    /// The listener for the paced load has its partitions: the load may begin.
    Ready,
    /// The paced load was handled.
    Paced(Paced),
    /// It could not be measured.
    Failed(String),
}

/// What draining came to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Drained {
    /// Records that were handled.
    pub records: u64,
    /// From the beginning of the first handler to the end of the last.
    pub took: Duration,
    /// Processor time of the process for it.
    pub processor_time: Duration,
    /// What it used at the end.
    pub usage: Usage,
    /// What was seen of the order.
    pub order: Order,
}

/// What the paced load came to. Latencies are from `send` to the end of the handler.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Paced {
    /// Records that were handled.
    pub records: u64,
    /// Processor time of the process from the first record sent to the last one handled.
    pub processor_time: Duration,
    /// Median.
    pub p50: Duration,
    /// 99 of 100 are not slower.
    pub p99: Duration,
    /// 999 of 1000 are not slower.
    pub p999: Duration,
    /// What was seen of the order.
    pub order: Order,
}

/// What was seen of the order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Records that were handled before their turn.
    pub violations: u64,
    /// Records that came again.
    pub repeats: u64,
}

/// What the program says: how many records of the paced load it has sent.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Sent {
    /// All of them acknowledged.
    pub records: u64,
}
