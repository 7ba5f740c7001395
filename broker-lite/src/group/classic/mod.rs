//! The classic group as a state machine: requests and the passing of time go in, answers come out.
//!
//! ```text
//!            first join            everyone joined             leader's sync
//!   Empty ──────────────▶ Joining ────────────────▶ Syncing ────────────────▶ Stable
//!     ▲                    │   ▲                       │                         │
//!     └── nobody is left ──┘   └── a join, a leave or a silent member ───────────┘
//! ```
//!
//! Kafka calls the two in the middle `PreparingRebalance` and `CompletingRebalance`. Its fifth
//! state, `Dead`, is for us a group that its shard has dropped: nobody can hold one. A join waits
//! in *Joining* until all members have joined or the rebalance timeout is over; a sync waits in
//! *Syncing* for the leader. A cooperative rebalance is two of these rounds: members learn in the
//! first what to give up, and join again at once. Those who give nothing up would hear of
//! the second round by their next heartbeat only, so their syncs wait for it for a moment.
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
