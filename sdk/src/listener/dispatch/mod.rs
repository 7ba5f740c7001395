//! Which record runs next: the core of the engine.
//!
//! Records come in parcels and are looked at in the order they came. A record whose key has a lane
//! waits in that lane and needs no slot; any other is started in a free slot and polled once.
//! Nearly all finish right there and leave no trace but a moved commit; the others open a lane.
//! When a record ends, its slot takes the next record of the same lane, so that the oldest record
//! that may run is always the next to run, without a queue of runnable records. A record that waits
//! for a retry leaves its slot and keeps its lane: its key waits with it, other keys do not.
//!
//! What running a record means is the [`Worker`]'s business. There is no I/O here, no clock and no
//! lock.
//!
//! Invariants, checked by the properties next door: a key has at most one running record; a record
//! that waits in a lane has the lane's key; every record leaves exactly once; a commit never passes
//! an unfinished record and never goes back.

mod dispatcher;
mod starting;
mod lanes;
mod giving_back;
mod partition;
mod lane;
mod batch;
mod key_table;
mod slab;
mod step;

pub(super) use batch::{Head, Parcel};
pub(super) use dispatcher::{Dispatcher, Released};
pub(super) use key_table::KeyHash;
pub(super) use step::{Delivery, Step, Worker};

#[cfg(test)]
mod tests;
