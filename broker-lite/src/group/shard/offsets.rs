//! The shard's other half: offsets are committed, told and, one day, forgotten.

use super::group_entry::{GroupEntry, OnRecord};
use super::{Shard, write};
use crate::group::command::{Commit, RequestedOffsets};
use crate::group::committed::{CommittedOffset, CommittedOffsets};
use crate::group::error::GroupError;
use crate::group::expiry;
use crate::group::records::Record;
use crate::types::{GroupId, TopicId, TopicName, TopicPartition};

impl Shard {
    pub(super) fn commit(
        &mut self,
        group: &GroupId,
        commit: Commit,
    ) -> Result<Vec<Result<(), GroupError>>, GroupError> {
        if !self.groups.contains_key(group) {
            commit.check_without_group()?;
            self.groups
                .insert(group.clone(), GroupEntry::new(self.settings, &self.clock));
        }
        let rows = self.commit_to(group, commit);
        self.schedule(group);
        self.drop_if_untouched(group);
        rows
    }

    fn commit_to(
        &mut self,
        group: &GroupId,
        commit: Commit,
    ) -> Result<Vec<Result<(), GroupError>>, GroupError> {
        let entry = self.groups.get_mut(group).ok_or(GroupError::Unavailable)?;
        entry
            .classic
            .check_commit(commit.generation, &commit.caller, self.clock.now())?;

        let now = self.clock.wall();
        let mut rows = Vec::with_capacity(commit.rows.len());
        let mut accepted = Vec::with_capacity(commit.rows.len());
        for row in commit.rows {
            // Kafka counts as Java does, in UTF-16.
            if row.metadata.encode_utf16().count() > self.settings.max_offset_metadata {
                rows.push(Err(GroupError::MetadataTooLarge));
            } else {
                rows.push(Ok(()));
                accepted.push(row.into_committed(now));
            }
        }
        let record = |(at, committed): &(TopicPartition, CommittedOffset)| Record::Offset {
            group: group.clone(),
            at: at.clone(),
            committed: Some(committed.clone()),
        };
        write(
            &*self.journal,
            group,
            &accepted.iter().map(record).collect::<Vec<_>>(),
        )?;
        for (at, committed) in accepted {
            entry.offsets.commit(at, committed);
        }
        Ok(rows)
    }

    pub(super) fn committed(
        &self,
        group: &GroupId,
        wanted: RequestedOffsets,
    ) -> Vec<(TopicPartition, Option<CommittedOffset>)> {
        let offsets = self.groups.get(group).map(|entry| &entry.offsets);
        match wanted {
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

    pub(super) fn forget_topic(
        &mut self,
        topic: &TopicName,
        id: TopicId,
    ) -> Result<(), GroupError> {
        let mut result = Ok(());
        for group in self.names() {
            let Some(entry) = self.groups.get(&group) else {
                continue;
            };
            let is_gone = |at: &TopicPartition, committed: &CommittedOffset| {
                at.topic == *topic && committed.topic_id.is_none_or(|meant| meant == id)
            };
            let gone = entry
                .offsets
                .iter()
                .filter(|(at, committed)| is_gone(at, committed));
            let gone: Vec<_> = gone.map(|(at, _)| at).collect();
            result = self.forget(&group, &gone).and(result);
        }
        result
    }

    /// Looks for offsets that have outlived their use, and for groups of which nothing is left
    /// then.
    pub(super) fn expire_offsets(&mut self) {
        let now = self.clock.wall();
        for group in self.names() {
            let Some(entry) = self.groups.get(&group) else {
                continue;
            };
            let gone = expiry::expired(
                &entry.classic,
                &entry.offsets,
                entry.since,
                self.settings.offsets_retention,
                now,
            );
            if self.forget(&group, &gone).is_ok() {
                self.remove_if_over(&group);
            }
        }
    }

    fn forget(&mut self, group: &GroupId, gone: &[TopicPartition]) -> Result<(), GroupError> {
        let Some(entry) = self.groups.get_mut(group) else {
            return Ok(());
        };
        let record = |at: &TopicPartition| Record::Offset {
            group: group.clone(),
            at: at.clone(),
            committed: None,
        };
        write(
            &*self.journal,
            group,
            &gone.iter().map(record).collect::<Vec<_>>(),
        )?;
        for at in gone {
            entry.offsets.forget(at);
        }
        Ok(())
    }

    fn remove_if_over(&mut self, group: &GroupId) {
        let Some(entry) = self.groups.get(group).filter(|entry| entry.is_over()) else {
            return;
        };
        let tombstone = Record::Group {
            group: group.clone(),
            saved: None,
        };
        let records = if entry.on_record == OnRecord::Nothing {
            vec![]
        } else {
            vec![tombstone]
        };
        if write(&*self.journal, group, &records).is_ok() {
            self.remove(group);
        }
    }

    fn names(&self) -> Vec<GroupId> {
        self.groups.keys().cloned().collect()
    }
}
