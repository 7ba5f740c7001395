//! The codec crate's messages.
//!
//! Each API key has one row below: its request can be decoded, its response encoded.

use bytes::Bytes;
pub(crate) use kacrab_protocol::generated::ErrorCode;
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

macro_rules! messages {
    ($($request:ident :: $Request:ident => $response:ident :: $Response:ident),+ $(,)?) => {$(
        pub(crate) use kacrab_protocol::generated::{$request, $response};

        impl Decode for $request::$Request {
            fn decode(body: &mut Bytes, version: i16) -> Result<Self, WireError> {
                Ok(Self::read(body, version)?)
            }
        }

        impl Encode for $response::$Response {
            fn encode(&self, reply: &mut Reply, version: i16) -> Result<(), WireError> {
                Ok(self.write(reply.buf(), version)?)
            }
        }
    )+};
}

messages![
    api_versions_request::ApiVersionsRequestData => api_versions_response::ApiVersionsResponseData,
    create_topics_request::CreateTopicsRequestData => create_topics_response::CreateTopicsResponseData,
    delete_topics_request::DeleteTopicsRequestData => delete_topics_response::DeleteTopicsResponseData,
    describe_configs_request::DescribeConfigsRequestData => describe_configs_response::DescribeConfigsResponseData,
    find_coordinator_request::FindCoordinatorRequestData => find_coordinator_response::FindCoordinatorResponseData,
    heartbeat_request::HeartbeatRequestData => heartbeat_response::HeartbeatResponseData,
    init_producer_id_request::InitProducerIdRequestData => init_producer_id_response::InitProducerIdResponseData,
    join_group_request::JoinGroupRequestData => join_group_response::JoinGroupResponseData,
    leave_group_request::LeaveGroupRequestData => leave_group_response::LeaveGroupResponseData,
    list_offsets_request::ListOffsetsRequestData => list_offsets_response::ListOffsetsResponseData,
    metadata_request::MetadataRequestData => metadata_response::MetadataResponseData,
    offset_commit_request::OffsetCommitRequestData => offset_commit_response::OffsetCommitResponseData,
    offset_fetch_request::OffsetFetchRequestData => offset_fetch_response::OffsetFetchResponseData,
    offset_for_leader_epoch_request::OffsetForLeaderEpochRequestData => offset_for_leader_epoch_response::OffsetForLeaderEpochResponseData,
    sync_group_request::SyncGroupRequestData => sync_group_response::SyncGroupResponseData,
];
