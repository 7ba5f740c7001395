//! Memory of batches on its way back to the poll thread.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::client::{RecordBatch, RecordBatchBuilder};
use crate::listener::dispatch::{PolledBatch, RecordMeta};

/// Most batches that are kept: as many as are under way when small records fill the default budget.
const MAX_SPARE: usize = 16;

/// Memory beyond this is given back to the system, in bytes.
const MAX_BYTES: usize = 4 << 20;

/// An empty batch, with the memory of an earlier one if there was one to spare.
#[derive(Debug, Default)]
pub(in crate::listener) struct SpareBatch {
    pub(in crate::listener) batch: RecordBatchBuilder,
    pub(in crate::listener) records: Vec<RecordMeta>,
}

/// Batches that can be filled again.
#[derive(Debug, Default)]
pub(super) struct Recycling {
    /// Held for a push or a pop. A stack: what was used last is still in the processor's cache.
    spare: Mutex<Vec<SpareBatch>>,
}

impl Recycling {
    pub(super) fn take(&self) -> SpareBatch {
        self.lock().pop().unwrap_or_default()
    }

    pub(super) fn keep(&self, spare: SpareBatch) {
        let mut kept = self.lock();
        if kept.len() < MAX_SPARE && spare.batch.capacity() <= MAX_BYTES {
            kept.push(spare);
        }
    }

    /// Keeps the memory of a batch, unless a handler still shares some of it.
    pub(super) fn recycle(&self, spent: PolledBatch<Arc<RecordBatch>>) {
        let PolledBatch { batch, mut records } = spent;
        if let Some(batch) = batch.recycle() {
            records.clear();
            self.keep(SpareBatch { batch, records });
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<SpareBatch>> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
