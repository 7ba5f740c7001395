//! The lanes: for each key that has records under way, the one whose turn it is and those behind
//! it.

use super::batch::RecordRef;
use super::chain::Chain;
use super::ids::LaneId;
use super::key_table::{KeyHash, KeyTable};
use super::slab::Slab;
use crate::listener::commit::Sequence;

/// All lanes, and which key each of them belongs to.
///
/// A key has at most one lane, and the table leads to it as long as it exists.
#[derive(Debug)]
pub(super) struct Lanes<H> {
    lanes: Slab<LaneId, Lane<H>>,
    by_key: KeyTable,
}

/// One key. A lane exists while its current record runs, waits for a retry, or waits for a slot.
#[derive(Debug)]
pub(super) struct Lane<H> {
    /// `None` for a record that orders nothing: no record ever waits behind it.
    key: Option<KeyHash>,
    /// The record whose turn it is. `None` in a free place of the slab.
    pub(super) current: Option<(RecordRef, Sequence)>,
    pub(super) waiting: Chain,
    /// The worker's state of the current record while that is parked.
    pub(super) held: Option<H>,
}

impl<H> Lanes<H> {
    /// Creates a table that has room for `slots` running keys before it grows.
    pub(super) fn with_room_for(slots: usize) -> Self {
        Self {
            lanes: Slab::new(),
            by_key: KeyTable::with_room_for(slots),
        }
    }

    /// Returns the lane of a key that has one.
    pub(super) fn of_key(&self, key: KeyHash) -> Option<LaneId> {
        self.by_key.get(key)
    }

    /// Opens a lane for a key that has none, or for a record without a key.
    pub(super) fn open(
        &mut self,
        key: Option<KeyHash>,
        record: RecordRef,
        sequence: Sequence,
    ) -> LaneId {
        let lane = self.lanes.insert(Lane {
            key,
            current: Some((record, sequence)),
            waiting: Chain::default(),
            held: None,
        });
        if let Some(key) = key {
            self.by_key.insert(key, lane);
        }
        lane
    }

    /// Removes a lane in which nothing runs or waits any more.
    pub(super) fn close(&mut self, lane: LaneId) {
        if let Some(key) = self.lanes.remove(lane).key {
            self.by_key.remove(key);
        }
    }

    pub(super) fn at(&self, lane: LaneId) -> &Lane<H> {
        self.lanes.at(lane)
    }

    pub(super) fn at_mut(&mut self, lane: LaneId) -> &mut Lane<H> {
        self.lanes.at_mut(lane)
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.lanes.len()
    }

    /// Returns the number of keys that have a lane.
    #[cfg(test)]
    pub(super) fn keys(&self) -> usize {
        self.by_key.len()
    }
}

impl<H> Lane<H> {
    #[cfg(test)]
    pub(super) fn key(&self) -> Option<KeyHash> {
        self.key
    }
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
