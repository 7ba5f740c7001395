//! The log as a whole, over a file system in memory and on disk.

mod appending;
mod recovering;
mod leading;
mod rotting;
mod looking_up;
mod retaining;
mod histories;
mod refusing_disk;

use std::sync::Arc;

use bytes::Bytes;

use super::config::Retention;
use super::error::InvalidBatch;
use super::files::Kind;
use super::range::ReadTrouble;
use super::segment::Segment;
use super::*;
use crate::storage::{Fs, MemoryFs};
use crate::types::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Timestamp, TopicId};
use crate::wire::record_batch::{BatchBuilder, BatchError, BatchHeader, Records, patch};

/// A hundred days after the first record there can be.
const NOW: Timestamp = Timestamp(8_640_000_000);
const DIR: &str = "orders-0";
/// A start of a broker that does not know how many there were: the log's own notes must do.
const RESTART: OpenMode = OpenMode::Existing {
    min_epoch: LeaderEpoch(1),
};
const MAX_READ: ReadBudget = ReadBudget::at_most(1 << 20);

/// A log with what it needs to be opened again.
struct Rig {
    fs: Arc<dyn Fs>,
    topic: TopicId,
    config: LogConfig,
    log: Log,
    truncation: Option<Truncation>,
}

impl Rig {
    fn new(config: LogConfig) -> Self {
        Self::create(Arc::new(MemoryFs::default()), TopicId::random(), config)
    }

    /// The log of a new topic.
    fn create(fs: Arc<dyn Fs>, topic: TopicId, config: LogConfig) -> Self {
        Self::claim(fs, topic, config, OpenMode::Create)
    }

    /// A log that is there already.
    fn open(fs: Arc<dyn Fs>, topic: TopicId, config: LogConfig) -> Self {
        Self::claim(fs, topic, config, RESTART)
    }

    fn claim(fs: Arc<dyn Fs>, topic: TopicId, config: LogConfig, mode: OpenMode) -> Self {
        let folder = LogFolder {
            fs: Arc::clone(&fs),
            dir: DIR.to_owned(),
            topic,
            mode,
        };
        let (log, truncation) = Log::open(folder, &config, NOW).unwrap();
        Self {
            fs,
            topic,
            config,
            log,
            truncation,
        }
    }

    /// Opens the log again after a clean stop.
    fn stop_and_start(self) -> Self {
        self.log.close().unwrap();
        Self::open(self.fs, self.topic, self.config)
    }

    /// Opens the log again after a stop without any last words.
    fn kill_and_start(self) -> Self {
        drop(self.log);
        Self::open(self.fs, self.topic, self.config)
    }

    fn try_append(&mut self, batch: &Bytes) -> Result<Appended, AppendError> {
        let batch = ValidatedBatch::new(batch, &self.config, AppendOrigin::Client, NOW)?;
        self.log.append(batch, &self.config)
    }

    /// Appends and answers the base offset.
    fn append(&mut self, batch: &Bytes) -> i64 {
        self.try_append(batch).unwrap().base_offset.0
    }

    /// All batches from the one that contains `from` on, however often one must read.
    fn batches(&self, from: i64) -> Vec<Bytes> {
        let (mut next, mut batches) = (Offset(from), Vec::new());
        loop {
            let chunks = self
                .log
                .plan(next, 1 << 20)
                .unwrap()
                .run(MAX_READ)
                .unwrap()
                .chunks;
            let mut rest = Bytes::from(chunks.concat());
            if rest.is_empty() {
                return batches;
            }
            while !rest.is_empty() {
                let header = BatchHeader::check(&rest).unwrap();
                next = header.last_offset().next();
                batches.push(rest.split_to(header.size));
            }
        }
    }

    fn bases(&self, from: i64) -> Vec<i64> {
        self.batches(from)
            .iter()
            .map(|batch| BatchHeader::parse(batch).unwrap().base_offset.0)
            .collect()
    }

    fn segment_bases(&self) -> Vec<i64> {
        self.log.segments().map(|segment| segment.base.0).collect()
    }

    fn files(&self) -> Vec<String> {
        let mut names = self.fs.list(DIR).unwrap();
        names.sort();
        names
    }
}

/// A batch with one record for each time.
fn batch(times: &[i64]) -> Bytes {
    let record = |builder: BatchBuilder, time: &i64| {
        builder.record(Timestamp(*time), Some(b"k"), Some(b"some value"))
    };
    times
        .iter()
        .fold(BatchBuilder::new(), record)
        .build()
        .unwrap()
}

/// A batch of producer 7 with `count` records.
fn numbered(sequence: i32, count: i32) -> Bytes {
    let builder = BatchBuilder::new().producer(ProducerId(7), ProducerEpoch(0), sequence);
    (0..count)
        .fold(builder, |builder, _| builder.record(NOW, None, Some(b"v")))
        .build()
        .unwrap()
}

/// A copy of the partition's folder in a file system of its own.
fn copy(fs: &dyn Fs) -> Arc<dyn Fs> {
    let copy = MemoryFs::default();
    for name in fs.list(DIR).unwrap() {
        let path = format!("{DIR}/{name}");
        copy.write(&path, &fs.read(&path).unwrap().unwrap())
            .unwrap();
    }
    Arc::new(copy)
}

fn small_segments(segment_bytes: u64) -> LogConfig {
    LogConfig {
        segment_bytes,
        index_interval: 100,
        ..LogConfig::default()
    }
}
