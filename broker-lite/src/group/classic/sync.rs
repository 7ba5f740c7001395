//! SyncGroup: the leader brings the assignment, the others fetch theirs.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::machine::{Assigned, ClassicGroup, Phase};
use super::member::Member;
use super::request::SyncRequest;
use super::response::Synced;
use super::subscription::Partitions;
use crate::group::error::GroupError;
use crate::group::ids::MemberId;
use crate::group::reply::{Effects, Reply};

/// Longest wait of the syncs of members that give nothing up, for those that do to join again.
const NEXT_ROUND_TIMEOUT: Duration = Duration::from_millis(200);

impl ClassicGroup {
    pub(super) fn sync(
        &mut self,
        sync: SyncRequest,
        reply: Reply<Synced>,
        now: Instant,
        fx: &mut Effects,
    ) {
        if let Err(error) = self.check_sync(&sync) {
            return fx.answer(reply, Err(error));
        }
        let is_leader = self.leader.as_ref() == Some(&sync.caller.member);
        let Some(member) = self.members.get_mut(&sync.caller.member) else {
            return;
        };
        member.park_sync(reply, fx);
        match self.phase {
            // Answered once the leader has brought the assignment.
            Phase::Syncing { .. } if !is_leader => {}
            Phase::Syncing { until } => {
                self.assign(sync.assignments);
                let next_round_by = self
                    .is_another_round_due()
                    .then(|| now + NEXT_ROUND_TIMEOUT);
                self.phase = Phase::Stable(Assigned {
                    stragglers_until: Some(until),
                    next_round_by,
                });
                fx.save = true;
                self.answer_syncs(&self.ids(), now, fx);
            }
            Phase::Empty | Phase::Joining(_) | Phase::Stable(_) => {
                self.answer_syncs(&[sync.caller.member], now, fx);
            }
        }
    }

    fn check_sync(&self, sync: &SyncRequest) -> Result<(), GroupError> {
        self.check_member(&sync.caller)?;
        self.check_generation(sync.generation)?;
        let differs = |said: &Option<Arc<str>>, is: &Option<Arc<str>>| said.is_some() && said != is;
        if differs(&sync.protocol_type, &self.protocol_type)
            || differs(&sync.protocol, &self.protocol)
        {
            return Err(GroupError::InconsistentProtocol);
        }
        match self.phase {
            Phase::Empty => Err(GroupError::UnknownMember),
            Phase::Joining(_) => Err(GroupError::RebalanceInProgress),
            Phase::Syncing { .. } | Phase::Stable(_) => Ok(()),
        }
    }

    /// Stores the assignments. Members that the leader left out have an empty one.
    fn assign(&mut self, assignments: Vec<(MemberId, Bytes)>) {
        let mut shares: HashMap<MemberId, Bytes> = assignments.into_iter().collect();
        for member in self.members.values_mut() {
            member.assignment = shares.remove(&member.id).unwrap_or_default();
        }
    }

    /// Whether members have partitions to give up (KIP-429). They join again as soon as they have
    /// done so.
    fn is_another_round_due(&self) -> bool {
        self.members
            .values()
            .any(|member| self.share(member).is_some_and(|share| share.gives_up()))
    }

    /// Returns what a member had and what it gets; `None` if its protocol does not tell.
    fn share(&self, member: &Member) -> Option<Share> {
        if self.protocol_type.as_deref() != Some("consumer") {
            return None;
        }
        let owned = Partitions::owned(member.metadata(self.protocol.as_ref()))?;
        Some(Share {
            owned,
            assigned: Partitions::assigned(member.assignment.clone())?,
        })
    }

    /// Answers the syncs that were held back for a second round that did not come.
    pub(super) fn stop_waiting_for_next_round(&mut self, now: Instant, fx: &mut Effects) {
        if let Phase::Stable(Assigned { next_round_by, .. }) = &mut self.phase
            && next_round_by.take_if(|by| *by <= now).is_some()
        {
            self.answer_syncs(&self.ids(), now, fx);
        }
    }

    /// Answers the syncs of these members. While a second round is due, those whose assignment does
    /// not change are held back: told now, they would notice that round only by their next
    /// heartbeat, and the partitions given up would stay idle until then.
    fn answer_syncs(&mut self, members: &[MemberId], now: Instant, fx: &mut Effects) {
        let waits = matches!(
            &self.phase,
            Phase::Stable(Assigned {
                next_round_by: Some(_),
                ..
            })
        );
        for id in members {
            let is_unchanged =
                |member| self.share(member).is_some_and(|share| share.is_unchanged());
            if waits && self.members.get(id).is_some_and(is_unchanged) {
                continue;
            }
            let Some(member) = self.members.get_mut(id) else {
                continue;
            };
            let Some(reply) = member.take_sync() else {
                continue;
            };
            member.renew(now);
            let answer = Synced {
                protocol_type: self.protocol_type.clone(),
                protocol: self.protocol.clone(),
                assignment: member.assignment.clone(),
            };
            fx.answer(reply, Ok(answer));
        }
        if let Phase::Stable(assigned) = &mut self.phase
            && self
                .members
                .values()
                .all(|member: &Member| member.has_synced)
        {
            assigned.stragglers_until = None;
        }
    }

    fn ids(&self) -> Vec<MemberId> {
        self.members.keys().cloned().collect()
    }
}

/// A member's partitions before and after a cooperative round.
struct Share {
    owned: Partitions,
    assigned: Partitions,
}

impl Share {
    fn gives_up(&self) -> bool {
        !self.owned.is_subset(&self.assigned)
    }

    /// Whether the assignment does not change.
    fn is_unchanged(&self) -> bool {
        self.owned == self.assigned
    }
}
