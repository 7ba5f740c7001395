//! SyncGroup, key 14, versions 0-5.
//!
//! *Behaviour.* The leader sends the assignments of all members, and each member gets its own. A
//! follower's answer waits for the leader. A member without an assignment gets zero bytes.
//!
//! *Versions.* 1: throttle time. 3: static members (KIP-345). 4: flexible. 5: protocol type and
//! name, which must be those of the JoinGroup response (KIP-559).

use std::ops::RangeInclusive;
use std::sync::Arc;

use bytes::Bytes;

use super::{caller, named_group};
use crate::api::context::{Call, GroupsContext};
use crate::api::error::Coded;
use crate::api::{Api, NoReply};
use crate::group::{Generation, GroupError, MemberId, SyncRequest};
use crate::wire::messages::sync_group_request::SyncGroupRequestData;
use crate::wire::messages::sync_group_response::SyncGroupResponseData;
use crate::wire::{KafkaString, text};

/// See the head of this file.
#[derive(Debug)]
pub(crate) struct SyncGroup;

impl Api for SyncGroup {
    const KEY: i16 = 14;
    const NAME: &'static str = "SyncGroup";
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const WAITS: bool = true;

    type Context = GroupsContext;
    type Request = SyncGroupRequestData;
    type Response = SyncGroupResponseData;

    async fn handle(
        context: &GroupsContext,
        call: &mut Call<'_>,
        request: SyncGroupRequestData,
    ) -> Result<SyncGroupResponseData, NoReply> {
        let is_complete = request.protocol_type.is_some() && request.protocol_name.is_some();
        let answer = match named_group(&request.group_id) {
            Ok(_) if call.version >= 5 && !is_complete => Err(GroupError::InconsistentProtocol),
            Ok(group) => context.groups.sync(group, sync(&request)).await,
            Err(error) => Err(error),
        };
        let response = SyncGroupResponseData::default();
        Ok(match answer {
            Err(error) => response.with_error_code(error.code().code()),
            Ok(synced) => {
                let response = response.with_assignment(synced.assignment);
                if call.version < 5 {
                    return Ok(response);
                }
                response
                    .with_protocol_type(synced.protocol_type.as_deref().map(text))
                    .with_protocol_name(synced.protocol.as_deref().map(text))
            }
        })
    }
}

fn sync(request: &SyncGroupRequestData) -> SyncRequest {
    let name = |text: &Option<KafkaString>| text.as_ref().map(|text| Arc::from(text.as_str()));
    SyncRequest {
        caller: caller(&request.member_id, request.group_instance_id.as_ref()),
        generation: Generation(request.generation_id),
        protocol_type: name(&request.protocol_type),
        protocol: name(&request.protocol_name),
        // Copied, because a slice would keep the whole frame in memory.
        assignments: request
            .assignments
            .iter()
            .map(|one| {
                (
                    MemberId::from(one.member_id.as_str()),
                    Bytes::copy_from_slice(&one.assignment),
                )
            })
            .collect(),
    }
}
