//! The shard's pen: every decision of a group goes to the partition that Kafka keeps that group in.

use std::sync::Arc;

use crate::group::error::GroupError;
use crate::group::journal::Journal;
use crate::group::records::Record;
use crate::group::slot::slot_of;
use crate::types::GroupId;

#[derive(Debug)]
pub(super) struct Ledger {
    pub(super) journal: Arc<dyn Journal>,
    pub(super) partitions: i32,
}

impl Ledger {
    /// Writes down what a group decided.
    ///
    /// # Errors
    /// [`GroupError::Unavailable`]: it is not on record and must not be told.
    pub(super) fn write(&self, group: &GroupId, records: &[Record]) -> Result<(), GroupError> {
        if records.is_empty() {
            return Ok(());
        }
        self.journal.append(slot_of(group, self.partitions), records).map_err(|error| {
            tracing::error!(%group, %error, "a decision of the group is not on record; clients have to ask again");
            GroupError::Unavailable
        })
    }
}
