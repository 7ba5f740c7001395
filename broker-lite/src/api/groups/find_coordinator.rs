//! FindCoordinator, key 10, versions 0-6.
//!
//! *Behaviour.* Every group's coordinator is this broker. If `__consumer_offsets` does not exist
//! yet, it is created before the answer, so that no client has to ask again. A client that looks up
//! a group is likely to join it, so an empty group gives it a moment to do so.
//!
//! *Versions.* 1: key types, error messages, throttle time. 3: flexible. 4: many keys at once
//! (KIP-699). 5: newer error codes for transactions (KIP-890). 6: share groups (KIP-932).
//!
//! *Known gaps.* Transactions and share groups have no coordinator yet. The answer is
//! INVALID_REQUEST, since a client would repeat the request forever after a retriable error.

use std::ops::RangeInclusive;

use super::any_group;
use crate::api::context::{Call, GroupsContext, advertised};
use crate::api::error::Coded;
use crate::api::{Api, NoReply};
use crate::group::ArrivingClient;
use crate::types::GroupId;
use crate::wire::messages::find_coordinator_request::FindCoordinatorRequestData;
use crate::wire::messages::find_coordinator_response::{Coordinator, FindCoordinatorResponseData};
use crate::wire::{ErrorCode, KafkaString, text};

const GROUP: i8 = 0;

/// See the head of this file.
#[derive(Debug)]
pub(crate) struct FindCoordinator;

impl Api for FindCoordinator {
    const KEY: i16 = 10;
    const NAME: &'static str = "FindCoordinator";
    const VERSIONS: RangeInclusive<i16> = 0..=6;

    type Context = GroupsContext;
    type Request = FindCoordinatorRequestData;
    type Response = FindCoordinatorResponseData;

    async fn handle(
        context: &GroupsContext,
        call: &mut Call<'_>,
        request: FindCoordinatorRequestData,
    ) -> Result<FindCoordinatorResponseData, NoReply> {
        let is_single = call.version < 4 || request.coordinator_keys.len() == 1;
        let find = |key: KafkaString| match check(context, &key, request.key_type) {
            Ok(group) => {
                if is_single {
                    let id = call.client_id.as_ref().map_or("", KafkaString::as_str);
                    context.groups.announce(
                        group,
                        ArrivingClient {
                            id: id.into(),
                            from: call.session.peer,
                        },
                    );
                }
                found(context, call, key)
            }
            Err((code, message)) => not_found(key, code, message),
        };
        let response = FindCoordinatorResponseData::default();
        if call.version >= 4 {
            let coordinators = request.coordinator_keys.iter().cloned().map(find).collect();
            return Ok(response.with_coordinators(coordinators));
        }
        let Coordinator {
            node_id,
            host,
            port,
            error_code,
            error_message,
            ..
        } = find(request.key.clone());
        let response = response
            .with_node_id(node_id)
            .with_host(host)
            .with_port(port)
            .with_error_code(error_code);
        Ok(if call.version >= 1 {
            response.with_error_message(error_message)
        } else {
            response
        })
    }
}

fn check(
    context: &GroupsContext,
    key: &KafkaString,
    key_type: i8,
) -> Result<GroupId, (ErrorCode, String)> {
    if key_type != GROUP {
        return Err((
            ErrorCode::InvalidRequest,
            format!("only groups have a coordinator here, not key type {key_type}"),
        ));
    }
    let group = any_group(key).map_err(|error| (error.code(), error.to_string()))?;
    context.groups.prepare().map_err(|error| {
        // The log of the groups reports it, in fewer lines.
        tracing::debug!(%error, "groups can't be coordinated");
        (ErrorCode::CoordinatorNotAvailable, error.to_string())
    })?;
    Ok(group)
}

fn found(context: &GroupsContext, call: &Call<'_>, key: KafkaString) -> Coordinator {
    let (host, port) = advertised(&context.config, call.session);
    Coordinator::default()
        .with_key(key)
        .with_node_id(context.config.node.0)
        .with_host(text(host))
        .with_port(port.into())
}

fn not_found(key: KafkaString, code: ErrorCode, message: String) -> Coordinator {
    Coordinator::default()
        .with_key(key)
        .with_node_id(-1)
        .with_port(-1)
        .with_error_code(code.code())
        .with_error_message(Some(text(message)))
}
