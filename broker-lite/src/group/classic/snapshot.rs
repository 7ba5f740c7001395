//! The part of a group that survives a restart of the broker: the last generation that was
//! assigned.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::machine::{Assigned, ClassicGroup, Phase};
use super::member::{Member, Parked, Tenure};
use super::request::{AssignorProtocol, Client};
use crate::config::GroupSettings;
use crate::group::ids::{Generation, InstanceId, MemberId};

/// A stable or empty group, as it is saved in Kafka's `GroupMetadataValue`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Snapshot {
    pub(crate) protocol_type: Option<Arc<str>>,
    pub(crate) generation: Generation,
    pub(crate) protocol: Option<Arc<str>>,
    pub(crate) leader: Option<MemberId>,
    pub(crate) members: Vec<SavedMember>,
}

/// A member of a saved group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SavedMember {
    pub(crate) member: MemberId,
    pub(crate) instance: Option<InstanceId>,
    pub(crate) client: Client,
    pub(crate) session_timeout: Duration,
    pub(crate) rebalance_timeout: Duration,
    /// The member's metadata for the elected protocol; that for others is not saved.
    pub(crate) subscription: Bytes,
    pub(crate) assignment: Bytes,
}

impl ClassicGroup {
    /// Returns the state to save.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let saved = |member: &Member| SavedMember {
            member: member.id.clone(),
            instance: member.instance.clone(),
            client: member.client.clone(),
            session_timeout: member.session_timeout,
            rebalance_timeout: member.rebalance_timeout,
            subscription: member.metadata(self.protocol.as_ref()),
            assignment: member.assignment.clone(),
        };
        Snapshot {
            protocol_type: self.protocol_type.clone(),
            generation: self.generation,
            protocol: self.protocol.clone(),
            leader: self.leader.clone(),
            members: self.members.values().map(saved).collect(),
        }
    }

    /// Restores a saved group. Each member has a whole session timeout for its next request.
    pub(crate) fn restore(saved: Snapshot, settings: GroupSettings, now: Instant) -> Self {
        let mut group = Self::new(settings);
        if !saved.members.is_empty() {
            group.phase = Phase::Stable(Assigned::default());
        }
        for member in saved.members {
            if let Some(instance) = &member.instance {
                group
                    .statics
                    .insert(instance.clone(), member.member.clone());
            }
            let protocol = saved.protocol.clone().map(|name| AssignorProtocol {
                name,
                metadata: member.subscription,
            });
            group.members.insert(
                member.member.clone(),
                Member {
                    id: member.member,
                    instance: member.instance,
                    client: member.client,
                    session_timeout: member.session_timeout,
                    rebalance_timeout: member.rebalance_timeout,
                    protocols: protocol.into_iter().collect(),
                    assignment: member.assignment,
                    parked: Parked::Nothing,
                    tenure: Tenure::Settled,
                    has_synced: true,
                    expires: now + member.session_timeout,
                },
            );
        }
        group.generation = saved.generation;
        group.protocol_type = saved.protocol_type;
        group.protocol = saved.protocol;
        group.leader = saved.leader;
        group
    }
}
