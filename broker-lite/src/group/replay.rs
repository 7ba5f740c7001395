//! What `__consumer_offsets` says about each group, read from its beginning.

use std::collections::HashMap;

use super::committed::CommittedOffsets;
use super::records::{Record, SavedGroup};
use crate::types::GroupId;

/// One group as it was written down.
#[derive(Debug, Default)]
pub(crate) struct ReplayedGroup {
    /// `None` for a group that only stores offsets.
    pub(crate) saved: Option<SavedGroup>,
    pub(crate) offsets: CommittedOffsets,
}

/// Takes records in the order they were written; the last word on each thing counts.
#[derive(Debug, Default)]
pub(crate) struct ReplayedGroups(HashMap<GroupId, ReplayedGroup>);

impl ReplayedGroups {
    /// Takes the next record.
    pub(crate) fn apply(&mut self, record: Record) {
        match record {
            Record::Offset {
                group,
                at,
                committed: Some(committed),
            } => {
                self.0
                    .entry(group)
                    .or_default()
                    .offsets
                    .commit(at, committed);
            }
            Record::Offset {
                group,
                at,
                committed: None,
            } => {
                if let Some(remembered) = self.0.get_mut(&group) {
                    remembered.offsets.forget(&at);
                }
            }
            Record::Group { group, saved } => self.0.entry(group).or_default().saved = saved,
        }
    }

    /// What has to be written down to say all this anew.
    pub(super) fn into_records(self) -> Vec<Record> {
        let mut records = Vec::new();
        for (group, ReplayedGroup { saved, offsets }) in self.into_groups() {
            records.extend(offsets.iter().map(|(at, committed)| Record::Offset {
                group: group.clone(),
                at,
                committed: Some(committed.clone()),
            }));
            records.extend(saved.map(|saved| Record::Group {
                group,
                saved: Some(saved),
            }));
        }
        records
    }

    /// The groups of which something is left.
    pub(super) fn into_groups(self) -> impl Iterator<Item = (GroupId, ReplayedGroup)> {
        self.0
            .into_iter()
            .filter(|(_, group)| group.saved.is_some() || !group.offsets.is_empty())
    }
}
