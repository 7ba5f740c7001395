//! One round of joining: how it starts, when it is over, and what it decides.

use std::time::{Duration, Instant};

use super::arrivals::ARRIVAL_TIMEOUT;
use super::machine::{Barrier, ClassicGroup, InitialDelay, Phase, Round};
use super::member::{Member, Parked, Tenure};
use super::protocol_election;
use crate::group::error::GroupError;
use crate::group::reply::Effects;

/// The shortest wait of a round that nobody has joined, whatever timeout its members ask for.
const MIN_REBALANCE_WAIT: Duration = Duration::from_secs(1);

impl ClassicGroup {
    /// Starts a round unless one is running, and ends it if everyone is there.
    pub(super) fn rebalance(&mut self, now: Instant, fx: &mut Effects) {
        if !matches!(self.phase, Phase::Joining(_)) {
            // The generation is over: its assignment would be of no use to those who wait for it.
            for member in self.members.values_mut() {
                if matches!(member.parked, Parked::Sync(_)) {
                    member.dismiss(&GroupError::RebalanceInProgress, fx);
                    // While it waited for the leader its session did not count.
                    member.renew(now);
                }
            }
            self.phase = Phase::Joining(self.barrier(now));
        }
        self.complete_if_joined(now, fx);
    }

    /// Ends the round if nobody is missing.
    pub(super) fn complete_if_joined(&mut self, now: Instant, fx: &mut Effects) {
        let is_anyone_coming = match &self.phase {
            Phase::Joining(Barrier {
                round: Round::First,
                ..
            }) => self.awaits_clients(),
            Phase::Joining(Barrier {
                round: Round::Later,
                ..
            }) => !self.pending.is_empty(),
            Phase::Joining(_) | Phase::Empty | Phase::Syncing { .. } | Phase::Stable(_) => return,
        };
        if !is_anyone_coming && self.members.values().all(Member::is_joining) {
            self.complete_round(now, fx);
        }
    }

    /// Ends the round as its time is up. An initial delay is extended instead while members keep
    /// coming.
    pub(super) fn end_round(&mut self, now: Instant, fx: &mut Effects) {
        let delay = self.settings.initial_rebalance_delay;
        if let Phase::Joining(Barrier {
            until,
            round: Round::Delayed(initial),
        }) = &mut self.phase
            && std::mem::take(&mut initial.has_grown)
            && !initial.left.is_zero()
        {
            let extension = delay.min(initial.left);
            initial.left -= extension;
            *until = now + extension;
            return;
        }
        self.complete_round(now, fx);
    }

    /// Notes that a member came, which extends an initial delay.
    pub(super) fn note_growth(&mut self) {
        if let Phase::Joining(Barrier {
            round: Round::Delayed(initial),
            ..
        }) = &mut self.phase
        {
            initial.has_grown = true;
        }
    }

    fn barrier(&self, now: Instant) -> Barrier {
        let delay = self.settings.initial_rebalance_delay;
        let timeout = self.rebalance_timeout();
        match self.phase {
            Phase::Empty if delay.is_zero() => Barrier {
                // Clients that have looked up the coordinator are about to join, but no member waits
                // for them longer than it is willing to.
                until: now + ARRIVAL_TIMEOUT.min(timeout),
                round: Round::First,
            },
            Phase::Empty => {
                let initial = InitialDelay {
                    left: timeout.saturating_sub(delay),
                    has_grown: false,
                };
                Barrier {
                    until: now + delay,
                    round: Round::Delayed(initial),
                }
            }
            Phase::Joining(_) | Phase::Syncing { .. } | Phase::Stable(_) => Barrier {
                until: now + timeout,
                round: Round::Later,
            },
        }
    }

    fn complete_round(&mut self, now: Instant, fx: &mut Effects) {
        self.arrivals.clear();
        self.drop_absent_dynamic_members();
        if self.members.is_empty() {
            self.generation = self.generation.next();
            self.protocol = None;
            self.phase = Phase::Empty;
            fx.save = true;
            return;
        }
        if !self.elect_leader() {
            // Only static members are left, and none has joined. They are probably restarting, so
            // they keep their places until their sessions end.
            let pause = self.rebalance_timeout().max(MIN_REBALANCE_WAIT);
            self.phase = Phase::Joining(Barrier {
                until: now + pause,
                round: Round::Later,
            });
            return;
        }
        self.generation = self.generation.next();
        self.protocol = protocol_election::elect(&self.members);
        self.phase = Phase::Syncing {
            until: now + self.rebalance_timeout(),
        };
        self.answer_joins(now, fx);
    }

    /// Removes dynamic members that have not joined in time. Static members outlive a round that
    /// they miss, as their process may be restarting (KIP-345).
    fn drop_absent_dynamic_members(&mut self) {
        self.members
            .retain(|_, member| member.is_joining() || member.instance.is_some());
        if self
            .leader
            .as_ref()
            .is_some_and(|leader| !self.members.contains_key(leader))
        {
            self.leader = None;
        }
    }

    /// Keeps the leader if it has joined, and elects another otherwise. Returns whether there is
    /// one.
    fn elect_leader(&mut self) -> bool {
        let is_joining = |leader| {
            self.members
                .get(leader)
                .is_some_and(|member| member.is_joining())
        };
        if self.leader.as_ref().is_some_and(is_joining) {
            return true;
        }
        let Some(next) = self.members.values().find(|member| member.is_joining()) else {
            return false;
        };
        self.leader = Some(next.id.clone());
        true
    }

    fn answer_joins(&mut self, now: Instant, fx: &mut Effects) {
        let mut waiting = Vec::with_capacity(self.members.len());
        for member in self.members.values_mut() {
            member.has_synced = false;
            // While its join waited, no heartbeat was expected of it.
            member.renew(now);
            if let Some(reply) = member.take_join() {
                member.tenure = Tenure::Settled;
                waiting.push((reply, member.id.clone()));
            }
        }
        for (reply, id) in waiting {
            let answer = self.membership(&id);
            fx.answer(reply, Ok(answer));
        }
    }
}
