//! Answers of a classic group.

use std::sync::Arc;

use bytes::Bytes;

use crate::group::error::GroupError;
use crate::group::ids::{Generation, InstanceId, MemberId};
use crate::group::reply::SavedAnswer;

/// Membership in a generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Joined {
    pub(crate) member: MemberId,
    pub(crate) generation: Generation,
    pub(crate) leader: MemberId,
    pub(crate) protocol_type: Option<Arc<str>>,
    pub(crate) protocol: Option<Arc<str>>,
    /// All members, for the leader; none for a follower.
    pub(crate) members: Vec<Peer>,
    /// Set for a static leader that comes back: its assignment still holds (KIP-814).
    pub(crate) skip_assignment: bool,
}

/// A member as its leader sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Peer {
    pub(crate) member: MemberId,
    pub(crate) instance: Option<InstanceId>,
    pub(crate) metadata: Bytes,
}

/// A member's assignment; empty bytes if the leader gave it none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Synced {
    pub(crate) protocol_type: Option<Arc<str>>,
    pub(crate) protocol: Option<Arc<str>>,
    pub(crate) assignment: Bytes,
}

impl SavedAnswer for Joined {}

impl SavedAnswer for Synced {}

/// The answer to a heartbeat.
impl SavedAnswer for () {
    /// A heartbeat decides nothing, so its answer does not depend on what is saved.
    fn unsaved(answer: Result<Self, GroupError>) -> Result<Self, GroupError> {
        answer
    }
}

/// The answer to a leave: one result per member.
impl SavedAnswer for Vec<Result<(), GroupError>> {
    fn unsaved(answer: Result<Self, GroupError>) -> Result<Self, GroupError> {
        let unsaved = |row: Result<(), GroupError>| row.and(Err(GroupError::Unavailable));
        answer.map(|rows| rows.into_iter().map(unsaved).collect())
    }
}
