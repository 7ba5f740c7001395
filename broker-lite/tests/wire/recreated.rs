//! A topic is its id: one that is made anew under an old name is another.
//!
//! Every code here is the one that Kafka 4.3.1 answers to the same requests.

use broker_lite::{Broker, BrokerHandle};
use bytes::Bytes;
use kafka_protocol::messages::create_topics_request::CreatableTopic;
use kafka_protocol::messages::delete_topics_request::DeleteTopicState;
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::offset_commit_request::{
    OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use kafka_protocol::messages::offset_fetch_request::{
    OffsetFetchRequestGroup, OffsetFetchRequestTopics,
};
use kafka_protocol::messages::*;
use kafka_protocol::records::Compression;

use crate::client::Client;
use crate::samples::{Known, batch_of, fetch_request, produce, record, text};

const TOPIC: &str = "card.topups";
const NONE: i16 = 0;
const OFFSET_OUT_OF_RANGE: i16 = 1;
const UNKNOWN_TOPIC_OR_PARTITION: i16 = 3;
const OUT_OF_ORDER_SEQUENCE_NUMBER: i16 = 45;
const UNKNOWN_TOPIC_ID: i16 = 100;
const INCONSISTENT_TOPIC_ID: i16 = 103;

struct Stage {
    broker: BrokerHandle,
    client: Client,
    /// The topic that was there first.
    first: Known,
}

impl Stage {
    async fn open() -> Self {
        let broker = Broker::builder().topic(TOPIC, 1).start().await.unwrap();
        let mut client = Client::connect(broker.addr());
        let first = Known::look_up(&mut client, TOPIC);
        Self {
            broker,
            client,
            first,
        }
    }

    fn delete(&mut self) {
        let topic = DeleteTopicState::default()
            .with_name(None)
            .with_topic_id(self.first.id);
        let request = DeleteTopicsRequest::default().with_topics(vec![topic]);
        let answer = self
            .client
            .call(ApiKey::DeleteTopics, 6, &RequestKind::DeleteTopics(request));
        let ResponseKind::DeleteTopics(deleted) = answer else {
            unreachable!()
        };
        assert_eq!(deleted.responses[0].error_code, NONE);
    }

    fn create(&mut self) {
        let topic = CreatableTopic::default().with_name(TopicName(text(TOPIC)));
        let topic = topic.with_num_partitions(1).with_replication_factor(1);
        let request = CreateTopicsRequest::default().with_topics(vec![topic]);
        let answer = self
            .client
            .call(ApiKey::CreateTopics, 7, &RequestKind::CreateTopics(request));
        let ResponseKind::CreateTopics(created) = answer else {
            unreachable!()
        };
        assert_eq!(created.topics[0].error_code, NONE);
    }

    /// Commits an offset, by the topic's name or from version 10 on by the first topic's id.
    fn commit(&mut self, version: i16, offset: i64) -> i16 {
        let row = OffsetCommitRequestPartition::default().with_committed_offset(offset);
        let topic = OffsetCommitRequestTopic::default().with_name(TopicName(text(TOPIC)));
        let request = OffsetCommitRequest::default()
            .with_group_id(GroupId(text("readers")))
            .with_generation_id_or_member_epoch(-1)
            .with_topics(vec![topic.with_partitions(vec![row])]);
        let answer = self.client.call(
            ApiKey::OffsetCommit,
            version,
            &RequestKind::OffsetCommit(request),
        );
        let ResponseKind::OffsetCommit(committed) = answer else {
            unreachable!()
        };
        committed.topics[0].partitions[0].error_code
    }

    /// What is committed, named as in [`Stage::commit`].
    fn committed(&mut self, version: i16) -> (i16, i64) {
        let topic = OffsetFetchRequestTopics::default().with_name(TopicName(text(TOPIC)));
        let topics = Some(vec![topic.with_partition_indexes(vec![0])]);
        let rows = self.offsets(version, topics);
        assert_eq!(rows.len(), 1);
        rows[0]
    }

    fn offsets(
        &mut self,
        version: i16,
        topics: Option<Vec<OffsetFetchRequestTopics>>,
    ) -> Vec<(i16, i64)> {
        let group = OffsetFetchRequestGroup::default().with_group_id(GroupId(text("readers")));
        let group = group.with_member_epoch(-1).with_topics(topics);
        let request =
            RequestKind::OffsetFetch(OffsetFetchRequest::default().with_groups(vec![group]));
        let ResponseKind::OffsetFetch(fetched) =
            self.client.call(ApiKey::OffsetFetch, version, &request)
        else {
            unreachable!()
        };
        let rows = fetched.groups[0]
            .topics
            .iter()
            .flat_map(|topic| &topic.partitions);
        rows.map(|row| (row.error_code, row.committed_offset))
            .collect()
    }

    /// Writes one record, by the topic's name or from version 13 on by the first topic's id.
    fn produce(&mut self, version: i16, records: Bytes) -> (i16, i64) {
        let request = produce(&self.first, version, 0, records);
        let ResponseKind::Produce(produced) = self.client.call(ApiKey::Produce, version, &request)
        else {
            unreachable!()
        };
        let row = &produced.responses[0].partition_responses[0];
        (row.error_code, row.base_offset)
    }

    /// The session and the first row of a fetch.
    fn fetch(&mut self, version: i16, request: FetchRequest) -> (i32, Option<i16>) {
        let request = RequestKind::Fetch(request);
        let ResponseKind::Fetch(fetched) = self.client.call(ApiKey::Fetch, version, &request)
        else {
            unreachable!()
        };
        let row = fetched
            .responses
            .first()
            .map(|topic| topic.partitions[0].error_code);
        (fetched.session_id, row)
    }
}

/// A batch of one record of an idempotent producer.
fn numbered(sequence: i32) -> Bytes {
    let mut record = record(Some("key"), "value");
    (record.producer_id, record.producer_epoch, record.sequence) = (7, 0, sequence);
    batch_of(vec![record], Compression::None)
}

#[tokio::test]
async fn what_was_committed_for_a_topic_goes_with_it_and_does_not_come_back_with_its_name() {
    let mut stage = Stage::open().await;
    for version in [9, 10] {
        assert_eq!(stage.commit(version, 7), NONE);
        assert_eq!(stage.committed(version), (NONE, 7));
    }
    stage.delete();
    assert_eq!(stage.committed(9), (NONE, -1));
    assert_eq!(stage.committed(10), (UNKNOWN_TOPIC_ID, -1));
    assert_eq!(stage.offsets(9, None), []);
    assert_eq!(stage.commit(9, 7), UNKNOWN_TOPIC_OR_PARTITION);
    assert_eq!(stage.commit(10, 7), UNKNOWN_TOPIC_ID);

    stage.create();
    assert_eq!(stage.committed(9), (NONE, -1));
    assert_eq!(
        stage.commit(10, 7),
        UNKNOWN_TOPIC_ID,
        "who says which topic it means is understood"
    );
    assert_eq!(stage.committed(9), (NONE, -1));
    // Who does not can't be told apart from a reader of the new topic.
    assert_eq!(stage.commit(9, 7), NONE);
    assert_eq!(stage.committed(9), (NONE, 7));
    assert_eq!(stage.committed(10), (UNKNOWN_TOPIC_ID, -1));
    stage.broker.stop().await;
}

#[tokio::test]
async fn a_fetch_session_notices_that_another_topic_has_the_name() {
    let mut stage = Stage::open().await;
    stage.produce(12, numbered(0));
    let first = stage.first.clone();
    let begin = |version| fetch_request(&first, version, 0, 0).with_session_epoch(0);
    let (by_id, _) = stage.fetch(13, begin(13));
    let (by_name, _) = stage.fetch(12, begin(12));
    let next = |version, id, epoch| {
        let request = fetch_request(&first, version, 0, 0).with_topics(Vec::new());
        request.with_session_id(id).with_session_epoch(epoch)
    };
    stage.delete();
    assert_eq!(
        stage.fetch(13, next(13, by_id, 1)),
        (by_id, Some(UNKNOWN_TOPIC_OR_PARTITION))
    );
    assert_eq!(
        stage.fetch(12, next(12, by_name, 1)),
        (by_name, Some(UNKNOWN_TOPIC_OR_PARTITION))
    );
    stage.create();
    assert_eq!(
        stage.fetch(13, next(13, by_id, 2)),
        (by_id, Some(INCONSISTENT_TOPIC_ID))
    );
    assert_eq!(stage.fetch(12, next(12, by_name, 2)), (by_name, Some(NONE)));
    assert_eq!(
        stage.fetch(13, fetch_request(&first, 13, 0, 0)),
        (0, Some(UNKNOWN_TOPIC_ID))
    );
    assert_eq!(
        stage.fetch(12, fetch_request(&first, 12, 0, 1)),
        (0, Some(OFFSET_OUT_OF_RANGE))
    );
    stage.broker.stop().await;
}

#[tokio::test]
async fn a_producer_goes_on_in_the_new_topic_wherever_its_sequence_stands() {
    let mut stage = Stage::open().await;
    for sequence in 0..5 {
        assert_eq!(
            stage.produce(12, numbered(sequence)),
            (NONE, i64::from(sequence))
        );
    }
    stage.delete();
    assert_eq!(
        stage.produce(12, numbered(5)),
        (UNKNOWN_TOPIC_OR_PARTITION, -1)
    );
    assert_eq!(stage.produce(13, numbered(5)), (UNKNOWN_TOPIC_ID, -1));
    stage.create();
    assert_eq!(stage.produce(13, numbered(5)), (UNKNOWN_TOPIC_ID, -1));
    assert_eq!(stage.produce(12, numbered(5)), (NONE, 0));
    assert_eq!(stage.produce(12, numbered(6)), (NONE, 1));
    assert_eq!(
        stage.produce(12, numbered(9)),
        (OUT_OF_ORDER_SEQUENCE_NUMBER, -1)
    );
    stage.broker.stop().await;
}

#[tokio::test]
async fn a_new_topic_begins_with_a_leader_of_its_own() {
    let mut stage = Stage::open().await;
    stage.delete();
    stage.create();
    let topic = MetadataRequestTopic::default().with_name(Some(TopicName(text(TOPIC))));
    let request = RequestKind::Metadata(MetadataRequest::default().with_topics(Some(vec![topic])));
    let ResponseKind::Metadata(metadata) = stage.client.call(ApiKey::Metadata, 12, &request) else {
        unreachable!()
    };
    assert_eq!(metadata.topics[0].partitions[0].leader_epoch, 0);
    assert_ne!(metadata.topics[0].topic_id, stage.first.id);
    stage.broker.stop().await;
}
