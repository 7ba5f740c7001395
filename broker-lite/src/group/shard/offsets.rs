//! The shard's other half: offsets are committed, read and, one day, deleted.

use super::group_entry::{GroupEntry, SavedState};
use super::task::Shard;
use super::unacknowledged::Continuation;
use crate::group::committed::{CommittedOffset, CommittedOffsets};
use crate::group::error::GroupError;
use crate::group::expiry;
use crate::group::records::Record;
use crate::group::reply::Reply;
use crate::group::request::{Commit, RequestedOffsets};
use crate::types::{GroupId, TopicId, TopicName, TopicPartition};

impl Shard {
    pub(super) fn commit(
        &mut self,
        group: &GroupId,
        commit: Commit,
        reply: Reply<Vec<Result<(), GroupError>>>,
    ) {
        match self.check_commit(group, &commit) {
            Ok(()) => self.write_commit(group, commit, reply),
            Err(error) => reply.send(Err(error)),
        }
        // A commit renews the member's session.
        self.schedule(group);
        self.drop_if_untouched(group);
    }

    fn check_commit(&mut self, group: &GroupId, commit: &Commit) -> Result<(), GroupError> {
        if !self.groups.contains_key(group) {
            commit.check_without_group()?;
            self.groups
                .insert(group.clone(), GroupEntry::new(self.settings, &self.clock));
        }
        let now = self.clock.now();
        let entry = self.groups.get_mut(group).ok_or(GroupError::Unavailable)?;
        entry
            .members
            .check_commit(commit.generation, &commit.caller, now)
    }

    fn write_commit(
        &mut self,
        group: &GroupId,
        commit: Commit,
        reply: Reply<Vec<Result<(), GroupError>>>,
    ) {
        let now = self.clock.wall();
        let mut rows = Vec::with_capacity(commit.rows.len());
        let mut offsets = Vec::with_capacity(commit.rows.len());
        for row in commit.rows {
            // Kafka counts as Java does, in UTF-16.
            if row.metadata.encode_utf16().count() > self.settings.max_offset_metadata {
                rows.push(Err(GroupError::MetadataTooLarge));
            } else {
                rows.push(Ok(()));
                offsets.push(row.into_committed(now));
            }
        }
        let record = |(at, committed): &(TopicPartition, CommittedOffset)| Record::Offset {
            group: group.clone(),
            at: at.clone(),
            committed: Some(committed.clone()),
        };
        let records: Vec<_> = offsets.iter().map(record).collect();
        let then = Continuation::Commit {
            offsets,
            rows,
            reply,
        };
        self.write(group, &records, then);
    }

    /// Applies a commit that is in the log. Until then readers see the offsets before it.
    pub(super) fn apply_commit(
        &mut self,
        group: &GroupId,
        offsets: Vec<(TopicPartition, CommittedOffset)>,
    ) {
        if let Some(entry) = self.groups.get_mut(group) {
            for (at, committed) in offsets {
                entry.offsets.commit(at, committed);
            }
        }
    }

    pub(super) fn committed(
        &self,
        group: &GroupId,
        requested: RequestedOffsets,
    ) -> Vec<(TopicPartition, Option<CommittedOffset>)> {
        let offsets = self.groups.get(group).map(|entry| &entry.offsets);
        match requested {
            RequestedOffsets::All => {
                let all = offsets.into_iter().flat_map(CommittedOffsets::iter);
                all.map(|(at, committed)| (at, Some(committed.clone())))
                    .collect()
            }
            RequestedOffsets::Partitions(partitions) => {
                let row = |at| {
                    let committed = offsets.and_then(|offsets| offsets.committed(&at)).cloned();
                    (at, committed)
                };
                partitions.into_iter().map(row).collect()
            }
        }
    }

    pub(super) fn groups_with_offsets(&self, topic: &TopicName, id: TopicId) -> Vec<GroupId> {
        let has_offsets = |(_, entry): &(&GroupId, &GroupEntry)| {
            !offsets_of_topic(&entry.offsets, topic, id).is_empty()
        };
        let groups = self.groups.iter().filter(has_offsets);
        groups.map(|(group, _)| group.clone()).collect()
    }

    pub(super) fn forget_topic(
        &mut self,
        group: &GroupId,
        topic: &TopicName,
        id: TopicId,
        reply: Reply<()>,
    ) {
        let offsets = self.groups.get(group).map_or_else(Vec::new, |entry| {
            offsets_of_topic(&entry.offsets, topic, id)
        });
        let records = tombstones(group, &offsets);
        self.write(group, &records, Continuation::Forget { offsets, reply });
    }

    /// Deletes offsets that have expired, and groups that have nothing left then.
    pub(super) fn expire_offsets(&mut self) {
        let now = self.clock.wall();
        for group in self.groups.keys().cloned().collect::<Vec<_>>() {
            let Some(entry) = self.groups.get(&group) else {
                continue;
            };
            let offsets = expiry::expired(
                &entry.members,
                &entry.offsets,
                entry.since,
                self.settings.offsets_retention,
                now,
            );
            let records = tombstones(&group, &offsets);
            self.write(&group, &records, Continuation::Expire { offsets });
        }
    }

    /// Deletes offsets whose tombstones are in the log.
    pub(super) fn apply_forget(&mut self, group: &GroupId, offsets: &[TopicPartition]) {
        if let Some(entry) = self.groups.get_mut(group) {
            for at in offsets {
                entry.offsets.forget(at);
            }
        }
    }

    /// Writes the tombstone of a group that has neither members nor offsets.
    pub(super) fn remove_if_over(&mut self, group: &GroupId) {
        let Some(entry) = self.groups.get(group).filter(|entry| entry.is_over()) else {
            return;
        };
        let tombstone = Record::Group {
            group: group.clone(),
            saved: None,
        };
        // A group that was never saved has nothing to take back.
        let records = if entry.saved_state == SavedState::None {
            vec![]
        } else {
            vec![tombstone]
        };
        self.write(group, &records, Continuation::Remove);
    }

    /// Removes a group whose tombstone is in the log.
    pub(super) fn remove_deserted(&mut self, group: &GroupId) {
        let Some(entry) = self.groups.get_mut(group) else {
            return;
        };
        if entry.is_over() {
            self.remove(group);
        } else if entry.saved_state == SavedState::Current {
            // A client came while the tombstone was on its way: what was saved is deleted, so the
            // next event saves it again.
            entry.saved_as(false);
        }
    }
}

fn tombstones(group: &GroupId, offsets: &[TopicPartition]) -> Vec<Record> {
    let tombstone = |at: &TopicPartition| Record::Offset {
        group: group.clone(),
        at: at.clone(),
        committed: None,
    };
    offsets.iter().map(tombstone).collect()
}

/// Returns the partitions of a topic that a group has offsets for.
fn offsets_of_topic(
    offsets: &CommittedOffsets,
    topic: &TopicName,
    id: TopicId,
) -> Vec<TopicPartition> {
    // There may be another topic of this name by now. An offset without an id is of either.
    let is_meant = |at: &TopicPartition, committed: &CommittedOffset| {
        at.topic == *topic && committed.topic_id.is_none_or(|meant| meant == id)
    };
    offsets
        .iter()
        .filter(|(at, committed)| is_meant(at, committed))
        .map(|(at, _)| at)
        .collect()
}
