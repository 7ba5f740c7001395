//! What a classic group is asked.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::arrivals::ArrivingClient;
use super::response::{Joined, Synced};
use crate::group::error::GroupError;
use crate::group::ids::{Generation, InstanceId, MemberId};
use crate::group::reply::Reply;

/// One request to a classic group.
#[derive(Debug)]
pub(crate) enum Request {
    /// A client asked for the coordinator, and is likely to join. It has its answer already.
    Announce(ArrivingClient),
    /// A member wants to be part of the next generation.
    Join(Box<JoinRequest>, Reply<Joined>),
    /// A member asks for its assignment; the leader brings everyone's.
    Sync(SyncRequest, Reply<Synced>),
    /// A member is alive.
    Heartbeat(Generation, Caller, Reply<()>),
    /// These members leave, or an administrator removes them. One result for each, in this order.
    Leave(Vec<Leaver>, Reply<Vec<Result<(), GroupError>>>),
}

/// Who says so: the member, and its instance id if it is a static one.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// Empty if the client has none.
    pub(crate) member: MemberId,
    /// The static name, if the client has one.
    pub(crate) instance: Option<InstanceId>,
}

/// A LeaveGroup row. An empty member id with an instance id means "whoever holds that name".
pub(crate) type Leaver = Caller;

/// A JoinGroup request.
#[derive(Debug)]
pub(crate) struct JoinRequest {
    /// Empty at the first join.
    pub(crate) caller: Caller,
    /// The id to hand out if this turns out to be a new member.
    pub(crate) fresh: MemberId,
    /// For people who describe the group.
    pub(crate) client: Client,
    /// Silence longer than this ends the membership.
    pub(crate) session_timeout: Duration,
    /// How long the group waits for this member to join again.
    pub(crate) rebalance_timeout: Duration,
    /// `consumer`, `connect`, …: members of one group agree on it.
    pub(crate) protocol_type: Arc<str>,
    /// Assignors this member can run, most wanted first.
    pub(crate) protocols: Vec<AssignorProtocol>,
    /// What a member without an id gets.
    pub(crate) first_join: FirstJoin,
    /// What a static leader that comes back gets.
    pub(crate) leader_return: LeaderReturn,
}

/// An assignor's name with the subscription written for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AssignorProtocol {
    pub(crate) name: Arc<str>,
    pub(crate) metadata: Bytes,
}

/// Where a member's requests come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Client {
    pub(crate) id: Arc<str>,
    pub(crate) host: Arc<str>,
}

/// How a dynamic member without an id is taken in (KIP-394).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FirstJoin {
    /// JoinGroup v0-3: at once.
    Admit,
    /// v4+: it gets an id and has to come back with it, so that a lost answer leaves no ghost.
    HandOutId,
}

/// How the leader's static member is told that its old assignment still holds (KIP-814).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LeaderReturn {
    /// JoinGroup v0-8 has no word for it: the member is told that somebody else leads.
    PoseAsFollower,
    /// v9+: the member leads, and is told to skip the assignment.
    SkipAssignment,
}

/// A SyncGroup request.
#[derive(Debug)]
pub(crate) struct SyncRequest {
    pub(crate) caller: Caller,
    pub(crate) generation: Generation,
    /// v5+ repeats what the join answered, so that a mix-up is noticed.
    pub(crate) protocol_type: Option<Arc<str>>,
    pub(crate) protocol: Option<Arc<str>>,
    /// Filled by the leader only.
    pub(crate) assignments: Vec<(MemberId, Bytes)>,
}
