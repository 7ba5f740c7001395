//! A producer outlives a Kafka that contradicts what it knows: another producer with its id, and a
//! topic that was made again.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use integration_tests::cluster::Cluster;
use integration_tests::harness::{Outcome, Scenario};
use integration_tests::own::{OwnKafka, StoredBatch};
use integration_tests::wire::Wire;
use integration_tests::{scenarios, wait};
use kafka_protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};
use kafka_protocol::messages::{ProduceRequest, TopicName};
use kafka_protocol::protocol::StrBytes;
use kafka_protocol::records::{
    Compression, Record, RecordBatchEncoder, RecordEncodeOptions, TimestampType,
};

use super::producers::{send, sent_at_last, template};

pub(crate) const SCENARIOS: &[Scenario] =
    scenarios![OwnKafka => a_producer_that_another_one_with_its_id_has_fenced_goes_on];

pub(crate) const SHARED: &[Scenario] =
    scenarios![a_topic_that_is_made_again_does_not_end_the_producer];

const TIMEOUT: Duration = Duration::from_secs(60);

async fn a_producer_that_another_one_with_its_id_has_fenced_goes_on(
    mut kafka: OwnKafka,
) -> Outcome {
    kafka.start().await?;
    let cluster = kafka.cluster();
    let topic = cluster.topic("topups", 1).await?;
    let template = template(&cluster).build()?;
    for number in 0..3 {
        send(&template, &topic, &format!("before {number}")).await?;
    }
    let last = async || {
        let batches = kafka.partition(&topic, 0).batches().ok()?;
        batches.last().map(|(_, batch)| *batch)
    };
    let own = wait::until("the batch in the log", TIMEOUT, last).await?;
    assert!(own.producer_id >= 0, "{own:?}");
    write_with_later_epoch(&cluster, &topic, own)?;

    let first = sent_at_last(&template, &topic).await?;
    assert!(first.offset.0 >= 5, "acknowledged and not written: {first}");
    send(&template, &topic, "and on").await?;
    assert!(template.health().is_ready(), "{:?}", template.health());
    let now = wait::until("the batch in the log", TIMEOUT, last).await?;
    assert_ne!(
        (now.producer_id, now.producer_epoch),
        (own.producer_id, own.producer_epoch)
    );
    Ok(())
}

/// Writes two records as the producer of `batch` would with its next epoch: from then on the broker
/// takes nothing of the lower one, and of the new one nothing that begins where these did.
fn write_with_later_epoch(cluster: &Cluster, topic: &str, batch: StoredBatch) -> Outcome {
    let record = |sequence| Record {
        transactional: false,
        control: false,
        delete_horizon: false,
        partition_leader_epoch: -1,
        producer_id: batch.producer_id,
        producer_epoch: batch.producer_epoch + 1,
        timestamp_type: TimestampType::Creation,
        offset: i64::from(sequence),
        sequence,
        timestamp: 1_700_000_000_000,
        key: None,
        value: Some(Bytes::from_static(b"of another one")),
        headers: Default::default(),
    };
    let options = RecordEncodeOptions {
        version: 2,
        compression: Compression::None,
    };
    let mut records = BytesMut::new();
    RecordBatchEncoder::encode(&mut records, &[0, 1].map(record), &options)?;
    let partition = PartitionProduceData::default()
        .with_index(0)
        .with_records(Some(records.freeze()));
    let topic = TopicProduceData::default()
        .with_name(TopicName(StrBytes::from_string(topic.to_owned())))
        .with_partition_data(vec![partition]);
    let request = ProduceRequest::default()
        .with_acks(-1)
        .with_timeout_ms(10_000)
        .with_topic_data(vec![topic]);
    let answer = Wire::connect(cluster.bootstrap())?.call(9, &request)?;
    assert_eq!(answer.responses[0].partition_responses[0].error_code, 0);
    Ok(())
}

async fn a_topic_that_is_made_again_does_not_end_the_producer(cluster: Cluster) -> Outcome {
    let topic = cluster.topic("topups", 1).await?;
    let template = template(&cluster).build()?;
    for number in 0..20 {
        send(&template, &topic, &format!("before {number}")).await?;
    }
    cluster.remove_topics().await?;
    wait::until("the topic to be made again", TIMEOUT, async || {
        cluster.topic("topups", 1).await.ok()
    })
    .await?;
    let first = sent_at_last(&template, &topic).await?;
    assert!(first.offset.0 < 20, "{first}");
    for number in 0..10 {
        send(&template, &topic, &format!("after {number}")).await?;
    }
    assert!(template.health().is_ready(), "{:?}", template.health());
    Ok(())
}
