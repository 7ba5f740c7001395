//! Consumer groups: who is in, who does what, and how far each group has read.
//!
//! [`GroupCoordinator`] is the front door. It hands each request to the shard that owns the group;
//! a shard is one task with one mailbox ([`shard`]). What a group decides comes from a state
//! machine without I/O ([`classic`]) and is written to the internal topic `__consumer_offsets`
//! ([`records`], [`journal`]) before anyone hears of it. At start that topic is read back
//! ([`replay`]), so members may go on as if nothing had happened and no committed offset is lost.
//! Offsets that nobody uses any longer are forgotten ([`expiry`]).

mod coordinator;
mod shard;
mod command;
mod offsets_topic;
mod replay;
mod journal;
mod records;
mod expiry;
mod committed;
mod classic;
mod slot;
mod error;
mod ids;

pub(crate) use classic::{
    ArrivingClient, AssignorProtocol, Caller, Client, FirstJoin, JoinRequest, Joined, LeaderReturn,
    Peer, SyncRequest,
};
pub(crate) use command::{Commit, CommitRow, RequestedOffsets, StaleMember};
pub(crate) use committed::CommittedOffset;
pub(crate) use coordinator::GroupCoordinator;
pub(crate) use error::GroupError;
pub(crate) use ids::{Generation, InstanceId, MemberId};
pub(crate) use journal::Journal;
pub(crate) use offsets_topic::OffsetsTopic;
#[cfg(fuzzing)]
pub(crate) use {classic::fuzz_subscription, records::Record};

#[cfg(test)]
mod tests;
