//! Keeping the topic as small as what it says.

use std::collections::HashMap;
use std::error::Error;
use std::sync::{Mutex, PoisonError};

use super::batch_of;
use super::reading::Reading;
use crate::group::journal::JournalError;
use crate::group::replay::ReplayedGroups;
use crate::replica::Partition;
use crate::runtime::Clock;
use crate::types::PartitionId;

/// A partition is left alone up to this size, in bytes.
const MIN_BYTES: u64 = 1024 * 1024;
/// And until it is so many times as large as its last summary was.
const GROWTH_FACTOR: u64 = 4;
/// Records in one batch of a summary.
const MAX_BATCH_RECORDS: usize = 500;

/// How large each partition may become before it is summed up.
#[derive(Debug, Default)]
pub(super) struct Growth {
    /// Guards the limits, for one look or one change. Partitions that are not in it have
    /// [`SMALL`].
    limits: Mutex<HashMap<PartitionId, u64>>,
}

impl Growth {
    /// Sums the partition up if it has grown over its limit.
    pub(super) fn check(&self, partition: &Partition, clock: &Clock) -> Result<(), JournalError> {
        let id = partition.at().partition;
        if partition.size() <= self.limit(id) {
            return Ok(());
        }
        // Whatever comes of it is not tried again with the next record, nor by another shard
        // meanwhile.
        self.set_limit(id, u64::MAX);
        let summed_up = sum_up(partition, clock);
        self.set_limit(
            id,
            partition
                .size()
                .saturating_mul(GROWTH_FACTOR)
                .max(MIN_BYTES),
        );
        summed_up
    }

    fn limit(&self, id: PartitionId) -> u64 {
        let limits = self.limits.lock().unwrap_or_else(PoisonError::into_inner);
        limits.get(&id).copied().unwrap_or(MIN_BYTES)
    }

    fn set_limit(&self, id: PartitionId, limit: u64) {
        self.limits
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(id, limit);
    }
}

/// Puts the last word on each thing in the place of all words.
fn sum_up(partition: &Partition, clock: &Clock) -> Result<(), JournalError> {
    let failed = |error: &(dyn Error + 'static)| JournalError::of(partition.at(), error);
    let before = partition.size();
    let mut reading = Reading::new(partition, ReplayedGroups::default())?;
    // Nearly all of it while others go on writing, and the rest while they wait.
    reading.go_on(|from, budget| partition.read(from, budget))?;
    let locked = partition.lock();
    reading.go_on(|from, budget| locked.read(from, budget))?;
    if !reading.is_complete() {
        let reason = "it holds records that are not understood here, and they are kept";
        return Err(JournalError::new(partition.at(), reason));
    }
    let records = reading.into_replay().into_records();
    let now = clock.wall();
    let batches = records
        .chunks(MAX_BATCH_RECORDS)
        .map(|records| batch_of(records, now))
        .collect::<Result<Vec<_>, _>>();
    locked
        .replace_with_snapshot(&batches.map_err(|error| failed(&error))?)
        .map_err(|error| failed(&error))?;
    tracing::debug!(partition = %partition.at(), before, after = partition.size(), records = records.len(), "summed up");
    Ok(())
}
