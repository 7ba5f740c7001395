//! Keeping a partition of an internal topic in proportion to the state in it.

use std::collections::HashMap;
use std::error::Error;
use std::sync::{Mutex, PoisonError};

use super::error::StateLogError;
use super::record::{State, batch_of};
use super::replay::PartitionReplay;
use crate::replica::Partition;
use crate::runtime::Clock;
use crate::types::PartitionId;

/// A partition up to this size, in bytes, is never replaced.
const MIN_BYTES: u64 = 1024 * 1024;
/// A larger one is replaced when it is this many times as large as its last snapshot.
const GROWTH_FACTOR: u64 = 4;
/// The records in one batch of a snapshot.
const MAX_BATCH_RECORDS: usize = 500;

/// The size from which each partition is replaced by a snapshot.
#[derive(Debug, Default)]
pub(super) struct SnapshotLimits {
    /// Guards the limits, for one look or one change. Partitions that are not in it have
    /// [`MIN_BYTES`].
    limits: Mutex<HashMap<PartitionId, u64>>,
}

impl SnapshotLimits {
    /// Replaces the partition by a snapshot if it has grown over its limit.
    pub(super) fn enforce<S: State>(
        &self,
        partition: &Partition,
        clock: &Clock,
    ) -> Result<(), StateLogError> {
        let id = partition.at().partition;
        if partition.size() <= self.limit(id) {
            return Ok(());
        }
        // Reading a whole partition is expensive. While it goes on no other shard may begin the
        // same, and one that fails is tried again only after more growth, not with every record.
        self.set_limit(id, u64::MAX);
        let outcome = replace_with_snapshot::<S>(partition, clock);
        self.set_limit(
            id,
            partition
                .size()
                .saturating_mul(GROWTH_FACTOR)
                .max(MIN_BYTES),
        );
        outcome
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

/// Writes the partition's state as new batches and deletes the batches before them.
fn replace_with_snapshot<S: State>(
    partition: &Partition,
    clock: &Clock,
) -> Result<(), StateLogError> {
    let failed = |error: &(dyn Error + 'static)| StateLogError::of(partition.at(), error);
    let before = partition.size();
    let mut replay = PartitionReplay::new(partition, S::default())?;
    // Nearly all of it is read while others still append, and only the rest under the lock.
    replay.read_to_end(|from, budget| partition.read(from, budget))?;
    let locked = partition.lock();
    replay.read_to_end(|from, budget| locked.read(from, budget))?;
    if !replay.is_complete() {
        // A snapshot would delete records that a newer broker or another tool may need.
        let reason = "it holds records of an unknown kind, which a snapshot would delete";
        return Err(StateLogError::new(partition.at(), reason));
    }
    let records = replay.into_state().into_records();
    let now = clock.wall();
    let batches = records
        .chunks(MAX_BATCH_RECORDS)
        .map(|records| batch_of(records, now))
        .collect::<Result<Vec<_>, _>>();
    locked
        .replace_with_snapshot(&batches.map_err(|error| failed(&error))?)
        .map_err(|error| failed(&error))?;
    tracing::debug!(partition = %partition.at(), before, after = partition.size(), records = records.len(), "replaced a partition by its snapshot");
    Ok(())
}
