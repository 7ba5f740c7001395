//! The state of all groups, as the records of `__consumer_offsets` add up to it.

use std::collections::HashMap;

use super::committed::CommittedOffsets;
use super::records::{Record, SavedGroup};
use crate::state_log::State;
use crate::types::GroupId;

/// One group as its records describe it.
#[derive(Debug, Default)]
pub(crate) struct ReplayedGroup {
    /// `None` for a group that only stores offsets.
    pub(crate) saved: Option<SavedGroup>,
    pub(crate) offsets: CommittedOffsets,
}

/// All groups. The last record of each key counts.
#[derive(Debug, Default)]
pub(crate) struct ReplayedGroups(HashMap<GroupId, ReplayedGroup>);

impl State for ReplayedGroups {
    type Record = Record;

    fn apply(&mut self, record: Record) {
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

    fn into_records(self) -> Vec<Record> {
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
}

impl ReplayedGroups {
    /// Returns the groups that have members or offsets left.
    pub(super) fn into_groups(self) -> impl Iterator<Item = (GroupId, ReplayedGroup)> {
        self.0
            .into_iter()
            .filter(|(_, group)| group.saved.is_some() || !group.offsets.is_empty())
    }
}
