//! Every advertised version of every key, decoded by the second codec to the last byte.

use broker_lite::Broker;
use kafka_protocol::messages::{ApiKey, RequestKind, ResponseKind};
use kafka_protocol::records::Compression;

use crate::client::Client;
use crate::samples::{Known, batch, produce, sample, values};

const GROUP_IS_NOT_THERE: &[i16] = &[25, 16, 69];

#[tokio::test]
async fn every_advertised_version_of_every_key_answers_in_its_own_layout() {
    let mut broker = Broker::builder().topic("matrix", 2);
    for version in 1..=6 {
        broker = broker.topic(format!("to-be-deleted-by-v{version}"), 1);
    }
    let broker = broker.start().await.unwrap();
    let mut client = Client::connect(broker.addr());
    let topic = Known::look_up(&mut client, "matrix");
    client.call(
        ApiKey::Produce,
        9,
        &produce(&topic, 9, 1, batch(&["a", "b"], Compression::None)),
    );

    let request = sample(ApiKey::ApiVersions, 0, &topic);
    let ResponseKind::ApiVersions(advertised) = client.call(ApiKey::ApiVersions, 0, &request)
    else {
        unreachable!()
    };
    let mut answered = 0;
    for row in &advertised.api_keys {
        let key = ApiKey::try_from(row.api_key).unwrap();
        for version in row.min_version..=row.max_version {
            // Versions 0 to 2 of Produce are advertised for old librdkafka and refused (see
            // `api_versions`); the second codec lost them.
            if key == ApiKey::Produce && version < 3 {
                continue;
            }
            let request = sample(key, version, &topic);
            let response = client.call(key, version, &request);
            check(key, version, &request, &response);
            answered += 1;
        }
    }
    assert!(answered > 80, "only {answered} versions are served");
    broker.stop().await;
}

/// That the answer is not only well-formed but the right one.
fn check(key: ApiKey, version: i16, request: &RequestKind, response: &ResponseKind) {
    let at = format!("{key:?} v{version}: {response:?}");
    match response {
        ResponseKind::Produce(produced) => {
            let partition = &produced.responses[0].partition_responses[0];
            assert_eq!(
                (partition.error_code, partition.base_offset),
                (0, i64::from(version) - 3),
                "{at}"
            );
        }
        ResponseKind::Fetch(fetched) => {
            let partition = &fetched.responses[0].partitions[0];
            assert_eq!(
                (partition.error_code, partition.high_watermark),
                (0, 2),
                "{at}"
            );
            assert_eq!(values(partition.records.clone()), ["a", "b"], "{at}");
        }
        ResponseKind::ListOffsets(listed) => {
            let partition = &listed.topics[0].partitions[0];
            assert_eq!((partition.error_code, partition.offset), (0, 2), "{at}");
        }
        ResponseKind::Metadata(metadata) => {
            let topic = &metadata.topics[0];
            assert_eq!((topic.error_code, topic.partitions.len()), (0, 2), "{at}");
            assert_eq!(metadata.brokers.len(), 1, "{at}");
        }
        ResponseKind::ApiVersions(versions) => {
            assert_eq!(versions.error_code, 0, "{at}");
            assert!(
                versions.api_keys.iter().any(|row| row.api_key == 18),
                "{at}"
            );
        }
        ResponseKind::CreateTopics(created) => {
            let topic = &created.topics[0];
            assert_eq!(topic.error_code, 0, "{at}");
            if version >= 5 {
                assert_eq!(
                    (topic.num_partitions, topic.replication_factor),
                    (2, 1),
                    "{at}"
                );
                assert!(
                    topic
                        .configs
                        .as_ref()
                        .is_some_and(|configs| !configs.is_empty()),
                    "{at}"
                );
            }
        }
        ResponseKind::DeleteTopics(deleted) => {
            assert_eq!(deleted.responses[0].error_code, 0, "{at}")
        }
        ResponseKind::InitProducerId(given) => {
            assert_eq!(
                (given.error_code, given.producer_id.0, given.producer_epoch),
                (0, i64::from(version), 0)
            );
        }
        ResponseKind::OffsetForLeaderEpoch(ends) => {
            let partition = &ends.topics[0].partitions[0];
            assert_eq!(
                (
                    partition.error_code,
                    partition.leader_epoch,
                    partition.end_offset
                ),
                (0, 0, 2),
                "{at}"
            );
        }
        ResponseKind::DescribeConfigs(described) => {
            for result in &described.results {
                assert_eq!(result.error_code, 0, "{at}");
                assert!(result.configs.len() > 10, "{at}");
            }
        }
        ResponseKind::OffsetCommit(_)
        | ResponseKind::OffsetFetch(_)
        | ResponseKind::FindCoordinator(_)
        | ResponseKind::JoinGroup(_)
        | ResponseKind::Heartbeat(_)
        | ResponseKind::SyncGroup(_)
        | ResponseKind::LeaveGroup(_) => check_group(version, response, &at),
        other => panic!("{other:?} answers {request:?}, and this test has no check for it"),
    }
}

fn check_group(version: i16, response: &ResponseKind, at: &str) {
    match response {
        ResponseKind::OffsetCommit(committed) => {
            assert_eq!(committed.topics[0].partitions[0].error_code, 0, "{at}");
        }
        ResponseKind::OffsetFetch(fetched) if version >= 8 => {
            let partition = &fetched.groups[0].topics[0].partitions[0];
            assert_eq!(
                (partition.error_code, partition.committed_offset),
                (0, 7),
                "{at}"
            );
        }
        ResponseKind::OffsetFetch(fetched) => {
            let partition = &fetched.topics[0].partitions[0];
            assert_eq!(
                (partition.error_code, partition.committed_offset),
                (0, 7),
                "{at}"
            );
        }
        ResponseKind::FindCoordinator(found) if version >= 4 => {
            assert_eq!(found.coordinators[0].error_code, 0, "{at}");
        }
        ResponseKind::FindCoordinator(found) => assert_eq!(found.error_code, 0, "{at}"),
        ResponseKind::JoinGroup(joined) => {
            // From version 4 on a member comes back with the id it is given.
            assert_eq!(joined.error_code, if version >= 4 { 79 } else { 0 }, "{at}");
            assert!(!joined.member_id.is_empty(), "{at}");
        }
        ResponseKind::Heartbeat(answer) => {
            assert!(GROUP_IS_NOT_THERE.contains(&answer.error_code), "{at}")
        }
        ResponseKind::SyncGroup(answer) => {
            assert!(GROUP_IS_NOT_THERE.contains(&answer.error_code), "{at}")
        }
        ResponseKind::LeaveGroup(left) if version >= 3 => {
            assert!(
                left.error_code != 0 || left.members[0].error_code != 0,
                "{at}"
            );
        }
        ResponseKind::LeaveGroup(left) => {
            assert!(GROUP_IS_NOT_THERE.contains(&left.error_code), "{at}")
        }
        other => panic!("{other:?} is not about a group"),
    }
}
