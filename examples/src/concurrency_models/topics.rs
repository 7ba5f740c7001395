//! The topics of a run.

use std::collections::{BTreeMap, HashSet};

use wellspring::admin::Topic;
use wellspring::prelude::App;

use super::cell::{Cell, Keys};
use super::limits::bytes_of;
use super::load::Load;

/// The topics of a run: one backlog for each kind of record and number of partitions, which all
/// cells with these read, and one for the paced load of each number of partitions.
#[derive(Debug)]
pub struct Topics {
    run: String,
    /// Records of a backlog with small payloads.
    backlog: u64,
    filled: HashSet<String>,
}

/// Most bytes of a backlog: with large payloads it has fewer records.
const MAX_BACKLOG_BYTES: u64 = 200 << 20;

/// What a topic holds is of no use after a day.
const RETENTION_MS: &str = "86400000";

impl Topics {
    /// The topics of `run`, whose backlogs have at most so many records.
    #[must_use]
    pub fn new(run: &str, backlog: u64) -> Self {
        Self {
            run: run.to_owned(),
            backlog,
            filled: HashSet::new(),
        }
    }

    /// Declares all topics that `cells` need.
    pub fn declare<'a>(&self, app: App, cells: impl Iterator<Item = &'a Cell>) -> App {
        let mut topics = BTreeMap::new();
        for cell in cells {
            let backlog = Topic::new(self.backlog_of(cell), cell.partitions)
                .setting("retention.ms", RETENTION_MS);
            // Nobody reads it twice, and a long run writes a lot.
            let live = Topic::new(self.live_of(cell), cell.partitions)
                .setting("retention.ms", RETENTION_MS)
                .setting("retention.bytes", "4194304")
                .setting("segment.bytes", "1048576");
            topics.insert(self.backlog_of(cell), backlog);
            topics.insert(self.live_of(cell), live);
        }
        topics.into_values().fold(app, App::declare)
    }

    /// The topic with a cell's paced load.
    #[must_use]
    pub fn live_of(&self, cell: &Cell) -> String {
        format!("concurrency-models-{}-live-{}", self.run, cell.partitions)
    }

    /// The topic with a cell's backlog.
    #[must_use]
    pub fn backlog_of(&self, cell: &Cell) -> String {
        let Cell {
            partitions,
            keys,
            bytes,
            ..
        } = cell;
        format!(
            "concurrency-models-{}-{partitions}-{keys}-{bytes}",
            self.run
        )
    }

    /// Whether a cell's backlog is there.
    #[must_use]
    pub fn has_backlog(&self, cell: &Cell) -> bool {
        self.filled.contains(&self.backlog_of(cell))
    }

    /// Writes a cell's backlog unless it is there, and returns its topic and how many records it
    /// has.
    ///
    /// # Errors
    /// When Kafka does not take it.
    pub async fn fill(&mut self, cell: &Cell, load: &Load) -> wellspring::Result<(String, u64)> {
        let topic = self.backlog_of(cell);
        let records = records(self.backlog, cell);
        if self.filled.insert(topic.clone()) {
            load.fill(&topic, cell, records).await?;
        }
        Ok((topic, records))
    }
}

/// Returns how many records the backlog of a cell has, where one with small payloads has `backlog`.
#[must_use]
pub fn records(backlog: u64, cell: &Cell) -> u64 {
    backlog.min(MAX_BACKLOG_BYTES / u64::from(cell.bytes).max(1))
}

/// Returns the bytes of all backlogs that `cells` need: what a broker in memory holds.
#[must_use]
pub fn bytes_of_backlogs<'a>(backlog: u64, cells: impl Iterator<Item = &'a Cell>) -> u64 {
    let topics: HashSet<(u16, Keys, u32)> = cells
        .map(|cell| (cell.partitions, cell.keys, cell.bytes))
        .collect();
    let of = |(partitions, keys, bytes)| {
        let cell = Cell {
            partitions,
            consumers: 1,
            workers: 1,
            work: super::cell::Work::Timer(0),
            keys,
            bytes,
        };
        bytes_of(&cell, records(backlog, &cell))
    };
    topics.into_iter().map(of).sum()
}
