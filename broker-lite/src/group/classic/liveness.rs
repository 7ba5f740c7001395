//! Heartbeats, departures and expired sessions.

use std::time::Instant;

use super::machine::{Assigned, ClassicGroup, Phase};
use super::request::{Caller, Leaver};
use crate::group::error::GroupError;
use crate::group::ids::{Generation, MemberId};
use crate::group::reply::{Effects, Reply};

/// The effect of a departure on the round that may be running.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Departure {
    Nobody,
    /// A client that was about to join.
    Pending,
    Member,
}

impl ClassicGroup {
    pub(super) fn heartbeat(
        &mut self,
        generation: Generation,
        caller: &Caller,
        now: Instant,
    ) -> Result<(), GroupError> {
        self.check_member(caller)?;
        self.check_generation(generation)?;
        if let Some(member) = self.members.get_mut(&caller.member) {
            member.renew(now);
        }
        match self.phase {
            Phase::Joining(_) => Err(GroupError::RebalanceInProgress),
            Phase::Empty | Phase::Syncing { .. } | Phase::Stable(_) => Ok(()),
        }
    }

    pub(super) fn leave(
        &mut self,
        leavers: &[Leaver],
        reply: Reply<Vec<Result<(), GroupError>>>,
        now: Instant,
        fx: &mut Effects,
    ) {
        let mut departed = Departure::Nobody;
        let mut rows = Vec::with_capacity(leavers.len());
        for leaver in leavers {
            let row = self.dismiss_leaver(leaver, fx);
            departed = departed.max(row.as_ref().map_or(Departure::Nobody, |one| *one));
            rows.push(row.map(|_| ()));
        }
        fx.answer(reply, Ok(rows));
        self.react_to(departed, now, fx);
    }

    /// Removes members whose sessions are over, then ends a phase whose time is up.
    pub(super) fn expire(&mut self, now: Instant, fx: &mut Effects) {
        let pending_before = self.pending.len();
        self.pending.retain(|_, until| *until > now);
        let some_stayed_away = self.arrivals.give_up(now) | (self.pending.len() < pending_before);
        let mut departed = if some_stayed_away {
            Departure::Pending
        } else {
            Departure::Nobody
        };

        // Members that have not fetched their assignment by then hold the others up: Kafka removes
        // them, too, even if their heartbeats go on.
        let has_no_time_left = match &self.phase {
            Phase::Syncing { until }
            | Phase::Stable(Assigned {
                stragglers_until: Some(until),
                ..
            }) => *until <= now,
            Phase::Empty
            | Phase::Joining(_)
            | Phase::Stable(Assigned {
                stragglers_until: None,
                ..
            }) => false,
        };
        let silent = self
            .members
            .values()
            .filter(|m| m.is_expired(now) || (has_no_time_left && !m.has_synced));
        for id in silent
            .map(|member| member.id.clone())
            .collect::<Vec<MemberId>>()
        {
            self.remove(&id, fx);
            departed = Departure::Member;
        }
        // Before held-back syncs are answered: a rebalance refuses them.
        self.react_to(departed, now, fx);
        self.stop_waiting_for_next_round(now, fx);

        if let Phase::Joining(barrier) = &self.phase
            && barrier.until <= now
        {
            self.end_round(now, fx);
        }
    }

    fn dismiss_leaver(
        &mut self,
        leaver: &Leaver,
        fx: &mut Effects,
    ) -> Result<Departure, GroupError> {
        if leaver.instance.is_none() && self.pending.remove(&leaver.member).is_some() {
            return Ok(Departure::Pending);
        }
        let id = match &leaver.instance {
            // An administrator knows static members by their instance ids only.
            Some(instance) if leaver.member.is_empty() => self
                .statics
                .get(instance)
                .cloned()
                .ok_or(GroupError::UnknownMember)?,
            Some(_) | None => {
                self.check_member(leaver)?;
                leaver.member.clone()
            }
        };
        self.remove(&id, fx);
        Ok(Departure::Member)
    }

    fn remove(&mut self, id: &MemberId, fx: &mut Effects) {
        let Some(mut member) = self.members.remove(id) else {
            return;
        };
        member.dismiss(&GroupError::UnknownMember, fx);
        if let Some(instance) = &member.instance {
            self.statics.remove(instance);
        }
        if self.leader.as_ref() == Some(id) {
            self.leader = self.members.keys().next().cloned();
        }
    }

    fn react_to(&mut self, departed: Departure, now: Instant, fx: &mut Effects) {
        match departed {
            Departure::Nobody => {}
            Departure::Pending => self.complete_if_joined(now, fx),
            Departure::Member => self.rebalance(now, fx),
        }
    }
}
