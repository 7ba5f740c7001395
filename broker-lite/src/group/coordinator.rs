//! The coordinator's front door: it knows which shard a group lives on.
//!
//! Groups are spread over a few shards, each a task that owns its groups and reads one bounded
//! mailbox. A request visits the mailbox and waits for its answer outside of it, so a join that is
//! parked blocks nobody but its sender.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::classic::{ArrivingClient, Caller, JoinRequest, Joined, Leaver, SyncRequest, Synced};
use super::command::{Command, Commit, Reply, RequestedOffsets};
use super::committed::CommittedOffset;
use super::error::GroupError;
use super::ids::Generation;
use super::journal::{Journal, JournalError};
use super::replay::ReplayedGroups;
use super::shard::Shard;
use super::slot::partition_for;
use crate::config::GroupSettings;
use crate::runtime::{Clock, Tasks};
use crate::types::{GroupId, TopicId, TopicName, TopicPartition};

const SHARDS: usize = 4;

/// Letters a mailbox holds; who sends one more waits until there is room.
const MAILBOX_CAPACITY: usize = 256;

/// Answers everything about groups. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct GroupCoordinator {
    shards: Arc<[mpsc::Sender<Command>]>,
    journal: Arc<dyn Journal>,
}

impl GroupCoordinator {
    /// Starts the shards with the groups that were read back.
    pub(crate) fn start(
        settings: GroupSettings,
        journal: &Arc<dyn Journal>,
        clock: &Clock,
        replay: ReplayedGroups,
        tasks: &Tasks,
    ) -> Self {
        let mut shards: Vec<Shard> = (0..SHARDS)
            .map(|_| Shard::new(settings, Arc::clone(journal), clock.clone()))
            .collect();
        for (group, remembered) in replay.into_groups() {
            if let Some(shard) = shards.get_mut(partition_for(&group, SHARDS)) {
                shard.remember(group, remembered);
            }
        }
        let start = |shard: Shard| {
            let (letters, mailbox) = mpsc::channel(MAILBOX_CAPACITY);
            tasks.spawn(|shutdown| shard.run(mailbox, shutdown));
            letters
        };
        Self {
            shards: shards.into_iter().map(start).collect(),
            journal: Arc::clone(journal),
        }
    }

    /// Sees to it that groups can be served: what they decide has a place to be written to.
    ///
    /// # Errors
    /// [`JournalError`] if that place can't be made.
    pub(crate) fn prepare(&self) -> Result<(), JournalError> {
        self.journal.prepare()
    }

    /// Notes that a client has asked for this group's coordinator, and so is likely to join.
    pub(crate) fn announce(&self, group: GroupId, client: ArrivingClient) {
        let Some(shard) = self.shards.get(partition_for(&group, SHARDS)) else {
            return;
        };
        if shard.try_send(Command::Announce(group, client)).is_err() {
            tracing::debug!("the coordinator is too busy to wait for a client that is on its way");
        }
    }

    /// Makes the caller a member of the next generation, once all others have joined, too.
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
        self.ask(&group.clone(), |reply| {
            Command::Join(group, Box::new(join), reply)
        })
        .await
    }

    /// Brings the leader's assignment, or waits for it, and answers the caller's share.
    ///
    /// # Errors
    /// [`GroupError`]: join again, or in case of [`GroupError::FencedInstance`] stop.
    ///
    /// # Cancel safety
    /// The assignment may count all the same.
    pub(crate) async fn sync(
        &self,
        group: GroupId,
        sync: SyncRequest,
    ) -> Result<Synced, GroupError> {
        self.ask(&group.clone(), |reply| Command::Sync(group, sync, reply))
            .await
    }

    /// Notes that a member is alive.
    ///
    /// # Errors
    /// [`GroupError::RebalanceInProgress`] when it has to join again, and other [`GroupError`]s
    /// when it is out.
    ///
    /// # Cancel safety
    /// The sign of life may count all the same.
    pub(crate) async fn heartbeat(
        &self,
        group: GroupId,
        generation: Generation,
        caller: Caller,
    ) -> Result<(), GroupError> {
        self.ask(&group.clone(), |reply| {
            Command::Heartbeat(group, generation, caller, reply)
        })
        .await
    }

    /// Takes members out of the group and answers for each one.
    ///
    /// # Errors
    /// [`GroupError`] if none of them can be answered.
    ///
    /// # Cancel safety
    /// They may be gone all the same.
    pub(crate) async fn leave(
        &self,
        group: GroupId,
        leavers: Vec<Leaver>,
    ) -> Result<Vec<Result<(), GroupError>>, GroupError> {
        self.ask(&group.clone(), |reply| {
            Command::Leave(group, leavers, reply)
        })
        .await
    }

    /// Writes offsets down and answers for each one. What was answered survives a crash.
    ///
    /// # Errors
    /// [`GroupError`] if the caller may commit nothing.
    ///
    /// # Cancel safety
    /// The offsets may be committed all the same.
    pub(crate) async fn commit(
        &self,
        group: GroupId,
        commit: Commit,
    ) -> Result<Vec<Result<(), GroupError>>, GroupError> {
        self.ask(&group.clone(), |reply| {
            Command::Commit(group, commit, reply)
        })
        .await
    }

    /// Tells committed offsets. An unknown group has none.
    ///
    /// # Errors
    /// [`GroupError::Unavailable`] while the broker stops.
    ///
    /// # Cancel safety
    /// Nothing changes.
    pub(crate) async fn committed(
        &self,
        group: GroupId,
        wanted: RequestedOffsets,
    ) -> Result<Vec<(TopicPartition, Option<CommittedOffset>)>, GroupError> {
        self.ask(&group.clone(), |reply| {
            Command::Committed(group, wanted, reply)
        })
        .await
    }

    /// Forgets what any group committed for a topic that was deleted. There may be another of its
    /// name by now.
    ///
    /// # Errors
    /// [`GroupError::Unavailable`] if that can't be written down, or while the broker stops.
    ///
    /// # Cancel safety
    /// Some groups may have forgotten and others not.
    pub(crate) async fn forget_topic(
        &self,
        topic: &TopicName,
        id: TopicId,
    ) -> Result<(), GroupError> {
        for shard in self.shards.iter() {
            send(shard, |reply| {
                Command::ForgetTopic(topic.clone(), id, reply)
            })
            .await?;
        }
        Ok(())
    }

    async fn ask<T>(
        &self,
        group: &GroupId,
        command: impl FnOnce(Reply<T>) -> Command,
    ) -> Result<T, GroupError> {
        let shard = self
            .shards
            .get(partition_for(group, SHARDS))
            .ok_or(GroupError::Unavailable)?;
        send(shard, command).await
    }
}

async fn send<T>(
    shard: &mpsc::Sender<Command>,
    command: impl FnOnce(Reply<T>) -> Command,
) -> Result<T, GroupError> {
    let (reply, answer) = oneshot::channel();
    // A shard that is gone, or drops its letters, is stopping.
    shard
        .send(command(reply))
        .await
        .map_err(|_| GroupError::Unavailable)?;
    answer.await.unwrap_or(Err(GroupError::Unavailable))
}
