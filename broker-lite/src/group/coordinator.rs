//! The coordinator: it hands each request to the shard of its group.
//!
//! Groups are spread over a few shards, each a task that owns its groups and reads one bounded
//! mailbox. A request waits for its answer outside of the mailbox, so a join that waits for other
//! members delays no other request.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::classic::{
    self, ArrivingClient, Caller, JoinRequest, Joined, Leaver, SyncRequest, Synced,
};
use super::committed::CommittedOffset;
use super::error::GroupError;
use super::ids::Generation;
use super::member_group::MemberRequest;
use super::records::Record;
use super::replayed::ReplayedGroups;
use super::reply::Reply;
use super::request::{Commit, Message, Request, RequestedOffsets};
use super::shard::Shard;
use crate::config::GroupSettings;
use crate::runtime::{Clock, Tasks};
use crate::state_log::{StateLog, StateLogError, partition_for};
use crate::types::{GroupId, TopicId, TopicName, TopicPartition};

const SHARDS: i32 = 4;

/// The messages that a mailbox holds. The sender of one more waits.
const MAILBOX_CAPACITY: usize = 256;

/// Serves all requests about groups. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct GroupCoordinator {
    shards: Arc<[mpsc::Sender<Message>]>,
    log: Arc<dyn StateLog<Record>>,
}

impl GroupCoordinator {
    /// Starts the shards with the groups as they were saved.
    pub(crate) fn start(
        settings: GroupSettings,
        log: &Arc<dyn StateLog<Record>>,
        clock: &Clock,
        replay: ReplayedGroups,
        tasks: &Tasks,
    ) -> Self {
        let mut shards: Vec<Shard> = (0..SHARDS)
            .map(|_| Shard::new(settings, Arc::clone(log), clock.clone()))
            .collect();
        for (group, replayed) in replay.into_groups() {
            if let Some(shard) = shards.get_mut(shard_of(&group)) {
                shard.restore(group, replayed);
            }
        }
        let start = |shard: Shard| {
            let (sender, mailbox) = mpsc::channel(MAILBOX_CAPACITY);
            tasks.spawn(|shutdown| shard.run(mailbox, shutdown));
            sender
        };
        Self {
            shards: shards.into_iter().map(start).collect(),
            log: Arc::clone(log),
        }
    }

    /// Creates the topic that groups are saved in, unless it exists.
    ///
    /// # Errors
    /// [`StateLogError`] if that fails; groups can't be served then.
    pub(crate) fn prepare(&self) -> Result<(), StateLogError> {
        self.log.prepare()
    }

    /// Notes that a client has looked up this group's coordinator, and so is likely to join.
    pub(crate) fn announce(&self, group: GroupId, client: ArrivingClient) {
        let Some(shard) = self.shards.get(shard_of(&group)) else {
            return;
        };
        let request = MemberRequest::Classic(classic::Request::Announce(client));
        let message = Message::ToGroup(group, Request::Members(request));
        if shard.try_send(message).is_err() {
            tracing::debug!(
                "a shard's mailbox is full; the group will not wait for a client that looked up its coordinator"
            );
        }
    }

    /// Makes the caller a member of the next generation, once all other members have joined.
    ///
    /// # Errors
    /// [`GroupError`]: most often [`GroupError::MemberIdRequired`].
    ///
    /// # Cancel safety
    /// The member stays in the group until its session ends.
    pub(crate) async fn join(
        &self,
        group: GroupId,
        join: JoinRequest,
    ) -> Result<Joined, GroupError> {
        self.ask_members(group, |reply| classic::Request::Join(Box::new(join), reply))
            .await
    }

    /// Stores the leader's assignment, or waits for it, and returns the caller's own.
    ///
    /// # Errors
    /// [`GroupError`]: join again, or in case of [`GroupError::FencedInstance`] stop.
    ///
    /// # Cancel safety
    /// The assignment may still take effect.
    pub(crate) async fn sync(
        &self,
        group: GroupId,
        sync: SyncRequest,
    ) -> Result<Synced, GroupError> {
        self.ask_members(group, |reply| classic::Request::Sync(sync, reply))
            .await
    }

    /// Renews the session of a member.
    ///
    /// # Errors
    /// [`GroupError::RebalanceInProgress`] when it has to join again, and other [`GroupError`]s
    /// when it is no member.
    ///
    /// # Cancel safety
    /// The session may still be renewed.
    pub(crate) async fn heartbeat(
        &self,
        group: GroupId,
        generation: Generation,
        caller: Caller,
    ) -> Result<(), GroupError> {
        self.ask_members(group, |reply| {
            classic::Request::Heartbeat(generation, caller, reply)
        })
        .await
    }

    /// Removes members from the group, with one result for each.
    ///
    /// # Errors
    /// [`GroupError`] if the whole request fails.
    ///
    /// # Cancel safety
    /// They may still be removed.
    pub(crate) async fn leave(
        &self,
        group: GroupId,
        leavers: Vec<Leaver>,
    ) -> Result<Vec<Result<(), GroupError>>, GroupError> {
        self.ask_members(group, |reply| classic::Request::Leave(leavers, reply))
            .await
    }

    /// Commits offsets, with one result for each. An offset whose result is `Ok` survives a crash.
    ///
    /// # Errors
    /// [`GroupError`] if the caller may commit nothing.
    ///
    /// # Cancel safety
    /// The offsets may still be committed.
    pub(crate) async fn commit(
        &self,
        group: GroupId,
        commit: Commit,
    ) -> Result<Vec<Result<(), GroupError>>, GroupError> {
        self.ask(group, |reply| Request::Commit(commit, reply))
            .await
    }

    /// Returns committed offsets. An unknown group has none.
    ///
    /// # Errors
    /// [`GroupError::Unavailable`] while the broker stops.
    ///
    /// # Cancel safety
    /// Nothing changes.
    pub(crate) async fn committed(
        &self,
        group: GroupId,
        requested: RequestedOffsets,
    ) -> Result<Vec<(TopicPartition, Option<CommittedOffset>)>, GroupError> {
        self.ask(group, |reply| Request::Committed(requested, reply))
            .await
    }

    /// Deletes what any group has committed for a deleted topic. Offsets of a newer topic with the
    /// same name stay.
    ///
    /// # Errors
    /// [`GroupError::Unavailable`] if that can't be saved, or while the broker stops.
    ///
    /// # Cancel safety
    /// The offsets of some groups may be deleted and those of others not.
    pub(crate) async fn forget_topic(
        &self,
        topic: &TopicName,
        id: TopicId,
    ) -> Result<(), GroupError> {
        let mut outcome = Ok(());
        for shard in self.shards.iter() {
            let groups = send(shard, |reply| {
                Message::GroupsWithOffsets(topic.clone(), id, reply)
            })
            .await?;
            for group in groups {
                let forgotten = self
                    .ask(group, |reply| {
                        Request::ForgetTopic(topic.clone(), id, reply)
                    })
                    .await;
                // One that fails does not keep the others from forgetting.
                outcome = outcome.and(forgotten);
            }
        }
        outcome
    }

    async fn ask_members<T>(
        &self,
        group: GroupId,
        request: impl FnOnce(Reply<T>) -> classic::Request,
    ) -> Result<T, GroupError> {
        self.ask(group, |reply| {
            Request::Members(MemberRequest::Classic(request(reply)))
        })
        .await
    }

    async fn ask<T>(
        &self,
        group: GroupId,
        request: impl FnOnce(Reply<T>) -> Request,
    ) -> Result<T, GroupError> {
        let shard = self
            .shards
            .get(shard_of(&group))
            .ok_or(GroupError::Unavailable)?;
        send(shard, |reply| Message::ToGroup(group, request(reply))).await
    }
}

fn shard_of(group: &GroupId) -> usize {
    usize::try_from(partition_for(group.as_str(), SHARDS).0).unwrap_or_default()
}

async fn send<T>(
    shard: &mpsc::Sender<Message>,
    message: impl FnOnce(Reply<T>) -> Message,
) -> Result<T, GroupError> {
    let (reply, answer) = Reply::channel();
    // A shard that is gone, or drops its mailbox, is stopping.
    shard
        .send(message(reply))
        .await
        .map_err(|_| GroupError::Unavailable)?;
    answer.await.unwrap_or(Err(GroupError::Unavailable))
}
