//! LeaveGroup, key 13, versions 0-5.
//!
//! *Behaviour.* Removes members from the group, which starts a rebalance of the others. A static
//! member is removed by its instance id alone.
//!
//! *Versions.* 1: throttle time. 3: several members, each with an answer of its own (KIP-345). 4:
//! flexible. 5: the client's reason (KIP-800).

use std::ops::RangeInclusive;

use super::{caller, named_group};
use crate::api::context::{Call, GroupsContext};
use crate::api::error::Coded;
use crate::api::{Api, NoReply};
use crate::group::GroupError;
use crate::wire::ErrorCode;
use crate::wire::messages::leave_group_request::{LeaveGroupRequestData, MemberIdentity};
use crate::wire::messages::leave_group_response::{LeaveGroupResponseData, MemberResponse};

/// See the head of this file.
#[derive(Debug)]
pub(crate) struct LeaveGroup;

impl Api for LeaveGroup {
    const KEY: i16 = 13;
    const NAME: &'static str = "LeaveGroup";
    const VERSIONS: RangeInclusive<i16> = 0..=5;

    type Context = GroupsContext;
    type Request = LeaveGroupRequestData;
    type Response = LeaveGroupResponseData;

    async fn handle(
        context: &GroupsContext,
        call: &mut Call<'_>,
        request: LeaveGroupRequestData,
    ) -> Result<LeaveGroupResponseData, NoReply> {
        let is_single = call.version < 3;
        let members = if is_single {
            vec![MemberIdentity::default().with_member_id(request.member_id)]
        } else {
            request.members
        };
        let leavers = members
            .iter()
            .map(|one| caller(&one.member_id, one.group_instance_id.as_ref()))
            .collect();
        let answer = match named_group(&request.group_id) {
            Ok(group) => context.groups.leave(group, leavers).await,
            Err(error) => Err(error),
        };
        let response = LeaveGroupResponseData::default();
        Ok(match answer {
            Err(error) => response.with_error_code(error.code().code()),
            Ok(rows) if is_single => {
                response.with_error_code(rows.first().map_or(ErrorCode::None, code).code())
            }
            Ok(rows) => response.with_members(
                members
                    .into_iter()
                    .zip(&rows)
                    .map(|(one, row)| gone(one, row))
                    .collect(),
            ),
        })
    }
}

fn gone(member: MemberIdentity, row: &Result<(), GroupError>) -> MemberResponse {
    MemberResponse::default()
        .with_member_id(member.member_id)
        .with_group_instance_id(member.group_instance_id)
        .with_error_code(code(row).code())
}

fn code(row: &Result<(), GroupError>) -> ErrorCode {
    row.as_ref().map_or_else(Coded::code, |()| ErrorCode::None)
}
