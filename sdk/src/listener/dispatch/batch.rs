//! Batches on their way through the engine: what scheduling needs to know of each record, and no
//! bytes.

use super::ids::BatchId;
use super::key_table::KeyHash;
use super::slab::Slab;
use super::worker::RecordInBatch;
use crate::listener::commit::{PartitionNo, Sequence};
use crate::types::Offset;

/// The engine's view of a record before it runs.
#[derive(Clone, Copy, Debug)]
pub(in crate::listener) struct RecordMeta {
    pub(in crate::listener) partition: PartitionNo,
    pub(in crate::listener) offset: Offset,
    /// Records with the same hash run one after another. `None` for a record that may run at any
    /// time.
    pub(in crate::listener) key: Option<KeyHash>,
    /// The record's share of the budget, in bytes.
    pub(in crate::listener) bytes: u32,
}

/// Records that one poll returned, with the batch `B` that holds their bytes.
#[derive(Debug)]
pub(in crate::listener) struct PolledBatch<B> {
    pub(in crate::listener) batch: B,
    pub(in crate::listener) records: Vec<RecordMeta>,
}

/// A record inside the engine: its batch, and its index there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RecordRef {
    pub(super) batch: BatchId,
    pub(super) index: usize,
}

/// The batches that have records in the engine.
#[derive(Debug)]
pub(super) struct Batches<B> {
    in_flight: Slab<BatchId, InFlightBatch<B>>,
    /// Batches whose records have all left, until the engine takes them back.
    spent: Vec<PolledBatch<B>>,
    /// Emptied link tables, to be used again.
    spare_links: Vec<Vec<Link>>,
}

/// A batch that the engine works on.
#[derive(Debug)]
struct InFlightBatch<B> {
    /// `None` once every record has left and the place in the slab is free.
    batch: Option<B>,
    records: Vec<RecordMeta>,
    /// Records that have not left the engine.
    unfinished: usize,
    /// One per record, made when the first record of the batch has to wait. Most batches have
    /// none.
    links: Vec<Link>,
}

/// The links of a waiting record: the record behind it, and its number in its tracker.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    pub(super) next: Option<RecordRef>,
    pub(super) sequence: Option<Sequence>,
}

impl<B> Batches<B> {
    pub(super) fn new() -> Self {
        Self {
            in_flight: Slab::new(),
            spent: Vec::new(),
            spare_links: Vec::new(),
        }
    }

    /// Takes a batch in. Returns `None` for one without records, which is spent at once.
    pub(super) fn admit(&mut self, polled: PolledBatch<B>) -> Option<BatchId> {
        if polled.records.is_empty() {
            self.spent.push(polled);
            return None;
        }
        let links = self.spare_links.pop().unwrap_or_default();
        Some(self.in_flight.insert(InFlightBatch {
            batch: Some(polled.batch),
            unfinished: polled.records.len(),
            records: polled.records,
            links,
        }))
    }

    /// Returns the number of records in a batch, those that have left included.
    pub(super) fn records_in(&self, batch: BatchId) -> usize {
        self.in_flight.at(batch).records.len()
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "a RecordRef is made from an index below the number of records"
    )]
    pub(super) fn meta(&self, record: RecordRef) -> RecordMeta {
        self.in_flight.at(record.batch).records[record.index]
    }

    /// Returns where the worker finds a record.
    pub(super) fn locate(&self, record: RecordRef) -> Option<RecordInBatch<'_, B>> {
        let batch = self.in_flight.at(record.batch).batch.as_ref()?;
        Some(RecordInBatch {
            batch,
            index: record.index,
        })
    }

    pub(super) fn link_mut(&mut self, record: RecordRef) -> &mut Link {
        self.in_flight.at_mut(record.batch).link_mut(record.index)
    }

    /// Notes that a record has left the engine. With its last record the batch is spent.
    pub(super) fn leave(&mut self, record: RecordRef) {
        let batch = self.in_flight.at_mut(record.batch);
        batch.unfinished -= 1;
        if batch.unfinished == 0 {
            let mut closed = self.in_flight.remove(record.batch);
            closed.links.clear();
            self.spare_links.push(closed.links);
            let records = closed.records;
            self.spent
                .extend(closed.batch.map(|batch| PolledBatch { batch, records }));
        }
    }

    pub(super) fn take_spent(&mut self) -> Option<PolledBatch<B>> {
        self.spent.pop()
    }

    #[cfg(test)]
    pub(super) fn in_flight(&self) -> usize {
        self.in_flight.len()
    }
}

impl<B> InFlightBatch<B> {
    #[expect(
        clippy::indexing_slicing,
        reason = "there are as many links as records after the resize"
    )]
    fn link_mut(&mut self, index: usize) -> &mut Link {
        if self.links.len() < self.records.len() {
            let unlinked = Link {
                next: None,
                sequence: None,
            };
            self.links.resize(self.records.len(), unlinked);
        }
        &mut self.links[index]
    }
}

impl<B> Default for InFlightBatch<B> {
    fn default() -> Self {
        Self {
            batch: None,
            records: Vec::new(),
            unfinished: 0,
            links: Vec::new(),
        }
    }
}
