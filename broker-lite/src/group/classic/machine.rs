//! The state of one group, its entry points, and the checks that every request passes.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::arrivals::Arrivals;
use super::member::Member;
use super::request::{Caller, Request};
use crate::config::GroupSettings;
use crate::group::error::GroupError;
use crate::group::ids::{Generation, InstanceId, MemberId};
use crate::group::reply::Effects;

/// One classic consumer group. Owned by one shard; nothing is shared.
#[derive(Debug)]
pub(crate) struct ClassicGroup {
    pub(super) settings: GroupSettings,
    pub(super) phase: Phase,
    pub(super) generation: Generation,
    /// Of the members, or of those who were here last.
    pub(super) protocol_type: Option<Arc<str>>,
    /// The assignor this generation elected.
    pub(super) protocol: Option<Arc<str>>,
    pub(super) leader: Option<MemberId>,
    pub(super) members: BTreeMap<MemberId, Member>,
    pub(super) statics: HashMap<InstanceId, MemberId>,
    /// Clients that were given a member id and have to join with it, until the time beside it.
    pub(super) pending: BTreeMap<MemberId, Instant>,
    /// Clients that looked up the coordinator while the group had no members.
    pub(super) arrivals: Arrivals,
}

/// The group's place in a rebalance, with the state of that place.
#[derive(Debug)]
pub(super) enum Phase {
    /// No members.
    Empty,
    /// Kafka's `PreparingRebalance`: members join.
    Joining(Barrier),
    /// Kafka's `CompletingRebalance`: the leader assigns. Members that have not sent their sync by
    /// `until` are removed.
    Syncing { until: Instant },
    /// Assigned.
    Stable(Assigned),
}

/// The work that is left for an assignment.
#[derive(Debug, Default)]
pub(super) struct Assigned {
    /// When members that have not sent their sync are removed; `None` once all have.
    pub(super) stragglers_until: Option<Instant>,
    /// When the second round of a cooperative rebalance should have begun. Set while members have
    /// partitions to give up.
    pub(super) next_round_by: Option<Instant>,
}

/// The condition that a join waits for.
#[derive(Debug)]
pub(super) struct Barrier {
    /// When the round ends with the members that have joined.
    pub(super) until: Instant,
    pub(super) round: Round,
}

/// The kinds of joining rounds.
#[derive(Debug)]
pub(super) enum Round {
    /// The first of an empty group, which waits for clients that are about to join.
    First,
    /// The first of an empty group with an initial delay: it ends by time only.
    Delayed(InitialDelay),
    /// Any other, which waits for the members of the last generation.
    Later,
}

/// `group.initial.rebalance.delay.ms`: extended while members keep coming, up to the rebalance
/// timeout.
#[derive(Debug)]
pub(super) struct InitialDelay {
    pub(super) left: Duration,
    pub(super) has_grown: bool,
}

impl ClassicGroup {
    /// Returns a group that nobody has joined yet.
    pub(crate) fn new(settings: GroupSettings) -> Self {
        Self {
            settings,
            phase: Phase::Empty,
            generation: Generation(0),
            protocol_type: None,
            protocol: None,
            leader: None,
            members: BTreeMap::new(),
            statics: HashMap::new(),
            pending: BTreeMap::new(),
            arrivals: Arrivals::default(),
        }
    }

    /// Handles one request. Those that wait for other members are answered in the effects of a
    /// later call.
    pub(crate) fn on(&mut self, request: Request, now: Instant) -> Effects {
        let mut fx = Effects::default();
        match request {
            Request::Announce(client) => self.announce(&client, now),
            Request::Join(join, reply) => self.join(*join, reply, now, &mut fx),
            Request::Sync(sync, reply) => self.sync(sync, reply, now, &mut fx),
            Request::Heartbeat(generation, caller, reply) => {
                fx.answer(reply, self.heartbeat(generation, &caller, now));
            }
            Request::Leave(leavers, reply) => self.leave(&leavers, reply, now, &mut fx),
        }
        fx
    }

    /// Handles what is due by now. To be called at [`ClassicGroup::deadline`].
    pub(crate) fn tick(&mut self, now: Instant) -> Effects {
        let mut fx = Effects::default();
        self.expire(now, &mut fx);
        fx
    }

    /// Returns when the next timeout is due.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let phase = match &self.phase {
            Phase::Empty => None,
            Phase::Joining(barrier) => Some(barrier.until),
            Phase::Syncing { until } => Some(*until),
            Phase::Stable(Assigned {
                stragglers_until,
                next_round_by,
            }) => stragglers_until.iter().chain(next_round_by).min().copied(),
        };
        let members = self.members.values().filter_map(Member::expiry);
        let arrivals = self.arrivals.deadline();
        members
            .chain(self.pending.values().copied())
            .chain(phase)
            .chain(arrivals)
            .min()
    }

    /// Whether a member may commit offsets; a commit is a sign of life like a heartbeat.
    ///
    /// # Errors
    /// A client outside the group (generation -1, no member) may commit only while the group is
    /// empty. A member must be of this generation, and gets [`GroupError::RebalanceInProgress`]
    /// before its assignment is decided.
    pub(crate) fn check_commit(
        &mut self,
        generation: Generation,
        caller: &Caller,
        now: Instant,
    ) -> Result<(), GroupError> {
        if !generation.is_some() && matches!(self.phase, Phase::Empty) {
            return Ok(());
        }
        self.check_member(caller)?;
        self.check_generation(generation)?;
        if let Some(member) = self.members.get_mut(&caller.member) {
            member.renew(now);
        }
        match self.phase {
            Phase::Syncing { .. } => Err(GroupError::RebalanceInProgress),
            Phase::Empty | Phase::Joining(_) | Phase::Stable(_) => Ok(()),
        }
    }

    /// Whether the group is as new: no member now, and no generation before.
    pub(crate) fn is_untouched(&self) -> bool {
        self.is_empty() && !self.awaits_clients() && self.generation == Generation(0)
    }

    /// Whether the group has no members.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self.phase, Phase::Empty)
    }

    /// Whether a client is about to join the group.
    pub(crate) fn awaits_clients(&self) -> bool {
        !self.pending.is_empty() || self.arrivals.deadline().is_some()
    }

    /// Returns the present generation; 0 before the first.
    pub(crate) const fn generation(&self) -> Generation {
        self.generation
    }

    /// Returns the number of members.
    pub(crate) fn size(&self) -> usize {
        self.members.len()
    }

    /// Returns the protocol type of the members, or of the last ones. Groups that only store
    /// offsets have none.
    pub(crate) fn protocol_type(&self) -> Option<&Arc<str>> {
        self.protocol_type.as_ref()
    }

    pub(super) fn check_member(&self, caller: &Caller) -> Result<(), GroupError> {
        // The instance comes first: a process whose place another one took is told that it is
        // fenced, which is final. "Unknown member" would make it join again and take the place back.
        if let Some(instance) = &caller.instance {
            match self.statics.get(instance) {
                None => return Err(GroupError::UnknownMember),
                Some(holder) if *holder != caller.member => return Err(GroupError::FencedInstance),
                Some(_) => {}
            }
        }
        if self.members.contains_key(&caller.member) {
            Ok(())
        } else {
            Err(GroupError::UnknownMember)
        }
    }

    pub(super) fn check_generation(&self, generation: Generation) -> Result<(), GroupError> {
        if generation == self.generation {
            Ok(())
        } else {
            Err(GroupError::IllegalGeneration)
        }
    }

    /// Returns the longest rebalance timeout of any member.
    pub(super) fn rebalance_timeout(&self) -> Duration {
        self.members
            .values()
            .map(|member| member.rebalance_timeout)
            .max()
            .unwrap_or_default()
    }
}
