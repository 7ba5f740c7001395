//! Groups as a client hears of them: codes, ids and empty answers.

use broker_lite::{Broker, BrokerHandle};
use bytes::Bytes;
use kafka_protocol::messages::create_topics_request::CreatableTopic;
use kafka_protocol::messages::delete_topics_request::DeleteTopicState;
use kafka_protocol::messages::join_group_request::JoinGroupRequestProtocol;
use kafka_protocol::messages::leave_group_request::MemberIdentity;
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::offset_commit_request::{
    OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use kafka_protocol::messages::offset_fetch_request::{
    OffsetFetchRequestGroup, OffsetFetchRequestTopic, OffsetFetchRequestTopics,
};
use kafka_protocol::messages::*;

use crate::client::Client;
use crate::samples::text;

const NONE: i16 = 0;
const UNKNOWN_TOPIC_OR_PARTITION: i16 = 3;
const OFFSET_METADATA_TOO_LARGE: i16 = 12;
const ILLEGAL_GENERATION: i16 = 22;
const INCONSISTENT_GROUP_PROTOCOL: i16 = 23;
const UNKNOWN_MEMBER_ID: i16 = 25;
const INVALID_SESSION_TIMEOUT: i16 = 26;
const INVALID_REQUEST: i16 = 42;
const GROUP_ID_NOT_FOUND: i16 = 69;
const MEMBER_ID_REQUIRED: i16 = 79;

async fn broker() -> (BrokerHandle, Client) {
    let broker = Broker::builder().topic("orders", 2).start().await.unwrap();
    let client = Client::connect(broker.addr());
    (broker, client)
}

/// Commits offset 7 with a note, from outside any generation unless one is given.
fn commit(
    client: &mut Client,
    version: i16,
    generation: i32,
    rows: &[(&str, i32, &str)],
) -> Vec<i16> {
    let topic = |(topic, partition, note): &(&str, i32, &str)| {
        let row = OffsetCommitRequestPartition::default()
            .with_partition_index(*partition)
            .with_committed_offset(7)
            .with_committed_metadata(Some(text(note)));
        OffsetCommitRequestTopic::default()
            .with_name(TopicName(text(topic)))
            .with_partitions(vec![row])
    };
    let request = OffsetCommitRequest::default()
        .with_group_id(GroupId(text("g")))
        .with_generation_id_or_member_epoch(generation)
        .with_topics(rows.iter().map(topic).collect());
    match client.call(
        ApiKey::OffsetCommit,
        version,
        &RequestKind::OffsetCommit(request),
    ) {
        ResponseKind::OffsetCommit(answer) => answer
            .topics
            .iter()
            .flat_map(|topic| &topic.partitions)
            .map(|row| row.error_code)
            .collect(),
        other => panic!("{other:?}"),
    }
}

/// Offset and note of each row; of all topics if none is named.
fn fetch(client: &mut Client, version: i16, topic: Option<(&str, &[i32])>) -> Vec<(i64, String)> {
    let request = OffsetFetchRequest::default();
    let request = if version >= 8 {
        let named = |(topic, partitions): (&str, &[i32])| {
            let named = OffsetFetchRequestTopics::default().with_name(TopicName(text(topic)));
            vec![named.with_partition_indexes(partitions.to_vec())]
        };
        let group = OffsetFetchRequestGroup::default()
            .with_group_id(GroupId(text("g")))
            .with_member_epoch(-1);
        request.with_groups(vec![group.with_topics(topic.map(named))])
    } else {
        let named = |(topic, partitions): (&str, &[i32])| {
            let named = OffsetFetchRequestTopic::default().with_name(TopicName(text(topic)));
            vec![named.with_partition_indexes(partitions.to_vec())]
        };
        request
            .with_group_id(GroupId(text("g")))
            .with_topics(topic.map(named))
    };
    let row = |code: i16, offset, note: &Option<_>| {
        assert_eq!(code, NONE);
        (
            offset,
            note.as_ref().map(ToString::to_string).unwrap_or_default(),
        )
    };
    match client.call(
        ApiKey::OffsetFetch,
        version,
        &RequestKind::OffsetFetch(request),
    ) {
        ResponseKind::OffsetFetch(answer) if version >= 8 => {
            let rows = answer.groups[0]
                .topics
                .iter()
                .flat_map(|topic| &topic.partitions);
            rows.map(|one| row(one.error_code, one.committed_offset, &one.metadata))
                .collect()
        }
        ResponseKind::OffsetFetch(answer) => {
            let rows = answer.topics.iter().flat_map(|topic| &topic.partitions);
            rows.map(|one| row(one.error_code, one.committed_offset, &one.metadata))
                .collect()
        }
        other => panic!("{other:?}"),
    }
}

fn join(
    client: &mut Client,
    version: i16,
    member: &str,
    session_timeout_ms: i32,
) -> JoinGroupResponse {
    let range = JoinGroupRequestProtocol::default()
        .with_name(text("range"))
        .with_metadata(Bytes::from_static(b"m"));
    let request = JoinGroupRequest::default()
        .with_group_id(GroupId(text("g")))
        .with_member_id(text(member))
        .with_session_timeout_ms(session_timeout_ms)
        .with_rebalance_timeout_ms(10_000)
        .with_protocol_type(text("consumer"))
        .with_protocols(vec![range]);
    match client.call(ApiKey::JoinGroup, version, &RequestKind::JoinGroup(request)) {
        ResponseKind::JoinGroup(answer) => answer,
        other => panic!("{other:?}"),
    }
}

fn nothing() -> (i64, String) {
    (-1, String::new())
}

#[tokio::test]
async fn what_nobody_committed_is_no_error_but_offset_minus_one() {
    let (broker, mut client) = broker().await;
    for version in 1..=9 {
        assert_eq!(
            fetch(&mut client, version, Some(("orders", &[0, 9]))),
            [nothing(), nothing()],
            "v{version}"
        );
        assert_eq!(
            fetch(&mut client, version, Some(("no such/topic", &[0]))),
            [nothing()],
            "v{version}"
        );
    }
    assert_eq!(fetch(&mut client, 2, None), []);
    broker.stop().await;
}

#[tokio::test]
async fn a_commit_from_outside_any_generation_is_told_again_note_and_all() {
    let (broker, mut client) = broker().await;
    for version in 2..=9 {
        let note = format!("by v{version}");
        assert_eq!(
            commit(&mut client, version, -1, &[("orders", 1, &note)]),
            [NONE]
        );
        assert_eq!(
            fetch(&mut client, version, Some(("orders", &[1]))),
            [(7, note.clone())]
        );
        assert_eq!(
            fetch(&mut client, version, None),
            [(7, note)],
            "null topics are all topics"
        );
    }
    broker.stop().await;
}

#[tokio::test]
async fn each_row_of_a_commit_fails_for_itself() {
    let (broker, mut client) = broker().await;
    let long = "x".repeat(4097);
    let rows = [
        ("orders", 0, "fits"),
        ("orders", 2, ""),
        ("unknown", 0, ""),
        ("orders", 1, long.as_str()),
    ];
    let codes = [
        NONE,
        UNKNOWN_TOPIC_OR_PARTITION,
        UNKNOWN_TOPIC_OR_PARTITION,
        OFFSET_METADATA_TOO_LARGE,
    ];
    assert_eq!(commit(&mut client, 8, -1, &rows), codes);
    assert_eq!(
        fetch(&mut client, 8, Some(("orders", &[0, 1]))),
        [(7, "fits".into()), nothing()]
    );
    broker.stop().await;
}

#[tokio::test]
async fn a_member_of_a_group_that_is_gone_hears_so_in_the_words_of_its_version() {
    let (broker, mut client) = broker().await;
    assert_eq!(
        commit(&mut client, 8, 3, &[("orders", 0, "")]),
        [ILLEGAL_GENERATION]
    );
    assert_eq!(
        commit(&mut client, 9, 3, &[("orders", 0, "")]),
        [GROUP_ID_NOT_FOUND]
    );
    broker.stop().await;
}

#[tokio::test]
async fn a_stranger_cannot_commit_while_the_group_has_members() {
    let (broker, mut client) = broker().await;
    assert_eq!(join(&mut client, 3, "", 10_000).error_code, NONE);
    assert_eq!(
        commit(&mut client, 8, -1, &[("orders", 0, "")]),
        [UNKNOWN_MEMBER_ID]
    );
    broker.stop().await;
}

#[tokio::test]
async fn a_first_join_gets_an_id_to_come_back_with() {
    let (broker, mut client) = broker().await;
    let first = join(&mut client, 4, "", 10_000);
    assert_eq!(first.error_code, MEMBER_ID_REQUIRED);
    assert!(
        first.member_id.starts_with("wire-test-"),
        "{:?} tells whose it is",
        first.member_id
    );
    let second = join(&mut client, 4, &first.member_id, 10_000);
    assert_eq!((second.error_code, second.generation_id), (NONE, 1));
    assert_eq!(
        (&second.leader, second.members.len()),
        (&first.member_id, 1)
    );
    assert_eq!(
        join(&mut client, 9, "stranger", 10_000).error_code,
        UNKNOWN_MEMBER_ID
    );
    broker.stop().await;
}

#[tokio::test]
async fn names_too_long_to_be_remembered_are_refused() {
    let (broker, mut client) = broker().await;
    let range = |name: &str| JoinGroupRequestProtocol::default().with_name(text(name));
    let request = JoinGroupRequest::default()
        .with_group_id(GroupId(text("g")))
        .with_session_timeout_ms(10_000)
        .with_rebalance_timeout_ms(10_000)
        .with_protocol_type(text("consumer"));
    let long = "x".repeat(32_768);
    let named = request.clone().with_protocols(vec![range("range")]);
    for refused in [
        request.with_protocols(vec![range(&long)]),
        named.clone().with_protocol_type(text(&long)),
        named.with_group_instance_id(Some(text(&long))),
    ] {
        let answer = client.call(ApiKey::JoinGroup, 9, &RequestKind::JoinGroup(refused));
        let ResponseKind::JoinGroup(answer) = answer else {
            panic!("{answer:?}")
        };
        assert_eq!(answer.error_code, INVALID_REQUEST);
    }
    broker.stop().await;
}

#[tokio::test]
async fn a_session_timeout_out_of_range_is_refused() {
    let (broker, mut client) = broker().await;
    for millis in [5_999, 1_800_001, -1] {
        assert_eq!(
            join(&mut client, 9, "", millis).error_code,
            INVALID_SESSION_TIMEOUT,
            "{millis}"
        );
    }
    broker.stop().await;
}

#[tokio::test]
async fn leaving_answers_for_each_member() {
    let (broker, mut client) = broker().await;
    let member = join(&mut client, 3, "", 10_000).member_id;
    let identity = |name: &str| MemberIdentity::default().with_member_id(text(name));
    let request = LeaveGroupRequest::default()
        .with_group_id(GroupId(text("g")))
        .with_members(vec![identity("stranger"), identity(&member)]);
    let answer = match client.call(ApiKey::LeaveGroup, 5, &RequestKind::LeaveGroup(request)) {
        ResponseKind::LeaveGroup(answer) => answer,
        other => panic!("{other:?}"),
    };
    let codes: Vec<i16> = answer.members.iter().map(|row| row.error_code).collect();
    assert_eq!(
        (answer.error_code, codes),
        (NONE, vec![UNKNOWN_MEMBER_ID, NONE])
    );
    broker.stop().await;
}

#[tokio::test]
async fn leaving_a_group_that_is_not_there_answers_for_each_member_too() {
    let (broker, mut client) = broker().await;
    let stranger = MemberIdentity::default().with_member_id(text("stranger"));
    let request = LeaveGroupRequest::default().with_group_id(GroupId(text("never-was")));
    let one = request.clone().with_member_id(text("stranger"));
    for (version, request) in [(2, one), (5, request.with_members(vec![stranger]))] {
        let answer = client.call(
            ApiKey::LeaveGroup,
            version,
            &RequestKind::LeaveGroup(request),
        );
        let ResponseKind::LeaveGroup(answer) = answer else {
            panic!("{answer:?}")
        };
        let codes = (
            answer.error_code,
            answer.members.first().map(|row| row.error_code),
        );
        let expected = if version < 3 {
            (UNKNOWN_MEMBER_ID, None)
        } else {
            (NONE, Some(UNKNOWN_MEMBER_ID))
        };
        assert_eq!(codes, expected, "v{version}");
    }
    broker.stop().await;
}

#[tokio::test]
async fn a_sync_says_its_protocol_from_version_5_on() {
    let (broker, mut client) = broker().await;
    let joined = join(&mut client, 3, "", 10_000);
    let request = SyncGroupRequest::default()
        .with_group_id(GroupId(text("g")))
        .with_generation_id(joined.generation_id)
        .with_member_id(joined.member_id);
    let mut sync = |version, request: &SyncGroupRequest| match client.call(
        ApiKey::SyncGroup,
        version,
        &RequestKind::SyncGroup(request.clone()),
    ) {
        ResponseKind::SyncGroup(answer) => answer.error_code,
        other => panic!("{other:?}"),
    };
    assert_eq!(sync(5, &request), INCONSISTENT_GROUP_PROTOCOL);
    assert_eq!(sync(4, &request), NONE);
    let named = request
        .with_protocol_type(Some(text("consumer")))
        .with_protocol_name(Some(text("range")));
    assert_eq!(sync(5, &named), NONE);
    broker.stop().await;
}

#[tokio::test]
async fn finding_a_coordinator_makes_the_internal_topic_and_refuses_what_is_not_there() {
    let (broker, mut client) = broker().await;
    let mut find = |version: i16, kind: i8, key: &str| {
        let request = FindCoordinatorRequest::default();
        let request = if version >= 1 {
            request.with_key_type(kind)
        } else {
            request
        };
        let request = if version >= 4 {
            request.with_coordinator_keys(vec![text(key)])
        } else {
            request.with_key(text(key))
        };
        match client.call(
            ApiKey::FindCoordinator,
            version,
            &RequestKind::FindCoordinator(request),
        ) {
            ResponseKind::FindCoordinator(found) if version >= 4 => {
                let row = &found.coordinators[0];
                (
                    row.error_code,
                    row.node_id,
                    i32::from(broker.addr().port()) == row.port,
                )
            }
            ResponseKind::FindCoordinator(found) => (
                found.error_code,
                found.node_id,
                i32::from(broker.addr().port()) == found.port,
            ),
            other => panic!("{other:?}"),
        }
    };
    for version in 0..=6 {
        assert_eq!(
            find(version, 0, "g"),
            (NONE, BrokerId(1), true),
            "v{version}"
        );
        assert_eq!(
            find(version, 0, ""),
            (NONE, BrokerId(1), true),
            "v{version}: offsets may be nobody's"
        );
    }
    assert_eq!(find(3, 1, "txn"), (INVALID_REQUEST, BrokerId(-1), false));

    let topic =
        MetadataRequestTopic::default().with_name(Some(TopicName(text("__consumer_offsets"))));
    let request = MetadataRequest::default().with_topics(Some(vec![topic]));
    match client.call(ApiKey::Metadata, 9, &RequestKind::Metadata(request)) {
        ResponseKind::Metadata(metadata) => {
            let topic = &metadata.topics[0];
            assert_eq!(
                (topic.error_code, topic.is_internal, topic.partitions.len()),
                (NONE, true, 50)
            );
        }
        other => panic!("{other:?}"),
    }
    broker.stop().await;
}

#[tokio::test]
async fn a_new_topic_of_an_old_name_starts_without_offsets() {
    let (broker, mut client) = broker().await;
    assert_eq!(commit(&mut client, 9, -1, &[("orders", 0, "")]), [NONE]);
    let gone = DeleteTopicState::default().with_name(Some(TopicName(text("orders"))));
    let request = DeleteTopicsRequest::default().with_topics(vec![gone]);
    client.call(ApiKey::DeleteTopics, 6, &RequestKind::DeleteTopics(request));
    let wanted = CreatableTopic::default()
        .with_name(TopicName(text("orders")))
        .with_num_partitions(1);
    let request =
        CreateTopicsRequest::default().with_topics(vec![wanted.with_replication_factor(1)]);
    client.call(ApiKey::CreateTopics, 7, &RequestKind::CreateTopics(request));
    assert_eq!(fetch(&mut client, 9, Some(("orders", &[0]))), [nothing()]);
    assert_eq!(fetch(&mut client, 9, None), []);
    broker.stop().await;
}
