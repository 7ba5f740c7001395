//! A queue of waiting records that needs no memory of its own.

use super::batch::{Batches, Link, RecordRef};
use crate::listener::commit::Sequence;

/// Records in a row, linked through their batches: first in, first out.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Chain {
    ends: Option<(RecordRef, RecordRef)>,
}

impl Chain {
    pub(super) fn is_empty(&self) -> bool {
        self.ends.is_none()
    }

    /// Puts `record` behind the others. `sequence` is its number in its tracker, if it has one
    /// already.
    pub(super) fn push<B>(
        &mut self,
        batches: &mut Batches<B>,
        record: RecordRef,
        sequence: Option<Sequence>,
    ) {
        *batches.link_mut(record) = Link {
            next: None,
            sequence,
        };
        match &mut self.ends {
            None => self.ends = Some((record, record)),
            Some((_, last)) => {
                batches.link_mut(*last).next = Some(record);
                *last = record;
            }
        }
    }

    /// Takes the record that has waited longest.
    pub(super) fn pop<B>(
        &mut self,
        batches: &mut Batches<B>,
    ) -> Option<(RecordRef, Option<Sequence>)> {
        let (first, last) = self.ends?;
        let link = *batches.link_mut(first);
        self.ends = link.next.map(|next| (next, last));
        Some((first, link.sequence))
    }
}
