//! Leader epochs grow with each start, and every answer that carries one tells it as Kafka does.

use std::collections::BTreeMap;
use std::future::ready;
use std::time::Duration;

use integration_tests::cluster::Cluster;
use integration_tests::harness::{Outcome, Scenario};
use integration_tests::own::{OwnKafka, PartitionFiles};
use integration_tests::records::Record;
use integration_tests::wire::{Wire, WireError};
use integration_tests::{scenarios, wait};
use kafka_protocol::messages::fetch_request::{FetchPartition, FetchTopic};
use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::offset_commit_request::{
    OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use kafka_protocol::messages::offset_fetch_request::{
    OffsetFetchRequestGroup, OffsetFetchRequestTopics,
};
use kafka_protocol::messages::offset_for_leader_epoch_request::{
    OffsetForLeaderPartition, OffsetForLeaderTopic,
};
use kafka_protocol::messages::{
    BrokerId, FetchRequest, ListOffsetsRequest, MetadataRequest, OffsetCommitRequest,
    OffsetFetchRequest, OffsetForLeaderEpochRequest, TopicName,
};
use kafka_protocol::protocol::StrBytes;

pub(crate) const SCENARIOS: &[Scenario] = scenarios![
    OwnKafka =>
    every_answer_tells_the_leader_epochs_of_a_log_that_was_cut,
    a_committed_leader_epoch_comes_back_and_a_lost_commit_gives_way_to_the_one_before,
    a_consumer_whose_commit_lies_behind_the_end_follows_its_reset_policy,
];

const TIMEOUT: Duration = Duration::from_secs(60);

const OFFSET_OUT_OF_RANGE: i16 = 1;
const UNKNOWN_TOPIC_OR_PARTITION: i16 = 3;
const FENCED_LEADER_EPOCH: i16 = 74;
const UNKNOWN_LEADER_EPOCH: i16 = 75;

async fn every_answer_tells_the_leader_epochs_of_a_log_that_was_cut(
    mut kafka: OwnKafka,
) -> Outcome {
    kafka.start().await?;
    let cluster = kafka.cluster();
    let topic = cluster.topic("log", 1).await?;
    produce(&cluster, &topic, 3).await?;
    kafka.stop().await?;
    kafka.start().await?;
    produce(&cluster, &topic, 2).await?;
    kafka.kill().await?;
    kafka.partition(&topic, 0).cut_at(4)?;
    kafka.start().await?;
    produce(&cluster, &topic, 1).await?;

    let files = kafka.partition(&topic, 0);
    let [first, second, third] = epochs(&files)?[..] else {
        return Err(format!("not three epochs: {:?}", files.batches()?).into());
    };
    assert!(first < second && second < third, "{first} {second} {third}");
    let checkpoint = std::fs::read_to_string(files.folder().join("leader-epoch-checkpoint"))?;
    assert_eq!(
        checkpoint,
        format!("0\n3\n{first} 0\n{second} 3\n{third} 4\n")
    );

    let mut wire = Wire::connect(cluster.bootstrap())?;
    let topic = topic_name(&topic);
    for version in [7, 9, 12] {
        assert_eq!(
            metadata(&mut wire, version, &topic)?,
            third,
            "Metadata v{version}"
        );
    }
    for version in 2..=4 {
        for (asked, expected) in [
            (first, (0, first, 3)),
            (second, (0, second, 4)),
            (third, (0, third, 5)),
            (third + 1, (0, -1, -1)),
            (-1, (0, -1, -1)),
        ] {
            for known in [-1, third] {
                let end = end_offset(&mut wire, version, &topic, (known, asked))?;
                assert_eq!(
                    end, expected,
                    "OffsetForLeaderEpoch v{version} of {asked}, known {known}"
                );
            }
            for (known, error) in [
                (second, FENCED_LEADER_EPOCH),
                (third + 1, UNKNOWN_LEADER_EPOCH),
            ] {
                let end = end_offset(&mut wire, version, &topic, (known, asked))?;
                assert_eq!(
                    end,
                    (error, -1, -1),
                    "OffsetForLeaderEpoch v{version} of {asked}, known {known}"
                );
            }
        }
        let nowhere = end_offset(&mut wire, version, &topic_name("nowhere"), (-1, first))?;
        assert_eq!(nowhere, (UNKNOWN_TOPIC_OR_PARTITION, -1, -1));
    }
    for version in [4, 6, 7, 10] {
        for (time, expected) in [(-1, (5, third)), (-2, (0, first)), (0, (0, first))] {
            let found = list_offsets(&mut wire, version, &topic, (third, time))?;
            assert_eq!(
                found,
                (0, expected.0, expected.1),
                "ListOffsets v{version} of {time}"
            );
        }
        for (known, error) in [
            (second, FENCED_LEADER_EPOCH),
            (third + 1, UNKNOWN_LEADER_EPOCH),
        ] {
            assert_eq!(
                list_offsets(&mut wire, version, &topic, (known, -1))?,
                (error, -1, -1)
            );
        }
    }
    fetches_know_the_epochs(&mut wire, &topic, [first, second, third])
}

fn fetches_know_the_epochs(wire: &mut Wire, topic: &TopicName, epochs: [i32; 3]) -> Outcome {
    let [first, second, third] = epochs;
    for (known, last, offset, expected) in [
        (-1, -1, 0, (0, None)),
        (third, -1, 5, (0, None)),
        (second, -1, 0, (FENCED_LEADER_EPOCH, None)),
        (third + 1, -1, 0, (UNKNOWN_LEADER_EPOCH, None)),
        (third, first, 3, (0, None)),
        (third, first, 4, (0, Some((first, 3)))),
        (third, second, 5, (0, Some((second, 4)))),
        (third, third, 5, (0, None)),
        (third, third + 1, 5, (OFFSET_OUT_OF_RANGE, None)),
        (third, second, -1, (OFFSET_OUT_OF_RANGE, None)),
        (third, -1, 6, (OFFSET_OUT_OF_RANGE, None)),
    ] {
        let fetched = fetch(wire, topic, (known, last), offset)?;
        assert_eq!(
            fetched, expected,
            "Fetch from {offset}, known {known}, last {last}"
        );
    }
    Ok(())
}

async fn a_committed_leader_epoch_comes_back_and_a_lost_commit_gives_way_to_the_one_before(
    mut kafka: OwnKafka,
) -> Outcome {
    kafka.start().await?;
    let cluster = kafka.cluster();
    let topic = cluster.topic("log", 1).await?;
    let name = topic_name(&topic);
    let mut wire = Wire::connect(cluster.bootstrap())?;
    has_coordinator(&cluster, &topic).await?;
    let offsets: [(i64, i32); 3] = [(10, 7), (20, -1), (30, 3)];
    for (version, committed) in [6, 8, 9].into_iter().zip(offsets) {
        wait::until("a commit", TIMEOUT, || {
            ready(
                commit(&mut wire, version, &name, committed)
                    .ok()
                    .filter(|error| *error == 0),
            )
        })
        .await?;
        for version in [5, 7, 8, 9] {
            assert_eq!(
                committed_of(&mut wire, version, &name)?,
                committed,
                "v{version}"
            );
        }
    }
    kafka.kill().await?;
    let last = offsets_partition(&kafka)?;
    let batch = last.batches()?.pop().ok_or("no commit was written")?.1;
    last.cut_at(batch.base_offset)?;
    kafka.start().await?;
    let mut wire = Wire::connect(cluster.bootstrap())?;
    let found = wait::until("the commit before", TIMEOUT, || {
        ready(
            committed_of(&mut wire, 8, &name)
                .ok()
                .filter(|(offset, _)| *offset >= 0),
        )
    });
    assert_eq!(found.await?, (20, -1));
    Ok(())
}

async fn a_consumer_whose_commit_lies_behind_the_end_follows_its_reset_policy(
    mut kafka: OwnKafka,
) -> Outcome {
    kafka.start().await?;
    let cluster = kafka.cluster();
    let topic = cluster.topic("log", 1).await?;
    produce(&cluster, &topic, 20).await?;
    let name = topic_name(&topic);
    let mut wire = Wire::connect(cluster.bootstrap())?;
    has_coordinator(&cluster, &topic).await?;
    wait::until("a commit", TIMEOUT, || {
        ready(
            commit(&mut wire, 8, &name, (20, -1))
                .ok()
                .filter(|error| *error == 0),
        )
    })
    .await?;
    kafka.kill().await?;
    kafka.partition(&topic, 0).cut_at(15)?;
    kafka.start().await?;
    // The coordinator keeps what was committed, whatever became of the log.
    let mut wire = Wire::connect(cluster.bootstrap())?;
    let found = wait::until("the commit", TIMEOUT, || {
        ready(
            committed_of(&mut wire, 8, &name)
                .ok()
                .filter(|(offset, _)| *offset >= 0),
        )
    });
    assert_eq!(found.await?, (20, -1));
    let settings = [("group.id", GROUP), ("auto.offset.reset", "earliest")];
    let seen = cluster
        .member("any", &topic, &settings)?
        .take(15, TIMEOUT)
        .await?;
    assert_eq!(
        seen.iter().map(|seen| seen.offset).collect::<Vec<_>>(),
        (0..15).collect::<Vec<_>>()
    );
    Ok(())
}

/// The scenario has its Kafka for itself.
const GROUP: &str = "group";

/// Waits for the group's coordinator: who looks for it first makes its topic.
async fn has_coordinator(cluster: &Cluster, topic: &str) -> Outcome {
    wait::until("a coordinator", TIMEOUT, || {
        ready(cluster.committed(GROUP, topic, 0).ok())
    })
    .await?;
    Ok(())
}

/// The partition that the group's commits are in.
fn offsets_partition(kafka: &OwnKafka) -> Result<PartitionFiles, String> {
    let partitions = (0..50).map(|number| kafka.partition("__consumer_offsets", number));
    let written = |files: &PartitionFiles| files.batches().is_ok_and(|batches| !batches.is_empty());
    partitions
        .into_iter()
        .find(written)
        .ok_or_else(|| "no partition has a commit".to_owned())
}

/// Produces records in batches of one.
async fn produce(cluster: &Cluster, topic: &str, count: usize) -> Outcome {
    let producer = cluster.producer(&[("batch.num.messages", "1")])?;
    let records: Vec<Record> = (0..count)
        .map(|nth| Record::new("k", nth.to_string()))
        .collect();
    Ok(cluster.produce(&producer, topic, Some(0), &records).await?)
}

/// The epochs that batches were written under, each once.
fn epochs(files: &PartitionFiles) -> std::io::Result<Vec<i32>> {
    let first: BTreeMap<i32, ()> = files
        .batches()?
        .into_iter()
        .map(|(_, batch)| (batch.leader_epoch, ()))
        .collect();
    Ok(first.into_keys().collect())
}

fn topic_name(name: &str) -> TopicName {
    TopicName(StrBytes::from_string(name.to_owned()))
}

fn metadata(wire: &mut Wire, version: i16, topic: &TopicName) -> Result<i32, WireError> {
    let wanted = MetadataRequestTopic::default().with_name(Some(topic.clone()));
    let answer = wire.call(
        version,
        &MetadataRequest::default().with_topics(Some(vec![wanted])),
    )?;
    Ok(answer.topics[0].partitions[0].leader_epoch)
}

/// Error, epoch and end offset.
fn end_offset(
    wire: &mut Wire,
    version: i16,
    topic: &TopicName,
    (known, asked): (i32, i32),
) -> Result<(i16, i32, i64), WireError> {
    let partition = OffsetForLeaderPartition::default()
        .with_current_leader_epoch(known)
        .with_leader_epoch(asked);
    let wanted = OffsetForLeaderTopic::default()
        .with_topic(topic.clone())
        .with_partitions(vec![partition]);
    let request = OffsetForLeaderEpochRequest::default().with_topics(vec![wanted]);
    let request = if version >= 3 {
        request.with_replica_id(BrokerId(-1))
    } else {
        request
    };
    let answer = wire.call(version, &request)?;
    let end = &answer.topics[0].partitions[0];
    Ok((end.error_code, end.leader_epoch, end.end_offset))
}

/// Error, offset and its epoch.
fn list_offsets(
    wire: &mut Wire,
    version: i16,
    topic: &TopicName,
    (known, time): (i32, i64),
) -> Result<(i16, i64, i32), WireError> {
    let partition = ListOffsetsPartition::default()
        .with_current_leader_epoch(known)
        .with_timestamp(time);
    let wanted = ListOffsetsTopic::default()
        .with_name(topic.clone())
        .with_partitions(vec![partition]);
    let request = ListOffsetsRequest::default()
        .with_replica_id(BrokerId(-1))
        .with_topics(vec![wanted]);
    let answer = wire.call(version, &request)?;
    let found = &answer.topics[0].partitions[0];
    Ok((found.error_code, found.offset, found.leader_epoch))
}

/// Error, and where the logs part.
fn fetch(
    wire: &mut Wire,
    topic: &TopicName,
    (known, last): (i32, i32),
    offset: i64,
) -> Result<(i16, Option<(i32, i64)>), WireError> {
    let partition = FetchPartition::default()
        .with_current_leader_epoch(known)
        .with_last_fetched_epoch(last)
        .with_fetch_offset(offset)
        .with_partition_max_bytes(1 << 20);
    let wanted = FetchTopic::default()
        .with_topic(topic.clone())
        .with_partitions(vec![partition]);
    let request = FetchRequest::default()
        .with_replica_id(BrokerId(-1))
        .with_max_wait_ms(0)
        .with_max_bytes(1 << 20)
        .with_topics(vec![wanted]);
    let answer = wire.call(12, &request)?;
    let fetched = &answer.responses[0].partitions[0];
    let parted = &fetched.diverging_epoch;
    Ok((
        fetched.error_code,
        (parted.epoch >= 0).then_some((parted.epoch, parted.end_offset)),
    ))
}

/// Commits an offset with its leader epoch outside any generation, and answers the error.
fn commit(
    wire: &mut Wire,
    version: i16,
    topic: &TopicName,
    (offset, epoch): (i64, i32),
) -> Result<i16, WireError> {
    let partition = OffsetCommitRequestPartition::default()
        .with_committed_offset(offset)
        .with_committed_leader_epoch(epoch)
        .with_committed_metadata(Some(StrBytes::default()));
    let wanted = OffsetCommitRequestTopic::default()
        .with_name(topic.clone())
        .with_partitions(vec![partition]);
    let request = OffsetCommitRequest::default()
        .with_group_id(StrBytes::from_static_str(GROUP).into())
        .with_generation_id_or_member_epoch(-1)
        .with_topics(vec![wanted]);
    Ok(wire.call(version, &request)?.topics[0].partitions[0].error_code)
}

/// The committed offset with its leader epoch.
fn committed_of(wire: &mut Wire, version: i16, topic: &TopicName) -> Result<(i64, i32), WireError> {
    let group = StrBytes::from_static_str(GROUP);
    if version >= 8 {
        let wanted = OffsetFetchRequestTopics::default()
            .with_name(topic.clone())
            .with_partition_indexes(vec![0]);
        let wanted = OffsetFetchRequestGroup::default()
            .with_group_id(group.into())
            .with_member_epoch(-1)
            .with_topics(Some(vec![wanted]));
        let answer = wire.call(
            version,
            &OffsetFetchRequest::default().with_groups(vec![wanted]),
        )?;
        let Some(found) = answer.groups[0].topics.first() else {
            return Ok((-1, -1));
        };
        return Ok((
            found.partitions[0].committed_offset,
            found.partitions[0].committed_leader_epoch,
        ));
    }
    let wanted = kafka_protocol::messages::offset_fetch_request::OffsetFetchRequestTopic::default()
        .with_name(topic.clone())
        .with_partition_indexes(vec![0]);
    let request = OffsetFetchRequest::default()
        .with_group_id(group.into())
        .with_topics(Some(vec![wanted]));
    let answer = wire.call(version, &request)?;
    let Some(found) = answer.topics.first() else {
        return Ok((-1, -1));
    };
    Ok((
        found.partitions[0].committed_offset,
        found.partitions[0].committed_leader_epoch,
    ))
}
