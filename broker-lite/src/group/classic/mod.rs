//! The classic consumer group as a state machine: requests and time go in, effects come out.
//!
//! ```text
//!            first join            everyone joined             leader's sync
//!   Empty ──────────────▶ Joining ────────────────▶ Syncing ────────────────▶ Stable
//!     ▲                    │   ▲                       │                         │
//!     └── nobody is left ──┘   └── a join, a leave or a silent member ───────────┘
//! ```
//!
//! Kafka calls the two in the middle `PreparingRebalance` and `CompletingRebalance`. Its fifth
//! state, `Dead`, does not exist here: a shard simply drops the group. A join waits in *Joining*
//! until all members have joined or the rebalance timeout is over; a sync waits in *Syncing* for
//! the leader. A cooperative rebalance is two of these rounds: members learn in the first what to
//! give up, and join again at once. Members that give nothing up would notice the second round only
//! by their next heartbeat, so the answers to their syncs wait for it a moment.
//!
//! There is no I/O, clock, lock or task in here. Time is an argument, and
//! [`ClassicGroup::deadline`] is when to call [`ClassicGroup::tick`].

mod machine;
mod join;
mod rebalance;
mod arrivals;
mod sync;
mod liveness;
mod member;
mod protocol_election;
mod snapshot;
mod subscription;
mod request;
mod response;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod open_requests;
#[cfg(test)]
mod model;

pub(crate) use arrivals::ArrivingClient;
pub(crate) use machine::ClassicGroup;
pub(crate) use request::{
    AssignorProtocol, Caller, Client, FirstJoin, JoinRequest, LeaderReturn, Leaver, Request,
    SyncRequest,
};
pub(crate) use response::{Joined, Peer, Synced};
pub(crate) use snapshot::{SavedMember, Snapshot};
pub(crate) use subscription::Subscriptions;
#[cfg(fuzzing)]
pub(crate) use subscription::fuzz as fuzz_subscription;
