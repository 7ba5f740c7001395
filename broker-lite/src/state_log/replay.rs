//! Reading one partition of an internal topic, from its beginning.

use std::error::Error;

use bytes::Bytes;

use super::error::StateLogError;
use super::record::{State, StateRecord};
use crate::log::{ReadBudget, ReadError};
use crate::replica::{Partition, ReadAnswer};
use crate::runtime::error_chain;
use crate::types::{Offset, TopicPartition};
use crate::wire::record_batch::{BatchError, BatchHeader, Records};

/// Bytes read at once.
const READ_BUDGET: ReadBudget = ReadBudget::at_most(1024 * 1024).or_one_batch();

/// The state of a partition, as far as it has been read.
#[derive(Debug)]
pub(super) struct PartitionReplay<'a, S> {
    at: &'a TopicPartition,
    next: Offset,
    state: S,
    /// Records of unknown kinds, and those that can't be decoded.
    skipped: usize,
}

impl<'a, S: State> PartitionReplay<'a, S> {
    /// Begins at the start of the partition; its records are applied to `state`.
    ///
    /// # Errors
    /// [`StateLogError`] if the partition is closed.
    pub(super) fn new(partition: &'a Partition, state: S) -> Result<Self, StateLogError> {
        let offsets = partition
            .offsets()
            .map_err(|error| StateLogError::of(partition.at(), &error))?;
        Ok(Self {
            at: partition.at(),
            next: offsets.log_start,
            state,
            skipped: 0,
        })
    }

    /// Reads up to the present end of the partition.
    pub(super) fn read_to_end(
        &mut self,
        read: impl Fn(Offset, ReadBudget) -> Result<ReadAnswer, ReadError>,
    ) -> Result<(), StateLogError> {
        let at = self.at;
        let failed = |error: &(dyn Error + 'static)| StateLogError::of(at, error);
        loop {
            let chunks = match read(self.next, READ_BUDGET) {
                Ok(answer) => answer.chunks,
                Err(ReadError::Damaged { .. }) => {
                    // Its batch can't be read, so its size is unknown: the next one is found by
                    // trying every offset.
                    self.skipped += 1;
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
                        // Skipped rather than fatal: the keys in it fall back to their records
                        // before, and all other keys keep what they have.
                        let (partition, offset, error) =
                            (at, header.base_offset, error_chain(&error));
                        tracing::error!(%partition, %offset, error, "a batch of an internal topic is damaged and skipped: its keys have an older state");
                        self.skipped += 1;
                    }
                    self.next = header.last_offset().next();
                }
            }
        }
    }

    /// Whether the state accounts for every record so far.
    pub(super) fn is_complete(&self) -> bool {
        self.skipped == 0
    }

    pub(super) fn into_state(self) -> S {
        self.state
    }

    fn take(&mut self, batch: &Bytes) -> Result<(), BatchError> {
        BatchHeader::check(batch)?;
        for record in Records::open(batch)? {
            let record = record?;
            let known = record
                .key
                .as_ref()
                .map(|key| S::Record::decode(key, record.value.as_ref()));
            match known {
                Some(Ok(Some(known))) => self.state.apply(known),
                None | Some(Ok(None)) => self.skipped += 1,
                // As for a damaged batch, the other keys keep what they have.
                Some(Err(error)) => {
                    let (partition, offset) = (self.at, record.offset);
                    tracing::error!(%partition, %offset, %error, "a record of an internal topic can't be decoded and is skipped: its key has an older state");
                    self.skipped += 1;
                }
            }
        }
        Ok(())
    }
}
