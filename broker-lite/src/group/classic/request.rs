//! Requests to a classic group.

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

/// The member that sends a request, with its instance id if it is static.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// Empty if the client has none.
    pub(crate) member: MemberId,
    /// The member's `group.instance.id`, if it has one.
    pub(crate) instance: Option<InstanceId>,
}

/// A member that leaves. With an instance id and no member id: the present holder of that id.
pub(crate) type Leaver = Caller;

/// A JoinGroup request.
#[derive(Debug)]
pub(crate) struct JoinRequest {
    /// Empty at the first join.
    pub(crate) caller: Caller,
    /// The id for the member if it is a new one.
    pub(crate) fresh: MemberId,
    /// Shown by tools that describe the group.
    pub(crate) client: Client,
    /// Without a heartbeat for this long the member is removed.
    pub(crate) session_timeout: Duration,
    /// Longest wait of the group for this member to join again.
    pub(crate) rebalance_timeout: Duration,
    /// `consumer`, `connect`, …: the same for all members of a group.
    pub(crate) protocol_type: Arc<str>,
    /// The assignors that this member supports, the preferred one first.
    pub(crate) protocols: Vec<AssignorProtocol>,
    /// The way a member without an id is admitted.
    pub(crate) first_join: FirstJoin,
    /// The answer to a static leader that comes back.
    pub(crate) leader_return: LeaderReturn,
}

/// An assignor's name with the subscription written for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AssignorProtocol {
    pub(crate) name: Arc<str>,
    pub(crate) metadata: Bytes,
}

/// The client behind a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Client {
    pub(crate) id: Arc<str>,
    pub(crate) host: Arc<str>,
}

/// The ways to admit a dynamic member without an id (KIP-394).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FirstJoin {
    /// JoinGroup v0-3: at once.
    Admit,
    /// v4+: it gets an id and has to join with it, so that a lost answer leaves no member behind
    /// that does not know of itself.
    HandOutId,
}

/// The ways to tell the leader's static member that its old assignment still holds (KIP-814).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LeaderReturn {
    /// JoinGroup v0-8 can't express it: the member is told that another one leads.
    PoseAsFollower,
    /// v9+: the member leads, and is told to skip the assignment.
    SkipAssignment,
}

/// A SyncGroup request.
#[derive(Debug)]
pub(crate) struct SyncRequest {
    pub(crate) caller: Caller,
    pub(crate) generation: Generation,
    /// From v5 on what the join has returned, to be checked.
    pub(crate) protocol_type: Option<Arc<str>>,
    pub(crate) protocol: Option<Arc<str>>,
    /// Filled by the leader only.
    pub(crate) assignments: Vec<(MemberId, Bytes)>,
}
