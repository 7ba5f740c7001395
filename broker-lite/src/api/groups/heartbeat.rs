//! Heartbeat, key 12, versions 0-4.
//!
//! *Behaviour.* Renews a member's session, also during a rebalance, which is reported with
//! REBALANCE_IN_PROGRESS.
//!
//! *Versions.* 1: throttle time. 3: static members (KIP-345). 4: flexible.

use std::ops::RangeInclusive;

use super::{caller, named_group};
use crate::api::context::{Call, GroupsContext};
use crate::api::error::Coded;
use crate::api::{Api, NoReply};
use crate::group::Generation;
use crate::wire::messages::heartbeat_request::HeartbeatRequestData;
use crate::wire::messages::heartbeat_response::HeartbeatResponseData;

/// See the head of this file.
#[derive(Debug)]
pub(crate) struct Heartbeat;

impl Api for Heartbeat {
    const KEY: i16 = 12;
    const NAME: &'static str = "Heartbeat";
    const VERSIONS: RangeInclusive<i16> = 0..=4;

    type Context = GroupsContext;
    type Request = HeartbeatRequestData;
    type Response = HeartbeatResponseData;

    async fn handle(
        context: &GroupsContext,
        _call: &mut Call<'_>,
        request: HeartbeatRequestData,
    ) -> Result<HeartbeatResponseData, NoReply> {
        let caller = caller(&request.member_id, request.group_instance_id.as_ref());
        let answer = match named_group(&request.group_id) {
            Ok(group) => {
                context
                    .groups
                    .heartbeat(group, Generation(request.generation_id), caller)
                    .await
            }
            Err(error) => Err(error),
        };
        let response = HeartbeatResponseData::default();
        Ok(match answer {
            Ok(()) => response,
            Err(error) => response.with_error_code(error.code().code()),
        })
    }
}
