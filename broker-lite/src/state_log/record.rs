//! The contents of an internal topic, as its coordinator sees them.

use std::fmt::Debug;

use bytes::Bytes;

use super::error::BadRecord;
use crate::types::Timestamp;
use crate::wire::record_batch::{BatchBuilder, BatchError};

/// One record of an internal topic. A later record with the same key replaces it.
pub(crate) trait StateRecord: Debug + Sized {
    /// Returns the bytes of key and value. A record without a value deletes its key.
    fn encode(&self) -> (Bytes, Option<Bytes>);

    /// Reads a record, or returns `None` for a key of a kind that this coordinator does not use.
    ///
    /// # Errors
    /// [`BadRecord`] if the bytes are not what their version promises.
    fn decode(key: &Bytes, value: Option<&Bytes>) -> Result<Option<Self>, BadRecord>;
}

/// The state that the records of an internal topic add up to.
pub(crate) trait State: Debug + Default + 'static {
    /// The records of this topic.
    type Record: StateRecord;

    /// Applies the next record, in the order of offsets.
    fn apply(&mut self, record: Self::Record);

    /// Returns records that add up to this state, one per key.
    fn into_records(self) -> Vec<Self::Record>;
}

/// Returns one batch of these records.
pub(super) fn batch_of<R: StateRecord>(records: &[R], now: Timestamp) -> Result<Bytes, BatchError> {
    let add = |batch: BatchBuilder, record: &R| {
        let (key, value) = record.encode();
        batch.record(now, Some(&key), value.as_deref())
    };
    records.iter().fold(BatchBuilder::new(), add).build()
}
