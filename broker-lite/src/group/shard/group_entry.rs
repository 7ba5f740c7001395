//! One group as its shard keeps it.

use std::time::Instant;

use crate::config::GroupSettings;
use crate::group::classic::ClassicGroup;
use crate::group::committed::CommittedOffsets;
use crate::group::records::SavedGroup;
use crate::group::replay::ReplayedGroup;
use crate::runtime::Clock;
use crate::types::Timestamp;

#[derive(Debug)]
pub(super) struct GroupEntry {
    pub(super) classic: ClassicGroup,
    pub(super) offsets: CommittedOffsets,
    /// When the group came to rest the last time.
    pub(super) since: Timestamp,
    pub(super) on_record: OnRecord,
    /// Under which time the group stands on the agenda.
    pub(super) due: Option<Instant>,
}

/// What `__consumer_offsets` knows of the group, apart from its offsets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OnRecord {
    Nothing,
    /// An earlier state than the present one.
    Outdated,
    Current,
}

impl GroupEntry {
    pub(super) fn new(settings: GroupSettings, clock: &Clock) -> Self {
        Self {
            classic: ClassicGroup::new(settings),
            offsets: CommittedOffsets::default(),
            since: clock.wall(),
            on_record: OnRecord::Nothing,
            due: None,
        }
    }

    pub(super) fn restore(
        remembered: ReplayedGroup,
        settings: GroupSettings,
        clock: &Clock,
    ) -> Self {
        let fresh = Self {
            offsets: remembered.offsets,
            ..Self::new(settings, clock)
        };
        match remembered.saved {
            None => fresh,
            Some(SavedGroup { snapshot, since }) => Self {
                classic: ClassicGroup::restore(snapshot, settings, clock.now()),
                since,
                on_record: OnRecord::Current,
                ..fresh
            },
        }
    }

    /// Notes that the group came to rest in another state.
    pub(super) fn stabilised(&mut self, now: Timestamp) {
        self.since = now;
        self.on_record = OnRecord::Outdated;
    }

    pub(super) fn saved(&self) -> SavedGroup {
        SavedGroup {
            snapshot: self.classic.snapshot(),
            since: self.since,
        }
    }

    /// Whether the group could be dropped as if it had never been.
    pub(super) fn is_untouched(&self) -> bool {
        self.on_record == OnRecord::Nothing
            && self.classic.is_untouched()
            && self.offsets.is_empty()
    }

    /// Whether there is neither a member nor an offset left.
    pub(super) fn is_over(&self) -> bool {
        self.classic.is_empty() && !self.classic.awaits_somebody() && self.offsets.is_empty()
    }
}
