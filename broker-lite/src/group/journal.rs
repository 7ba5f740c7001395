//! Where groups write down what must survive a crash.

use std::fmt::Debug;

use thiserror::Error;

use super::records::Record;
use crate::types::PartitionId;

/// An append-only record of decisions. Nothing is answered before it is in here.
pub(crate) trait Journal: Debug + Send + Sync + 'static {
    /// Writes all of the records, or none, to one partition of `__consumer_offsets`.
    ///
    /// # Errors
    /// [`JournalError`]; the decision must not be answered then.
    fn append(&self, partition: PartitionId, records: &[Record]) -> Result<(), JournalError>;
}

/// The journal could not take a decision.
#[derive(Debug, Error)]
#[error("partition {partition} of __consumer_offsets can't be written: {reason}")]
pub(crate) struct JournalError {
    pub(crate) partition: PartitionId,
    pub(crate) reason: String,
}
