//! Consumer groups: who is a member, who reads what, and how far each group has read.
//!
//! [`GroupCoordinator`] is the front door. It hands each request to the shard that owns the group;
//! a shard is one task with one mailbox ([`shard`]). The members of a group are of a kind
//! ([`member_group`]), each kind a state machine without I/O ([`classic`]). What a group decides is
//! appended to the internal topic `__consumer_offsets` ([`records`], [`offsets_topic`]) before any
//! answer tells of it. At start that topic is read back ([`replayed`]), so members go on as before
//! and no committed offset is lost. Offsets that are no longer used expire ([`expiry`]).

mod coordinator;
mod shard;
mod request;
mod member_group;
mod offsets_topic;
mod replayed;
mod records;
mod expiry;
mod committed;
mod classic;
mod reply;
mod error;
mod ids;

#[cfg(fuzzing)]
pub(crate) use classic::fuzz_subscription;
pub(crate) use classic::{
    ArrivingClient, AssignorProtocol, Caller, Client, FirstJoin, JoinRequest, Joined, LeaderReturn,
    Peer, SyncRequest,
};
pub(crate) use committed::CommittedOffset;
pub(crate) use coordinator::GroupCoordinator;
pub(crate) use error::GroupError;
pub(crate) use ids::{Generation, InstanceId, MemberId};
pub(crate) use offsets_topic::offsets_topic;
pub(crate) use records::Record;
pub(crate) use request::{Commit, CommitRow, RequestedOffsets, StaleMember};

#[cfg(test)]
mod tests;
