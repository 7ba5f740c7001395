//! Reading one partition of the topic back, from its beginning.

use std::error::Error;

use bytes::Bytes;

use crate::group::journal::JournalError;
use crate::group::records::Record;
use crate::group::replay::ReplayedGroups;
use crate::log::{ReadBudget, ReadError};
use crate::replica::{Partition, ReadAnswer};
use crate::runtime::error_chain;
use crate::types::{Offset, TopicPartition};
use crate::wire::record_batch::{BatchError, BatchHeader, Records};

/// Bytes read in one go.
const READ_BUDGET: ReadBudget = ReadBudget::at_most(1024 * 1024).or_one_batch();

/// What a partition says, as far as it has been read.
#[derive(Debug)]
pub(super) struct Reading<'a> {
    at: &'a TopicPartition,
    next: Offset,
    replay: ReplayedGroups,
    /// Records that belong to other protocols, or can't be understood.
    left_out: usize,
}

impl<'a> Reading<'a> {
    /// Begins at the partition's start; what it says is added to `replay`.
    ///
    /// # Errors
    /// [`JournalError`] if the partition is closed.
    pub(super) fn new(
        partition: &'a Partition,
        replay: ReplayedGroups,
    ) -> Result<Self, JournalError> {
        let offsets = partition
            .offsets()
            .map_err(|error| JournalError::of(partition.at(), &error))?;
        Ok(Self {
            at: partition.at(),
            next: offsets.log_start,
            replay,
            left_out: 0,
        })
    }

    /// Reads up to the end that the partition has now.
    pub(super) fn go_on(
        &mut self,
        read: impl Fn(Offset, ReadBudget) -> Result<ReadAnswer, ReadError>,
    ) -> Result<(), JournalError> {
        let at = self.at;
        let failed = |error: &(dyn Error + 'static)| JournalError::of(at, error);
        loop {
            let chunks = match read(self.next, READ_BUDGET) {
                Ok(answer) => answer.chunks,
                Err(ReadError::Damaged { .. }) => {
                    // As below. How far the damage goes is not known.
                    self.left_out += 1;
                    self.next = self.next.next();
                    continue;
                }
                Err(error) => return Err(failed(&error)),
            };
            if chunks.is_empty() {
                return Ok(());
            }
            for mut chunk in chunks {
                while !chunk.is_empty() {
                    let header = BatchHeader::parse(&chunk).map_err(|error| failed(&error))?;
                    let batch = chunk.split_to(header.size.min(chunk.len()));
                    if let Err(error) = self.take(&batch) {
                        // What one batch says is no reason to lose all others: its groups read some
                        // records again.
                        let (partition, offset, error) =
                            (at, header.base_offset, error_chain(&error));
                        tracing::error!(%partition, %offset, error, "a batch about groups is damaged and is left out");
                        self.left_out += 1;
                    }
                    self.next = header.last_offset().next();
                }
            }
        }
    }

    /// Whether every record so far was one of ours.
    pub(super) fn is_complete(&self) -> bool {
        self.left_out == 0
    }

    pub(super) fn into_replay(self) -> ReplayedGroups {
        self.replay
    }

    fn take(&mut self, batch: &Bytes) -> Result<(), BatchError> {
        BatchHeader::check(batch)?;
        for record in Records::open(batch)? {
            let record = record?;
            let known = record
                .key
                .as_ref()
                .map(|key| Record::decode(key, record.value.as_ref()));
            match known {
                Some(Ok(Some(known))) => self.replay.apply(known),
                None | Some(Ok(None)) => self.left_out += 1,
                // One record that can't be understood is no reason to lose all others.
                Some(Err(error)) => {
                    let (partition, offset) = (self.at, record.offset);
                    tracing::error!(%partition, %offset, %error, "a record about a group can't be understood and is left out");
                    self.left_out += 1;
                }
            }
        }
        Ok(())
    }
}
