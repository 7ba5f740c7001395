//! A lane: one record that is under way, and the records of the same key that wait behind it.

use super::batch::{OpenParcel, RecordRef};
use super::key_table::KeyHash;
use super::slab::Slab;
use crate::listener::commit::Ticket;

/// One key's turn. A lane exists while its record runs, waits for a retry, or waits for a free
/// slot.
#[derive(Debug)]
pub(super) struct Lane<H> {
    /// `None`: nothing waits behind this record, since it orders nothing.
    pub(super) key: Option<KeyHash>,
    /// The record whose turn it is; `None` in a place that is free.
    pub(super) current: Option<(RecordRef, Ticket)>,
    pub(super) waiting: Chain,
    /// What the worker wants back when the record is tried again.
    pub(super) held: Option<H>,
}

impl<H> Default for Lane<H> {
    fn default() -> Self {
        Self {
            key: None,
            current: None,
            waiting: Chain::default(),
            held: None,
        }
    }
}

/// Records in a row, linked through their parcels: first in, first out.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Chain {
    ends: Option<(RecordRef, RecordRef)>,
}

impl Chain {
    pub(super) fn is_empty(&self) -> bool {
        self.ends.is_none()
    }

    /// Puts `record` behind the others. `ticket` is its number, if it has one already.
    pub(super) fn push<B>(
        &mut self,
        parcels: &mut Slab<OpenParcel<B>>,
        record: RecordRef,
        ticket: Option<Ticket>,
    ) {
        let link = parcels.at_mut(record.parcel).link_mut(record.index);
        (link.next, link.ticket) = (None, ticket);
        match &mut self.ends {
            None => self.ends = Some((record, record)),
            Some((_, last)) => {
                parcels.at_mut(last.parcel).link_mut(last.index).next = Some(record);
                *last = record;
            }
        }
    }

    /// Takes the record that has waited longest.
    pub(super) fn pop<B>(
        &mut self,
        parcels: &mut Slab<OpenParcel<B>>,
    ) -> Option<(RecordRef, Option<Ticket>)> {
        let (first, last) = self.ends?;
        let link = *parcels.at_mut(first.parcel).link_mut(first.index);
        self.ends = link.next.map(|next| (next, last));
        Some((first, link.ticket))
    }
}
