//! One group as its shard keeps it: its members, and what every kind of group has.

use std::time::Instant;

use crate::config::GroupSettings;
use crate::group::committed::CommittedOffsets;
use crate::group::member_group::MemberGroup;
use crate::group::records::{Record, SavedGroup};
use crate::group::replayed::ReplayedGroup;
use crate::runtime::Clock;
use crate::types::{GroupId, Timestamp};

#[derive(Debug)]
pub(super) struct GroupEntry {
    pub(super) members: MemberGroup,
    pub(super) offsets: CommittedOffsets,
    /// When the group came to its present stable or empty state.
    pub(super) since: Timestamp,
    pub(super) saved_state: SavedState,
    /// Appends about this group whose outcome is unknown. Until then it must not be dropped.
    pub(super) unacknowledged: usize,
    /// Under which time the group has a timer.
    pub(super) due: Option<Instant>,
}

/// The state of the group in `__consumer_offsets`, apart from its offsets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SavedState {
    /// Nothing was ever saved.
    None,
    /// An earlier state, or none: the present one has to be saved.
    Outdated,
    /// The present state, which may not be acknowledged yet.
    Current,
}

impl GroupEntry {
    pub(super) fn new(settings: GroupSettings, clock: &Clock) -> Self {
        Self {
            members: MemberGroup::new(settings),
            offsets: CommittedOffsets::default(),
            since: clock.wall(),
            saved_state: SavedState::None,
            unacknowledged: 0,
            due: None,
        }
    }

    pub(super) fn restore(replayed: ReplayedGroup, settings: GroupSettings, clock: &Clock) -> Self {
        let fresh = Self {
            offsets: replayed.offsets,
            ..Self::new(settings, clock)
        };
        match replayed.saved {
            None => fresh,
            Some(SavedGroup { snapshot, since }) => Self {
                members: MemberGroup::restore(snapshot, settings, clock.now()),
                since,
                saved_state: SavedState::Current,
                ..fresh
            },
        }
    }

    /// Notes that the group became stable or empty, in a state that has to be saved.
    pub(super) fn stabilised(&mut self, now: Timestamp) {
        self.since = now;
        self.saved_state = SavedState::Outdated;
    }

    /// Returns the record to append if the saved state is outdated; none otherwise.
    pub(super) fn take_outdated(&mut self, group: &GroupId) -> Vec<Record> {
        if self.saved_state != SavedState::Outdated {
            return Vec::new();
        }
        // It counts as current from the append on, so that no later event appends it again.
        self.saved_state = SavedState::Current;
        let saved = SavedGroup {
            snapshot: self.members.snapshot(),
            since: self.since,
        };
        vec![Record::Group {
            group: group.clone(),
            saved: Some(saved),
        }]
    }

    /// Notes the outcome of a save.
    pub(super) fn saved_as(&mut self, is_saved: bool) {
        self.saved_state = if is_saved {
            SavedState::Current
        } else {
            SavedState::Outdated
        };
    }

    /// Whether the group could be dropped as if it had never been.
    pub(super) fn is_untouched(&self) -> bool {
        self.saved_state == SavedState::None
            && self.unacknowledged == 0
            && self.members.is_untouched()
            && self.offsets.is_empty()
    }

    /// Whether there is neither a member nor an offset left, nor one on its way.
    pub(super) fn is_over(&self) -> bool {
        self.unacknowledged == 0 && self.members.is_deserted() && self.offsets.is_empty()
    }
}
