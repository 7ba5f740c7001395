//! Requests to groups. Each is written once, with the place for its answer.

use super::classic::Caller;
use super::committed::CommittedOffset;
use super::error::GroupError;
use super::ids::Generation;
use super::member_group::MemberRequest;
use super::reply::Reply;
use crate::types::{GroupId, LeaderEpoch, Offset, Timestamp, TopicId, TopicName, TopicPartition};

/// One message in a shard's mailbox.
#[derive(Debug)]
pub(super) enum Message {
    /// A request to one group, which need not exist yet.
    ToGroup(GroupId, Request),
    /// Asks for the shard's groups that have offsets of this topic.
    GroupsWithOffsets(TopicName, TopicId, Reply<Vec<GroupId>>),
}

/// A request to one group.
#[derive(Debug)]
pub(super) enum Request {
    /// About its members. Each kind of group has requests of its own.
    Members(MemberRequest),
    /// Commits offsets, with one result per row.
    Commit(Commit, Reply<Vec<Result<(), GroupError>>>),
    /// Reads committed offsets.
    Committed(
        RequestedOffsets,
        Reply<Vec<(TopicPartition, Option<CommittedOffset>)>>,
    ),
    /// Deletes the offsets of a deleted topic.
    ForgetTopic(TopicName, TopicId, Reply<()>),
}
/// An OffsetCommit request, without the partitions that do not exist.
#[derive(Debug)]
pub(crate) struct Commit {
    pub(crate) caller: Caller,
    pub(crate) generation: Generation,
    pub(crate) stale_member: StaleMember,
    /// Each has its own result, in this order.
    pub(crate) rows: Vec<CommitRow>,
}

/// One partition's new offset.
#[derive(Debug)]
pub(crate) struct CommitRow {
    pub(crate) at: TopicPartition,
    pub(crate) topic_id: Option<TopicId>,
    pub(crate) offset: Offset,
    pub(crate) leader_epoch: LeaderEpoch,
    pub(crate) metadata: String,
    /// Set by clients that choose their own retention.
    pub(crate) expires_at: Option<Timestamp>,
}

/// The error for a member of a group that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StaleMember {
    /// OffsetCommit v2-8.
    IllegalGeneration,
    /// v9+.
    GroupNotFound,
}

/// The committed offsets to return.
#[derive(Debug)]
pub(crate) enum RequestedOffsets {
    /// All offsets of the group.
    All,
    /// One row for each of these, in this order.
    Partitions(Vec<TopicPartition>),
}

impl Commit {
    /// Checks a commit to a group that does not exist. Only a client outside any group may do that,
    /// which creates the group.
    pub(super) fn check_without_group(&self) -> Result<(), GroupError> {
        match self.stale_member {
            _ if !self.generation.is_some() => Ok(()),
            StaleMember::IllegalGeneration => Err(GroupError::IllegalGeneration),
            StaleMember::GroupNotFound => Err(GroupError::GroupNotFound),
        }
    }
}

impl CommitRow {
    pub(super) fn into_committed(self, now: Timestamp) -> (TopicPartition, CommittedOffset) {
        let committed = CommittedOffset {
            offset: self.offset,
            leader_epoch: self.leader_epoch,
            metadata: self.metadata.into(),
            committed_at: now,
            expires_at: self.expires_at,
            topic_id: self.topic_id,
        };
        (self.at, committed)
    }
}
