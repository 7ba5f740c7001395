//! Records: append, read, and look up offsets.

mod produce;
mod fetch;
mod list_offsets;
mod offset_for_leader_epoch;

pub(super) use fetch::Fetch;
pub(crate) use fetch::FetchSessionCache;
pub(super) use list_offsets::ListOffsets;
pub(super) use offset_for_leader_epoch::OffsetForLeaderEpoch;
pub(super) use produce::Produce;

use crate::replica::Partition;
use crate::wire::ErrorCode;

/// Compares the leader epoch that a client knows with ours (KIP-320); -1 asks for no check.
fn fence(partition: &Partition, known: i32) -> Result<(), ErrorCode> {
    let current = partition.leader_epoch().0;
    match known {
        -1 => Ok(()),
        _ if known < current => Err(ErrorCode::FencedLeaderEpoch),
        _ if known > current => Err(ErrorCode::UnknownLeaderEpoch),
        _ => Ok(()),
    }
}
