//! JoinGroup, key 11, versions 0-9.
//!
//! *Behaviour.* Makes the client a member of the group's next generation. The answer waits until
//! all members have joined or the longest rebalance timeout is over. One member becomes the leader
//! and gets the subscriptions of all.
//!
//! *Versions.* 1: a rebalance timeout apart from the session timeout (KIP-62). 2: throttle time. 4:
//! a new member gets an id and joins again with it (KIP-394). 5: static members (KIP-345). 6:
//! flexible. 7: the protocol type comes back (KIP-559). 8: the client's reason (KIP-800). 9: a
//! returning leader may skip the assignment (KIP-814).

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::{MAX_NAME_BYTES, caller, named_group};
use crate::api::context::{Call, GroupsContext};
use crate::api::error::Coded;
use crate::api::{Api, NoReply};
use crate::group::{
    AssignorProtocol, Client, FirstJoin, GroupError, JoinRequest, Joined, LeaderReturn, MemberId,
    Peer,
};
use crate::wire::messages::join_group_request::JoinGroupRequestData;
use crate::wire::messages::join_group_response::{JoinGroupResponseData, JoinGroupResponseMember};
use crate::wire::{KafkaString, text};

/// See the head of this file.
#[derive(Debug)]
pub(crate) struct JoinGroup;

impl Api for JoinGroup {
    const KEY: i16 = 11;
    const NAME: &'static str = "JoinGroup";
    const VERSIONS: RangeInclusive<i16> = 0..=9;
    const WAITS: bool = true;
    /// A member's metadata is kept as long as its membership; Kafka holds it to the size of one
    /// record.
    const MAX_BODY_BYTES: usize = 1024 * 1024;

    type Context = GroupsContext;
    type Request = JoinGroupRequestData;
    type Response = JoinGroupResponseData;

    async fn handle(
        context: &GroupsContext,
        call: &mut Call<'_>,
        request: JoinGroupRequestData,
    ) -> Result<JoinGroupResponseData, NoReply> {
        let member = request.member_id.clone();
        let group = check_names(&request).and_then(|()| named_group(&request.group_id));
        let answer = match group {
            Ok(group) => context.groups.join(group, join(call, request)).await,
            Err(error) => Err(error),
        };
        Ok(match answer {
            Ok(joined) => accepted(call.version, &joined),
            Err(error) => refused(call.version, member, &error),
        })
    }
}

/// Checks that the names fit into `__consumer_offsets`: cut ones would be other names after a
/// restart.
fn check_names(request: &JoinGroupRequestData) -> Result<(), GroupError> {
    let protocols = request.protocols.iter().map(|protocol| &protocol.name);
    let mut names = protocols
        .chain([&request.protocol_type])
        .chain(&request.group_instance_id);
    if names.all(|name| name.len() <= MAX_NAME_BYTES) {
        Ok(())
    } else {
        Err(GroupError::NameTooLong)
    }
}

fn join(call: &Call<'_>, request: JoinGroupRequestData) -> JoinRequest {
    let client_id = call.client_id.as_ref().map_or("", KafkaString::as_str);
    let session_timeout = millis(request.session_timeout_ms);
    // Copied, because a slice would keep the whole frame in memory.
    let protocol = |name: &KafkaString, metadata: &Bytes| AssignorProtocol {
        name: Arc::from(name.as_str()),
        metadata: Bytes::copy_from_slice(metadata),
    };
    JoinRequest {
        fresh: MemberId::generate(
            request
                .group_instance_id
                .as_ref()
                .map_or(client_id, KafkaString::as_str),
        ),
        caller: caller(&request.member_id, request.group_instance_id.as_ref()),
        client: Client {
            id: Arc::from(client_id),
            host: Arc::from(format!("/{}", call.session.peer.ip())),
        },
        session_timeout,
        rebalance_timeout: if call.version >= 1 {
            millis(request.rebalance_timeout_ms)
        } else {
            session_timeout
        },
        protocol_type: Arc::from(request.protocol_type.as_str()),
        protocols: request
            .protocols
            .iter()
            .map(|one| protocol(&one.name, &one.metadata))
            .collect(),
        first_join: if call.version >= 4 {
            FirstJoin::HandOutId
        } else {
            FirstJoin::Admit
        },
        leader_return: if call.version >= 9 {
            LeaderReturn::SkipAssignment
        } else {
            LeaderReturn::PoseAsFollower
        },
    }
}

/// Returns a span of milliseconds; a negative one is zero.
fn millis(millis: i32) -> Duration {
    Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}

fn accepted(version: i16, joined: &Joined) -> JoinGroupResponseData {
    let member = |peer: &Peer| {
        let member = JoinGroupResponseMember::default()
            .with_member_id(text(peer.member.as_str()))
            .with_metadata(peer.metadata.clone());
        match &peer.instance {
            Some(instance) if version >= 5 => {
                member.with_group_instance_id(Some(text(instance.as_str())))
            }
            Some(_) | None => member,
        }
    };
    let response = JoinGroupResponseData::default()
        .with_generation_id(joined.generation.0)
        .with_protocol_name(Some(text(joined.protocol.as_deref().unwrap_or_default())))
        .with_leader(text(joined.leader.as_str()))
        .with_skip_assignment(joined.skip_assignment)
        .with_member_id(text(joined.member.as_str()))
        .with_members(joined.members.iter().map(member).collect());
    if version >= 7 {
        response.with_protocol_type(joined.protocol_type.as_deref().map(text))
    } else {
        response
    }
}

fn refused(version: i16, member: KafkaString, error: &GroupError) -> JoinGroupResponseData {
    let member = if let GroupError::MemberIdRequired(id) = error {
        text(id.as_str())
    } else {
        member
    };
    JoinGroupResponseData::default()
        .with_error_code(error.code().code())
        .with_generation_id(-1)
        // Before version 7 the name can't be null.
        .with_protocol_name(if version >= 7 {
            None
        } else {
            Some(KafkaString::default())
        })
        .with_member_id(member)
}
