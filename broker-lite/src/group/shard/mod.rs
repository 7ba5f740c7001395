//! One shard: the task that owns some of the groups.
//!
//! It hands requests and the passing of time to its groups ([`task`]), appends what they decide to
//! the state log, and answers once that is acknowledged ([`unacknowledged`]).

mod task;
mod offsets;
mod group_entry;
mod unacknowledged;

pub(super) use task::Shard;
