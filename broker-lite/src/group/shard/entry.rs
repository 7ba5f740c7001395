//! One group as its shard keeps it.

use std::time::Instant;

use crate::group::classic::{ClassicGroup, Settings};
use crate::group::offsets::Offsets;
use crate::group::records::SavedGroup;
use crate::group::replay::Remembered;
use crate::runtime::Clock;
use crate::types::Timestamp;

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) classic: ClassicGroup,
    pub(super) offsets: Offsets,
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

impl Entry {
    pub(super) fn new(settings: Settings, clock: &Clock) -> Self {
        Self {
            classic: ClassicGroup::new(settings),
            offsets: Offsets::default(),
            since: clock.wall(),
            on_record: OnRecord::Nothing,
            due: None,
        }
    }

    pub(super) fn restore(remembered: Remembered, settings: Settings, clock: &Clock) -> Self {
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
    pub(super) fn came_to_rest(&mut self, now: Timestamp) {
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
