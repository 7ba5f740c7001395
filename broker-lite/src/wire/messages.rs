//! The codec crate's messages.
//!
//! Each message an API file uses is listed once; its two generated methods become our [`Decode`]
//! and [`Encode`].

use bytes::Bytes;
pub(crate) use kacrab_protocol::generated::{
    ErrorCode, api_versions_request, api_versions_response, create_topics_request,
    create_topics_response, delete_topics_request, delete_topics_response,
    describe_configs_request, describe_configs_response, find_coordinator_request,
    find_coordinator_response, heartbeat_request, heartbeat_response, init_producer_id_request,
    init_producer_id_response, join_group_request, join_group_response, leave_group_request,
    leave_group_response, list_offsets_request, list_offsets_response, metadata_request,
    metadata_response, offset_commit_request, offset_commit_response, offset_fetch_request,
    offset_fetch_response, offset_for_leader_epoch_request, offset_for_leader_epoch_response,
    sync_group_request, sync_group_response,
};
pub(crate) use kacrab_protocol::{KafkaString, KafkaUuid};

use super::{Decode, Encode, Reply, WireError};
use crate::types::TopicId;

/// A protocol string with this text.
pub(crate) fn text(text: impl Into<String>) -> KafkaString {
    KafkaString::from(text.into())
}

/// A topic's id as the protocol sends it.
pub(crate) fn uuid_of(id: TopicId) -> KafkaUuid {
    KafkaUuid::from_uuid(uuid::Uuid::from_bytes(id.to_bytes()))
}

/// The topic's id in a message, or `None` for the zero id, which names no topic.
pub(crate) fn topic_id(id: KafkaUuid) -> Option<TopicId> {
    TopicId::from_bytes(id.to_bytes())
}

macro_rules! requests {
    ($($module:ident :: $name:ident),+ $(,)?) => {$(
        impl Decode for $module::$name {
            fn decode(body: &mut Bytes, version: i16) -> Result<Self, WireError> {
                Ok(Self::read(body, version)?)
            }
        }
    )+};
}

macro_rules! responses {
    ($($module:ident :: $name:ident),+ $(,)?) => {$(
        impl Encode for $module::$name {
            fn encode(&self, reply: &mut Reply, version: i16) -> Result<(), WireError> {
                Ok(self.write(reply.buf(), version)?)
            }
        }
    )+};
}

requests![
    api_versions_request::ApiVersionsRequestData,
    create_topics_request::CreateTopicsRequestData,
    delete_topics_request::DeleteTopicsRequestData,
    describe_configs_request::DescribeConfigsRequestData,
    find_coordinator_request::FindCoordinatorRequestData,
    heartbeat_request::HeartbeatRequestData,
    init_producer_id_request::InitProducerIdRequestData,
    join_group_request::JoinGroupRequestData,
    leave_group_request::LeaveGroupRequestData,
    list_offsets_request::ListOffsetsRequestData,
    metadata_request::MetadataRequestData,
    offset_commit_request::OffsetCommitRequestData,
    offset_fetch_request::OffsetFetchRequestData,
    offset_for_leader_epoch_request::OffsetForLeaderEpochRequestData,
    sync_group_request::SyncGroupRequestData,
];

responses![
    api_versions_response::ApiVersionsResponseData,
    create_topics_response::CreateTopicsResponseData,
    delete_topics_response::DeleteTopicsResponseData,
    describe_configs_response::DescribeConfigsResponseData,
    find_coordinator_response::FindCoordinatorResponseData,
    heartbeat_response::HeartbeatResponseData,
    init_producer_id_response::InitProducerIdResponseData,
    join_group_response::JoinGroupResponseData,
    leave_group_response::LeaveGroupResponseData,
    list_offsets_response::ListOffsetsResponseData,
    metadata_response::MetadataResponseData,
    offset_commit_response::OffsetCommitResponseData,
    offset_fetch_response::OffsetFetchResponseData,
    offset_for_leader_epoch_response::OffsetForLeaderEpochResponseData,
    sync_group_response::SyncGroupResponseData,
];
