//! The kinds of groups. What is common to them, such as offsets, is in their shard's entry.

use std::sync::Arc;
use std::time::Instant;

use super::classic::{self, Caller, ClassicGroup, Snapshot, Subscriptions};
use super::error::GroupError;
use super::ids::Generation;
use super::reply::Effects;
use crate::config::GroupSettings;

/// The members of one group, by the protocol that they speak.
#[derive(Debug)]
pub(super) enum MemberGroup {
    /// Members assign partitions among themselves (JoinGroup, SyncGroup). A group without members
    /// that only stores offsets is of this kind, too.
    Classic(ClassicGroup),
}

/// A request about the members of a group, in the protocol of one kind.
#[derive(Debug)]
pub(super) enum MemberRequest {
    Classic(classic::Request),
}

impl MemberGroup {
    /// Returns a group without members, of the kind that an unknown group is.
    pub(super) fn new(settings: GroupSettings) -> Self {
        Self::Classic(ClassicGroup::new(settings))
    }

    /// Returns a group as it was saved.
    pub(super) fn restore(saved: Snapshot, settings: GroupSettings, now: Instant) -> Self {
        Self::Classic(ClassicGroup::restore(saved, settings, now))
    }

    /// Handles one request.
    pub(super) fn on(&mut self, request: MemberRequest, now: Instant) -> Effects {
        match (self, request) {
            (Self::Classic(group), MemberRequest::Classic(request)) => group.on(request, now),
        }
    }

    /// Handles what is due by now. To be called at [`MemberGroup::deadline`].
    pub(super) fn tick(&mut self, now: Instant) -> Effects {
        match self {
            Self::Classic(group) => group.tick(now),
        }
    }

    /// Returns when something is due, if nothing happens before.
    pub(super) fn deadline(&self) -> Option<Instant> {
        match self {
            Self::Classic(group) => group.deadline(),
        }
    }

    /// Checks that the caller may commit offsets, which also renews its session.
    ///
    /// # Errors
    /// [`GroupError`], as the kind of the group has it.
    pub(super) fn check_commit(
        &mut self,
        generation: Generation,
        caller: &Caller,
        now: Instant,
    ) -> Result<(), GroupError> {
        match self {
            Self::Classic(group) => group.check_commit(generation, caller, now),
        }
    }

    /// Returns the state to save.
    pub(super) fn snapshot(&self) -> Snapshot {
        match self {
            Self::Classic(group) => group.snapshot(),
        }
    }

    /// Returns the present generation.
    pub(super) fn generation(&self) -> Generation {
        match self {
            Self::Classic(group) => group.generation(),
        }
    }

    /// Returns the number of members.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Classic(group) => group.size(),
        }
    }

    /// Whether the group has no members and never had any.
    pub(super) fn is_untouched(&self) -> bool {
        match self {
            Self::Classic(group) => group.is_untouched(),
        }
    }

    /// Whether the group has no members, and no client is about to become one.
    pub(super) fn is_deserted(&self) -> bool {
        match self {
            Self::Classic(group) => group.is_empty() && !group.awaits_clients(),
        }
    }

    /// Returns the topics that the members subscribe to.
    pub(super) fn subscriptions(&self) -> Subscriptions {
        match self {
            Self::Classic(group) => group.subscriptions(),
        }
    }

    /// Returns the protocol type of the members, `None` if the group never had any.
    pub(super) fn protocol_type(&self) -> Option<&Arc<str>> {
        match self {
            Self::Classic(group) => group.protocol_type(),
        }
    }
}
