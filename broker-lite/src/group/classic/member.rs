//! One member of a classic group.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::request::{AssignorProtocol, Client, JoinRequest};
use super::response::{Joined, Synced};
use crate::group::error::GroupError;
use crate::group::ids::{InstanceId, MemberId};
use crate::group::reply::{Effects, Reply};

/// Longest wait of a first join. Its client does not know its member id yet, so it can't send
/// heartbeats that would show it alive.
const NEW_MEMBER_JOIN_TIMEOUT: Duration = Duration::from_mins(5);

#[derive(Debug)]
pub(super) struct Member {
    pub(super) id: MemberId,
    pub(super) instance: Option<InstanceId>,
    pub(super) client: Client,
    pub(super) session_timeout: Duration,
    pub(super) rebalance_timeout: Duration,
    pub(super) protocols: Vec<AssignorProtocol>,
    pub(super) assignment: Bytes,
    pub(super) parked: Parked,
    pub(super) tenure: Tenure,
    /// Whether it has asked for its assignment in this generation.
    pub(super) has_synced: bool,
    /// When its session ends. See [`Member::expiry`] for when that counts.
    pub(super) expires: Instant,
}

/// A request that waits for the other members, with the place for its answer.
#[derive(Debug, Default)]
pub(super) enum Parked {
    #[default]
    Nothing,
    Join(Reply<Joined>),
    Sync(Reply<Synced>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tenure {
    /// The first join is not answered yet.
    New,
    Settled,
}

impl Member {
    /// Returns a member whose first join waits.
    pub(super) fn new(id: MemberId, reply: Reply<Joined>, join: JoinRequest, now: Instant) -> Self {
        Self {
            id,
            instance: join.caller.instance,
            client: join.client,
            session_timeout: join.session_timeout,
            rebalance_timeout: join.rebalance_timeout,
            protocols: join.protocols,
            assignment: Bytes::new(),
            parked: Parked::Join(reply),
            tenure: Tenure::New,
            has_synced: false,
            expires: now + NEW_MEMBER_JOIN_TIMEOUT,
        }
    }

    /// Updates what a member says about itself with each join.
    pub(super) fn update(&mut self, join: JoinRequest) {
        self.client = join.client;
        self.session_timeout = join.session_timeout;
        self.rebalance_timeout = join.rebalance_timeout;
        self.protocols = join.protocols;
    }

    /// Has a join wait for the other members.
    pub(super) fn park_join(&mut self, reply: Reply<Joined>, fx: &mut Effects) {
        // A client sends one request at a time, so an older one came on a connection that is lost.
        self.dismiss(&GroupError::RebalanceInProgress, fx);
        self.parked = Parked::Join(reply);
    }

    /// Has a sync wait for the leader's assignment.
    pub(super) fn park_sync(&mut self, reply: Reply<Synced>, fx: &mut Effects) {
        self.dismiss(&GroupError::RebalanceInProgress, fx);
        self.parked = Parked::Sync(reply);
        self.has_synced = true;
    }

    /// Refuses the request that waits, if any.
    pub(super) fn dismiss(&mut self, error: &GroupError, fx: &mut Effects) {
        match std::mem::take(&mut self.parked) {
            Parked::Nothing => {}
            Parked::Join(reply) => fx.answer(reply, Err(error.clone())),
            Parked::Sync(reply) => fx.answer(reply, Err(error.clone())),
        }
    }

    /// Returns the reply of a join that waits.
    pub(super) fn take_join(&mut self) -> Option<Reply<Joined>> {
        match std::mem::take(&mut self.parked) {
            Parked::Join(reply) => Some(reply),
            other @ (Parked::Nothing | Parked::Sync(_)) => {
                self.parked = other;
                None
            }
        }
    }

    /// Returns the reply of a sync that waits.
    pub(super) fn take_sync(&mut self) -> Option<Reply<Synced>> {
        match std::mem::take(&mut self.parked) {
            Parked::Sync(reply) => Some(reply),
            other @ (Parked::Nothing | Parked::Join(_)) => {
                self.parked = other;
                None
            }
        }
    }

    pub(super) fn is_joining(&self) -> bool {
        matches!(self.parked, Parked::Join(_))
    }

    /// Starts the session over.
    pub(super) fn renew(&mut self, now: Instant) {
        self.expires = now + self.session_timeout;
    }

    /// Returns when the session ends; `None` while a request of the member waits here, since
    /// clients send no heartbeats meanwhile.
    pub(super) fn expiry(&self) -> Option<Instant> {
        match (self.tenure, &self.parked) {
            (Tenure::New, _) | (Tenure::Settled, Parked::Nothing) => Some(self.expires),
            (Tenure::Settled, Parked::Join(_) | Parked::Sync(_)) => None,
        }
    }

    pub(super) fn is_expired(&self, now: Instant) -> bool {
        self.expiry().is_some_and(|at| at <= now)
    }

    /// Returns the metadata that it sent for this assignor.
    pub(super) fn metadata(&self, name: Option<&Arc<str>>) -> Bytes {
        self.protocols
            .iter()
            .find(|protocol| Some(&protocol.name) == name)
            .map_or_else(Bytes::new, |protocol| protocol.metadata.clone())
    }
}
