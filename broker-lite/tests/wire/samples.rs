//! One request for every key and version, with something in it, and the record batches that go
//! along.

use bytes::{Bytes, BytesMut};
use indexmap::IndexMap;
use kafka_protocol::messages::create_topics_request::CreatableTopic;
use kafka_protocol::messages::delete_topics_request::DeleteTopicState;
use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::fetch_request::{FetchPartition, FetchTopic};
use kafka_protocol::messages::join_group_request::JoinGroupRequestProtocol;
use kafka_protocol::messages::leave_group_request::MemberIdentity;
use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::offset_commit_request::{
    OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use kafka_protocol::messages::offset_fetch_request::{
    OffsetFetchRequestGroup, OffsetFetchRequestTopic, OffsetFetchRequestTopics,
};
use kafka_protocol::messages::offset_for_leader_epoch_request::{
    OffsetForLeaderPartition, OffsetForLeaderTopic,
};
use kafka_protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};
use kafka_protocol::messages::*;
use kafka_protocol::protocol::StrBytes;
use kafka_protocol::records::{
    Compression, Record, RecordBatchDecoder, RecordBatchEncoder, RecordEncodeOptions, TimestampType,
};
use uuid::Uuid;

/// A topic that is there.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) name: StrBytes,
    pub(crate) id: Uuid,
}

impl Known {
    /// The topic that an answer to [`name_and_id`] tells.
    pub(crate) fn found(answer: &ResponseKind) -> Self {
        let ResponseKind::Metadata(metadata) = answer else {
            panic!("{answer:?}")
        };
        let topic = &metadata.topics[0];
        assert_eq!(topic.error_code, 0, "{topic:?}");
        Self {
            name: topic.name.as_ref().unwrap().0.clone(),
            id: topic.topic_id,
        }
    }

    fn topic_name(&self, by_name: bool) -> TopicName {
        if by_name {
            TopicName(self.name.clone())
        } else {
            TopicName::default()
        }
    }
}

/// A question for a topic's id, and the version to ask it in.
pub(crate) fn name_and_id(topic: &str) -> (i16, RequestKind) {
    let topic = MetadataRequestTopic::default().with_name(Some(TopicName(text(topic))));
    (
        12,
        RequestKind::Metadata(MetadataRequest::default().with_topics(Some(vec![topic]))),
    )
}

pub(crate) fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

/// A batch of records with these values, as a producer writes it.
pub(crate) fn batch(values: &[&str], compression: Compression) -> Bytes {
    batch_of(
        values
            .iter()
            .map(|value| record(Some("key"), value))
            .collect(),
        compression,
    )
}

pub(crate) fn record(key: Option<&str>, value: &str) -> Record {
    Record {
        transactional: false,
        control: false,
        delete_horizon: false,
        partition_leader_epoch: -1,
        producer_id: -1,
        producer_epoch: -1,
        timestamp_type: TimestampType::Creation,
        offset: 0,
        sequence: -1,
        timestamp: 1_700_000_000_000,
        key: key.map(|key| Bytes::from(key.to_owned())),
        value: Some(Bytes::from(value.to_owned())),
        headers: IndexMap::new(),
    }
}

pub(crate) fn batch_of(mut records: Vec<Record>, compression: Compression) -> Bytes {
    for (offset, record) in (0..).zip(&mut records) {
        record.offset = offset;
        // The encoder begins a new batch wherever the numbers do not continue.
        record.sequence += i32::try_from(offset).unwrap();
    }
    let mut bytes = BytesMut::new();
    let options = RecordEncodeOptions {
        version: 2,
        compression,
    };
    RecordBatchEncoder::encode(&mut bytes, &records, &options).unwrap();
    bytes.freeze()
}

/// The values of all records in what a fetch brought.
pub(crate) fn values(records: Option<Bytes>) -> Vec<String> {
    let Some(mut records) = records.filter(|records| !records.is_empty()) else {
        return Vec::new();
    };
    let sets = RecordBatchDecoder::decode_all(&mut records).unwrap();
    let values = sets
        .into_iter()
        .flat_map(|set| set.records)
        .map(|record| record.value.unwrap_or_default());
    values
        .map(|value| String::from_utf8(value.to_vec()).unwrap())
        .collect()
}

pub(crate) fn produce(topic: &Known, version: i16, partition: i32, records: Bytes) -> RequestKind {
    let data = PartitionProduceData::default()
        .with_index(partition)
        .with_records(Some(records));
    let mut named = TopicProduceData::default().with_partition_data(vec![data]);
    named.name = topic.topic_name(version <= 12);
    named.topic_id = if version >= 13 { topic.id } else { Uuid::nil() };
    RequestKind::Produce(
        ProduceRequest::default()
            .with_acks(-1)
            .with_timeout_ms(1000)
            .with_topic_data(vec![named]),
    )
}

pub(crate) fn fetch_request(
    topic: &Known,
    version: i16,
    partition: i32,
    offset: i64,
) -> FetchRequest {
    let wanted = FetchPartition::default()
        .with_partition(partition)
        .with_current_leader_epoch(-1)
        .with_fetch_offset(offset)
        .with_partition_max_bytes(1 << 20);
    let mut named = FetchTopic::default().with_partitions(vec![wanted]);
    named.topic = topic.topic_name(version <= 12);
    named.topic_id = if version >= 13 { topic.id } else { Uuid::nil() };
    FetchRequest::default()
        .with_replica_id(BrokerId(-1))
        .with_min_bytes(1)
        .with_max_bytes(1 << 24)
        .with_topics(vec![named])
}

/// A request that makes the API do its work.
///
/// A key that is advertised and not listed here fails the matrix: it would be a promise that nobody
/// tests.
#[expect(clippy::too_many_lines, reason = "one arm for each key")]
pub(crate) fn sample(key: ApiKey, version: i16, topic: &Known) -> RequestKind {
    let name = || TopicName(topic.name.clone());
    let group = || GroupId(text("readers"));
    match key {
        ApiKey::Produce => produce(topic, version, 0, batch(&["matrix"], Compression::None)),
        ApiKey::Fetch => RequestKind::Fetch(fetch_request(topic, version, 1, 0)),
        ApiKey::ListOffsets => {
            let latest = ListOffsetsPartition::default()
                .with_partition_index(1)
                .with_timestamp(-1);
            let named = ListOffsetsTopic::default()
                .with_name(name())
                .with_partitions(vec![latest]);
            RequestKind::ListOffsets(
                ListOffsetsRequest::default()
                    .with_replica_id(BrokerId(-1))
                    .with_topics(vec![named]),
            )
        }
        ApiKey::Metadata => {
            let named = MetadataRequestTopic::default().with_name(Some(name()));
            RequestKind::Metadata(MetadataRequest::default().with_topics(Some(vec![named])))
        }
        ApiKey::OffsetCommit => offset_commit(topic),
        ApiKey::OffsetFetch => offset_fetch(version, topic),
        ApiKey::FindCoordinator if version >= 4 => RequestKind::FindCoordinator(
            FindCoordinatorRequest::default().with_coordinator_keys(vec![text("matrix")]),
        ),
        ApiKey::FindCoordinator => {
            RequestKind::FindCoordinator(FindCoordinatorRequest::default().with_key(text("matrix")))
        }
        ApiKey::JoinGroup => {
            let range = JoinGroupRequestProtocol::default()
                .with_name(text("range"))
                .with_metadata(Bytes::from_static(b"metadata"));
            let request = JoinGroupRequest::default()
                .with_group_id(GroupId(text(&format!("matrix-{version}"))))
                .with_session_timeout_ms(10_000)
                .with_protocol_type(text("consumer"))
                .with_protocols(vec![range]);
            RequestKind::JoinGroup(if version >= 1 {
                request.with_rebalance_timeout_ms(10_000)
            } else {
                request
            })
        }
        ApiKey::Heartbeat => RequestKind::Heartbeat(
            HeartbeatRequest::default()
                .with_group_id(group())
                .with_member_id(text("nobody")),
        ),
        ApiKey::LeaveGroup if version >= 3 => {
            let nobody = MemberIdentity::default().with_member_id(text("nobody"));
            RequestKind::LeaveGroup(
                LeaveGroupRequest::default()
                    .with_group_id(group())
                    .with_members(vec![nobody]),
            )
        }
        ApiKey::LeaveGroup => RequestKind::LeaveGroup(
            LeaveGroupRequest::default()
                .with_group_id(group())
                .with_member_id(text("nobody")),
        ),
        ApiKey::SyncGroup => {
            let request = SyncGroupRequest::default()
                .with_group_id(group())
                .with_member_id(text("nobody"));
            RequestKind::SyncGroup(if version >= 5 {
                request
                    .with_protocol_type(Some(text("consumer")))
                    .with_protocol_name(Some(text("range")))
            } else {
                request
            })
        }
        ApiKey::ApiVersions => {
            let request = ApiVersionsRequest::default();
            RequestKind::ApiVersions(if version >= 3 {
                request
                    .with_client_software_name(text("matrix"))
                    .with_client_software_version(text("1.0"))
            } else {
                request
            })
        }
        ApiKey::CreateTopics => {
            let wanted = CreatableTopic::default()
                .with_name(TopicName(text(&format!("created-by-v{version}"))))
                .with_num_partitions(2)
                .with_replication_factor(1);
            RequestKind::CreateTopics(
                CreateTopicsRequest::default()
                    .with_topics(vec![wanted])
                    .with_timeout_ms(1000),
            )
        }
        ApiKey::DeleteTopics => {
            let gone = TopicName(text(&format!("to-be-deleted-by-v{version}")));
            let request = DeleteTopicsRequest::default().with_timeout_ms(1000);
            RequestKind::DeleteTopics(if version >= 6 {
                request.with_topics(vec![DeleteTopicState::default().with_name(Some(gone))])
            } else {
                request.with_topic_names(vec![gone])
            })
        }
        ApiKey::InitProducerId => {
            let request = InitProducerIdRequest::default()
                .with_transactional_id(None)
                .with_transaction_timeout_ms(1000);
            RequestKind::InitProducerId(if version >= 3 {
                request
                    .with_producer_id(ProducerId(-1))
                    .with_producer_epoch(-1)
            } else {
                request
            })
        }
        ApiKey::OffsetForLeaderEpoch => {
            let epoch = OffsetForLeaderPartition::default()
                .with_partition(1)
                .with_current_leader_epoch(-1)
                .with_leader_epoch(0);
            let named = OffsetForLeaderTopic::default()
                .with_topic(name())
                .with_partitions(vec![epoch]);
            let request = OffsetForLeaderEpochRequest::default().with_topics(vec![named]);
            RequestKind::OffsetForLeaderEpoch(if version >= 3 {
                request.with_replica_id(BrokerId(-1))
            } else {
                request
            })
        }
        ApiKey::DescribeConfigs => {
            let resource = |kind, name: &str| {
                DescribeConfigsResource::default()
                    .with_resource_type(kind)
                    .with_resource_name(text(name))
            };
            let resources = vec![resource(2, &topic.name), resource(4, "1")];
            let request = DescribeConfigsRequest::default()
                .with_resources(resources)
                .with_include_synonyms(true);
            RequestKind::DescribeConfigs(request.with_include_documentation(version >= 3))
        }
        other => panic!("{other:?} is advertised, and no sample shows that it works"),
    }
}

fn offset_commit(topic: &Known) -> RequestKind {
    let offset = OffsetCommitRequestPartition::default()
        .with_committed_offset(7)
        .with_committed_metadata(Some(text("seven")));
    let mut named = OffsetCommitRequestTopic::default().with_partitions(vec![offset]);
    named.name = TopicName(topic.name.clone());
    RequestKind::OffsetCommit(
        OffsetCommitRequest::default()
            .with_group_id(GroupId(text("readers")))
            .with_generation_id_or_member_epoch(-1)
            .with_topics(vec![named]),
    )
}

fn offset_fetch(version: i16, topic: &Known) -> RequestKind {
    let request = OffsetFetchRequest::default();
    RequestKind::OffsetFetch(if version >= 8 {
        let mut named = OffsetFetchRequestTopics::default().with_partition_indexes(vec![0, 1]);
        named.name = TopicName(topic.name.clone());
        let group = OffsetFetchRequestGroup::default()
            .with_group_id(GroupId(text("readers")))
            .with_member_epoch(-1)
            .with_topics(Some(vec![named]));
        request.with_groups(vec![group])
    } else {
        let named = OffsetFetchRequestTopic::default()
            .with_name(TopicName(topic.name.clone()))
            .with_partition_indexes(vec![0, 1]);
        request
            .with_group_id(GroupId(text("readers")))
            .with_topics(Some(vec![named]))
    })
}
