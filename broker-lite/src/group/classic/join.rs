//! JoinGroup: which clients become members, and what each join waits for.

use std::time::Instant;

use super::arrivals::ArrivingClient;
use super::machine::{Barrier, ClassicGroup, Phase, Round};
use super::member::Member;
use super::protocol_election;
use super::request::{FirstJoin, JoinRequest, LeaderReturn};
use super::response::{Joined, Peer};
use crate::group::error::GroupError;
use crate::group::ids::MemberId;
use crate::group::reply::{Effects, Reply};

impl ClassicGroup {
    /// Notes that a client has looked up the coordinator. Only a group without a generation waits
    /// for it: any other would be held up by a client that may never join.
    pub(super) fn announce(&mut self, client: &ArrivingClient, now: Instant) {
        if matches!(
            self.phase,
            Phase::Empty
                | Phase::Joining(Barrier {
                    round: Round::First,
                    ..
                })
        ) {
            self.arrivals.announce(client, now);
        }
    }

    pub(super) fn join(
        &mut self,
        join: JoinRequest,
        reply: Reply<Joined>,
        now: Instant,
        fx: &mut Effects,
    ) {
        if let Err(error) = self.check_join(&join) {
            return fx.answer(reply, Err(error));
        }
        if join.caller.member.is_empty() {
            self.arrivals.arrive(&join.client.id, now);
            let holder = join
                .caller
                .instance
                .as_ref()
                .and_then(|instance| self.statics.get(instance))
                .cloned();
            match (holder, join.caller.instance.is_some(), join.first_join) {
                (Some(holder), _, _) => self.replace_static(&holder, reply, join, now, fx),
                (None, false, FirstJoin::HandOutId) => self.hand_out_id(reply, &join, now, fx),
                (None, true, _) | (None, _, FirstJoin::Admit) => {
                    self.admit(join.fresh.clone(), reply, join, now, fx);
                }
            }
        } else if join.caller.instance.is_none()
            && self.pending.remove(&join.caller.member).is_some()
        {
            self.admit(join.caller.member.clone(), reply, join, now, fx);
        } else {
            match self.check_member(&join.caller) {
                Ok(()) => self.rejoin(reply, join, now, fx),
                Err(error) => fx.answer(reply, Err(error)),
            }
        }
    }

    fn check_join(&self, join: &JoinRequest) -> Result<(), GroupError> {
        let allowed = self.settings.min_session_timeout..=self.settings.max_session_timeout;
        if !allowed.contains(&join.session_timeout) {
            return Err(GroupError::InvalidSessionTimeout);
        }
        if !self.has_room_for(&join.caller.member) {
            return Err(GroupError::GroupFull);
        }
        let is_same_type =
            self.members.is_empty() || self.protocol_type.as_ref() == Some(&join.protocol_type);
        if join.protocol_type.is_empty()
            || !is_same_type
            || !protocol_election::is_compatible(&self.members, &join.protocols)
        {
            return Err(GroupError::InconsistentProtocol);
        }
        Ok(())
    }

    fn has_room_for(&self, member: &MemberId) -> bool {
        let max = self.settings.max_size;
        let known = self.members.get(member);
        match self.phase {
            Phase::Empty => true,
            // Members of the last generation may not come back, so they hold no places: those that
            // join first are in.
            Phase::Joining(_) => {
                known.is_some_and(Member::is_joining)
                    || self.members.values().filter(|m| m.is_joining()).count() < max
            }
            Phase::Syncing { .. } | Phase::Stable(_) => known.is_some() || self.members.len() < max,
        }
    }

    fn hand_out_id(
        &mut self,
        reply: Reply<Joined>,
        join: &JoinRequest,
        now: Instant,
        fx: &mut Effects,
    ) {
        self.pending
            .insert(join.fresh.clone(), now + join.session_timeout);
        fx.answer(reply, Err(GroupError::MemberIdRequired(join.fresh.clone())));
    }

    fn admit(
        &mut self,
        id: MemberId,
        reply: Reply<Joined>,
        join: JoinRequest,
        now: Instant,
        fx: &mut Effects,
    ) {
        if self.members.is_empty() {
            self.protocol_type = Some(join.protocol_type.clone());
        }
        if let Some(instance) = &join.caller.instance {
            self.statics.insert(instance.clone(), id.clone());
        }
        self.leader.get_or_insert_with(|| id.clone());
        self.members
            .insert(id.clone(), Member::new(id, reply, join, now));
        self.note_growth();
        self.rebalance(now, fx);
    }

    /// A known member joins, which starts a rebalance unless nothing has changed for it.
    fn rejoin(&mut self, reply: Reply<Joined>, join: JoinRequest, now: Instant, fx: &mut Effects) {
        let id = join.caller.member.clone();
        let is_leader = self.leader.as_ref() == Some(&id);
        let Some(member) = self.members.get_mut(&id) else {
            return;
        };
        let is_unchanged = member.protocols == join.protocols;
        let has_answer = match self.phase {
            // The answer to its join was lost on the way.
            Phase::Syncing { .. } => is_unchanged,
            // A leader that joins again wants a rebalance, for instance because topics got more
            // partitions.
            Phase::Stable(_) => is_unchanged && !is_leader,
            Phase::Empty | Phase::Joining(_) => false,
        };
        member.update(join);
        if has_answer {
            member.renew(now);
            fx.answer(reply, Ok(self.membership(&id)));
        } else {
            member.park_join(reply, fx);
            self.rebalance(now, fx);
        }
    }

    /// A static member came back as a new process: it takes over the membership, and the old
    /// process is fenced.
    fn replace_static(
        &mut self,
        old: &MemberId,
        reply: Reply<Joined>,
        join: JoinRequest,
        now: Instant,
        fx: &mut Effects,
    ) {
        let Some(mut member) = self.members.remove(old) else {
            return;
        };
        let (new, leader_return) = (join.fresh.clone(), join.leader_return);
        member.dismiss(&GroupError::FencedInstance, fx);
        member.id = new.clone();
        member.update(join);
        member.renew(now);
        if let Some(instance) = &member.instance {
            self.statics.insert(instance.clone(), new.clone());
        }
        let was_leader = self.leader.as_ref() == Some(old);
        if was_leader {
            self.leader = Some(new.clone());
        }
        self.members.insert(new.clone(), member);

        if matches!(self.phase, Phase::Stable(_))
            && protocol_election::elect(&self.members) == self.protocol
        {
            // No rebalance: the assignment is by instance and still holds. But the new member id has
            // to survive a restart of the broker, or its first heartbeat after that is refused.
            fx.save = true;
            let mut answer = self.membership(&new);
            if was_leader {
                match leader_return {
                    LeaderReturn::SkipAssignment => answer.skip_assignment = true,
                    LeaderReturn::PoseAsFollower => {
                        answer.leader = old.clone();
                        answer.members.clear();
                    }
                }
            }
            return fx.answer(reply, Ok(answer));
        }
        if let Some(member) = self.members.get_mut(&new) {
            member.park_join(reply, fx);
        }
        self.rebalance(now, fx);
    }

    /// Returns the answer to a join of a member of the current generation.
    pub(super) fn membership(&self, id: &MemberId) -> Joined {
        let leader = self.leader.clone().unwrap_or_else(|| id.clone());
        let peer = |member: &Member| Peer {
            member: member.id.clone(),
            instance: member.instance.clone(),
            metadata: member.metadata(self.protocol.as_ref()),
        };
        Joined {
            member: id.clone(),
            generation: self.generation,
            protocol_type: self.protocol_type.clone(),
            protocol: self.protocol.clone(),
            members: if leader == *id {
                self.members.values().map(peer).collect()
            } else {
                Vec::new()
            },
            leader,
            skip_assignment: false,
        }
    }
}
