//! The choice of the record that runs next: the core of the engine.
//!
//! Records arrive in batches and are looked at in their order. A record whose key has a lane waits
//! in that lane and needs no slot. Any other is started in a free slot and polled once. Nearly all
//! finish right there and leave no trace but a moved commit; the others open a lane. When a record
//! ends, its slot takes the next record of the same lane, so the oldest record that may run is
//! always the next to run, without a queue of runnable records. A record that waits for a retry
//! leaves its slot and keeps its lane: its key waits with it, other keys do not.
//!
//! The [`Worker`] decides what it means to run a record. There is no I/O here, no clock and no lock.
//!
//! Invariants, checked by the property tests of this module:
//!
//! - a key has at most one running record;
//! - a record that waits in a lane has the lane's key;
//! - every record leaves exactly once;
//! - a commit never passes an unfinished record and never goes back.

mod dispatcher;
mod schedule;
mod run;
mod drain;
mod worker;
mod slots;
mod lanes;
mod parked;
mod backlog;
mod partition;
mod chain;
mod batch;
mod key_table;
mod slab;
mod ids;

pub(super) use batch::{PolledBatch, RecordMeta};
pub(super) use dispatcher::{Dispatcher, MAX_SPAN, Released};
pub(super) use ids::SlotId;
pub(super) use key_table::KeyHash;
pub(super) use worker::{RecordInBatch, Step, Worker};

#[cfg(test)]
mod tests;
