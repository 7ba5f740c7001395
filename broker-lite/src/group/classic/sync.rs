//! SyncGroup: the leader brings the assignment, the others fetch theirs.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;

use super::event::{Effects, Sync, Synced, Ticket};
use super::group::{ClassicGroup, Phase};
use super::member::{Member, Parked};
use crate::group::error::GroupError;
use crate::group::ids::MemberId;

impl ClassicGroup {
    pub(super) fn sync(&mut self, ticket: Ticket, sync: Sync, now: Instant, fx: &mut Effects) {
        if let Err(error) = self.check_sync(&sync) {
            return fx.synced(ticket, Err(error));
        }
        let is_leader = self.leader.as_ref() == Some(&sync.caller.member);
        let Some(member) = self.members.get_mut(&sync.caller.member) else { return };
        member.park_sync(ticket, fx);
        match self.phase {
            Phase::Syncing { .. } if !is_leader => {}
            Phase::Syncing { until } => {
                self.assign(sync.assignments);
                self.phase = Phase::Stable { stragglers_until: Some(until) };
                fx.save = true;
                self.answer_syncs(now, fx);
            }
            Phase::Empty | Phase::Joining(_) | Phase::Stable { .. } => self.answer_syncs(now, fx),
        }
    }

    fn check_sync(&self, sync: &Sync) -> Result<(), GroupError> {
        self.check_member(&sync.caller)?;
        self.check_generation(sync.generation)?;
        let differs = |said: &Option<Arc<str>>, is: &Option<Arc<str>>| said.is_some() && said != is;
        if differs(&sync.protocol_type, &self.protocol_type) || differs(&sync.protocol, &self.protocol) {
            return Err(GroupError::InconsistentProtocol);
        }
        match self.phase {
            Phase::Empty => Err(GroupError::UnknownMember),
            Phase::Joining(_) => Err(GroupError::RebalanceInProgress),
            Phase::Syncing { .. } | Phase::Stable { .. } => Ok(()),
        }
    }

    /// Members the leader did not mention get nothing to do.
    fn assign(&mut self, assignments: Vec<(MemberId, Bytes)>) {
        let mut shares: HashMap<MemberId, Bytes> = assignments.into_iter().collect();
        for member in self.members.values_mut() {
            member.assignment = shares.remove(&member.id).unwrap_or_default();
        }
    }

    fn answer_syncs(&mut self, now: Instant, fx: &mut Effects) {
        for member in self.members.values_mut() {
            if let Parked::Sync(ticket) = member.parked {
                member.parked = Parked::Nothing;
                member.renew(now);
                let answer = Synced {
                    protocol_type: self.protocol_type.clone(),
                    protocol: self.protocol.clone(),
                    assignment: member.assignment.clone(),
                };
                fx.synced(ticket, Ok(answer));
            }
        }
        if self.members.values().all(|member: &Member| member.has_synced) {
            self.phase = Phase::Stable { stragglers_until: None };
        }
    }
}
