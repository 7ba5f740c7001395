//! Reads whole batches without the log's lock.
//!
//! Under the lock the log only plans where to read ([`ReadPlan`]). The reading itself needs no
//! lock, since the bytes before the end of a segment never change.
//!
//! Still, bits rot on disks. Kafka sends what it finds and leaves the check to the consumer
//! (`check.crcs`); many consumers don't check, and librdkafka skips what it finds damaged. So
//! batches that come from the disk, and not from memory, are checked here each time, and a damaged
//! one is never sent: its reader is told CORRUPT_MESSAGE and stays in front of it.

use std::sync::Arc;

use bytes::Bytes;

use super::budget::ReadBudget;
use super::collect::Collector;
use super::leader_epoch::LeaderEpochs;
use super::range::{FileRange, ReadTrouble};
use crate::types::Offset;
use crate::wire::record_batch::{BatchError, BatchHeader};

/// The ranges of segments to read, from the wanted offset on.
#[derive(Debug)]
pub(crate) struct ReadPlan {
    pub(super) from: Offset,
    /// The end of the log when the plan was made.
    pub(super) end: Offset,
    /// The leader epochs of the log at that time.
    pub(super) epochs: Arc<LeaderEpochs>,
    pub(super) ranges: Vec<FileRange>,
}

impl ReadPlan {
    /// Reads whole batches, from the one that contains the wanted offset on, up to the budget.
    ///
    /// Batches from a disk are checked. A damaged one ends the result, and is an error if it is the
    /// first.
    pub(crate) fn run(self, budget: ReadBudget) -> Result<Batches, ReadTrouble> {
        let Self {
            from,
            end,
            epochs,
            ranges,
        } = self;
        let mut collector = Collector::new(from, epochs, budget);
        for range in ranges {
            collector.collect(&range)?;
            if collector.is_full() {
                break;
            }
        }
        if from < end && collector.is_empty() && !collector.is_full() {
            // There should be a batch: a reader that is told of none would wait for an append and
            // never get past this offset.
            return Err(ReadTrouble::Damage(BatchError::Truncated {
                have: 0,
                need: BatchHeader::SIZE,
            }));
        }
        Ok(Batches {
            cut: collector.is_full(),
            chunks: collector.into_chunks(),
        })
    }
}

/// Whole batches, in order.
#[derive(Debug, Default)]
pub(crate) struct Batches {
    /// Slices of the files, each of one or more batches.
    pub(crate) chunks: Vec<Bytes>,
    /// Whether the budget ended before the log did, or a damaged batch follows.
    pub(crate) cut: bool,
}
