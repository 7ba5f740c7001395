//! Small requests that ask for a lot: each costs what it is worth.

use broker_lite::Broker;
use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::messages::create_topics_request::CreatableTopic;
use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::join_group_request::JoinGroupRequestProtocol;
use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::offset_fetch_request::{
    OffsetFetchRequestGroup, OffsetFetchRequestTopics,
};
use kafka_protocol::messages::*;

use crate::client::Client;
use crate::samples::text;

const REPEATS: usize = 1000;
const POLICY_VIOLATION: i16 = 44;
const INVALID_REQUEST: i16 = 42;

#[tokio::test]
async fn what_is_named_a_thousand_times_is_answered_once() {
    let broker = Broker::builder().topic("t", 1).start().await.unwrap();
    let mut client = Client::connect(broker.addr());

    let topic = MetadataRequestTopic::default().with_name(Some(TopicName(text("t"))));
    let request = MetadataRequest::default().with_topics(Some(vec![topic; REPEATS]));
    let answer = client.call(ApiKey::Metadata, 9, &RequestKind::Metadata(request));
    let ResponseKind::Metadata(metadata) = answer else {
        panic!("{answer:?}")
    };
    assert_eq!(metadata.topics.len(), 1);

    // An id beside the name makes it no other topic.
    let topic = |number: u128| {
        let name = Some(TopicName(text("t")));
        MetadataRequestTopic::default()
            .with_name(name)
            .with_topic_id(uuid::Uuid::from_u128(number))
    };
    let request = MetadataRequest::default().with_topics(Some((0..1000).map(topic).collect()));
    let answer = client.call(ApiKey::Metadata, 12, &RequestKind::Metadata(request));
    let ResponseKind::Metadata(metadata) = answer else {
        panic!("{answer:?}")
    };
    assert_eq!(metadata.topics.len(), 1);

    let resource = DescribeConfigsResource::default()
        .with_resource_type(2)
        .with_resource_name(text("t"));
    let request = DescribeConfigsRequest::default().with_resources(vec![resource; REPEATS]);
    let answer = client.call(
        ApiKey::DescribeConfigs,
        4,
        &RequestKind::DescribeConfigs(request),
    );
    let ResponseKind::DescribeConfigs(described) = answer else {
        panic!("{answer:?}")
    };
    assert_eq!(described.results.len(), 1);

    let group = OffsetFetchRequestGroup::default()
        .with_group_id(GroupId(text("g")))
        .with_member_epoch(-1);
    let request = OffsetFetchRequest::default().with_groups(vec![group.with_topics(None); REPEATS]);
    let answer = client.call(ApiKey::OffsetFetch, 9, &RequestKind::OffsetFetch(request));
    let ResponseKind::OffsetFetch(offsets) = answer else {
        panic!("{answer:?}")
    };
    assert_eq!(offsets.groups.len(), 1);

    let group = OffsetFetchRequestGroup::default()
        .with_group_id(GroupId(text("g")))
        .with_member_epoch(-1);
    let named = OffsetFetchRequestTopics::default().with_name(TopicName(text("t")));
    let topics = vec![named.with_partition_indexes(vec![0; REPEATS]); 2];
    let request = OffsetFetchRequest::default().with_groups(vec![group.with_topics(Some(topics))]);
    let answer = client.call(ApiKey::OffsetFetch, 9, &RequestKind::OffsetFetch(request));
    let ResponseKind::OffsetFetch(offsets) = answer else {
        panic!("{answer:?}")
    };
    assert_eq!(
        offsets.groups[0]
            .topics
            .iter()
            .map(|topic| topic.partitions.len())
            .sum::<usize>(),
        1
    );
    broker.stop().await;
}

/// Each look by time may open a batch.
#[tokio::test]
async fn an_offset_that_is_asked_for_twice_is_looked_up_by_no_time() {
    let broker = Broker::builder().topic("t", 2).start().await.unwrap();
    let mut client = Client::connect(broker.addr());
    let partition = |index| {
        ListOffsetsPartition::default()
            .with_partition_index(index)
            .with_timestamp(0)
    };
    let topic = ListOffsetsTopic::default().with_name(TopicName(text("t")));
    let topics = vec![
        topic
            .clone()
            .with_partitions(vec![partition(0), partition(1)]),
        topic.with_partitions(vec![partition(0)]),
    ];
    let request = ListOffsetsRequest::default()
        .with_replica_id(BrokerId(-1))
        .with_topics(topics);
    let answer = client.call(ApiKey::ListOffsets, 7, &RequestKind::ListOffsets(request));
    let ResponseKind::ListOffsets(listed) = answer else {
        panic!("{answer:?}")
    };
    let rows = listed.topics.iter().flat_map(|topic| &topic.partitions);
    let rows: Vec<(i32, i16)> = rows
        .map(|row| (row.partition_index, row.error_code))
        .collect();
    assert_eq!(rows, [(0, INVALID_REQUEST), (1, 0), (0, INVALID_REQUEST)]);
    broker.stop().await;
}

#[tokio::test]
async fn one_request_creates_ten_thousand_partitions_and_no_more() {
    let broker = Broker::builder().start().await.unwrap();
    let mut client = Client::connect(broker.addr());
    let topic = |name: &str, partitions| {
        let topic = CreatableTopic::default().with_name(TopicName(text(name)));
        topic
            .with_num_partitions(partitions)
            .with_replication_factor(1)
    };
    for (topics, error) in [
        (vec![topic("a", 5000), topic("b", 5001)], POLICY_VIOLATION),
        (vec![topic("a", i32::MAX), topic("b", 1)], POLICY_VIOLATION),
        (vec![topic("a", 5), topic("b", 5)], 0),
    ] {
        let request = RequestKind::CreateTopics(CreateTopicsRequest::default().with_topics(topics));
        let ResponseKind::CreateTopics(created) = client.call(ApiKey::CreateTopics, 7, &request)
        else {
            unreachable!()
        };
        assert!(
            created.topics.iter().all(|topic| topic.error_code == error),
            "{created:?}"
        );
    }
    broker.stop().await;
}

#[tokio::test]
async fn asking_for_many_unknown_topics_creates_some_at_a_time() {
    let broker = Broker::builder().start().await.unwrap();
    let mut client = Client::connect(broker.addr());
    let topic = |number: usize| {
        MetadataRequestTopic::default().with_name(Some(TopicName(text(&format!("topic-{number}")))))
    };
    let request = MetadataRequest::default().with_topics(Some((0..20_000).map(topic).collect()));
    let all = MetadataRequest::default().with_topics(None);
    for round in 1..=2 {
        client.call(ApiKey::Metadata, 9, &RequestKind::Metadata(request.clone()));
        let answer = client.call(ApiKey::Metadata, 9, &RequestKind::Metadata(all.clone()));
        let ResponseKind::Metadata(metadata) = answer else {
            panic!("{answer:?}")
        };
        assert_eq!(metadata.topics.len(), round * 1000);
    }
    broker.stop().await;
}

/// The work of an election grows with the protocols listed, not with their square: that would take
/// minutes here.
#[tokio::test]
async fn members_with_forty_thousand_protocols_each_elect_one() {
    let broker = Broker::builder()
        .set("group.initial.rebalance.delay.ms", "5000")
        .start()
        .await
        .unwrap();
    let join = |first: u32| {
        let protocol = |number: u32| {
            JoinGroupRequestProtocol::default()
                .with_name(text(&format!("assignor-{number}")))
                .with_metadata(Bytes::new())
        };
        let request = JoinGroupRequest::default()
            .with_group_id(GroupId(text("g")))
            .with_session_timeout_ms(60_000)
            .with_rebalance_timeout_ms(60_000)
            .with_protocol_type(text("consumer"))
            .with_protocols((first..first + 40_000).map(protocol).collect());
        RequestKind::JoinGroup(request)
    };
    let mut members: Vec<Client> = Vec::new();
    for first in [0, 39_999] {
        let mut member = Client::connect(broker.addr());
        member.send(ApiKey::JoinGroup, 3, &join(first));
        members.push(member);
    }
    for member in &mut members {
        let answer = member.receive(ApiKey::JoinGroup, 3);
        let ResponseKind::JoinGroup(joined) = answer else {
            panic!("{answer:?}")
        };
        assert_eq!(
            (joined.error_code, joined.protocol_name.as_deref()),
            (0, Some("assignor-39999"))
        );
    }
    broker.stop().await;
}

#[tokio::test]
async fn a_produce_request_of_nothing_but_partitions_is_turned_away() {
    let broker = Broker::builder().topic("t", 1).start().await.unwrap();
    let mut body = BytesMut::new();
    body.put_slice(&[0, 0, 0, 3]); // Produce, version 3
    body.put_slice(&[0, 0, 0, 1, 0xff, 0xff]); // correlation id, no client id
    body.put_slice(&[0xff, 0xff, 0, 1, 0, 0, 0, 9]); // no transaction, acks, timeout
    body.put_slice(&[0, 0, 0, 1, 0, 1, b't']);
    let partitions = 10_000_000;
    body.put_i32(partitions);
    body.put_bytes(0, 8 * usize::try_from(partitions).unwrap());
    let mut frame = BytesMut::new();
    frame.put_i32(i32::try_from(body.len()).unwrap());
    frame.put_slice(&body);
    let mut stranger = Client::connect(broker.addr());
    stranger.send_raw(&frame);
    stranger.expect_hang_up("80 MB without a record");
    broker.stop().await;
}
