//! A producer outlives what its client does not: a broker that lost records, and one that was
//! frozen. It tells of a topic that is missing, and waits for it.

use std::time::Duration;

use integration_tests::cluster::Cluster;
use integration_tests::harness::{Outcome, Scenario};
use integration_tests::own::OwnKafka;
use integration_tests::wait::Deadline;
use integration_tests::warnings::Warnings;
use integration_tests::{scenarios, wait};
use tokio::time::timeout;
use wellspring::producer::{KafkaTemplate, KafkaTemplateBuilder, SendError, SendReceipt};
use wellspring::types::PartitionId;

pub(crate) const SCENARIOS: &[Scenario] = scenarios![
    OwnKafka => a_broker_that_lost_its_tail_does_not_end_the_producer,
    a_broker_that_was_frozen_for_longer_than_all_time_outs_does_not_end_the_producer,
    a_missing_topic_is_told_after_a_second_and_its_record_waits_for_it,
];

pub(crate) const TOPICS: &[Scenario] =
    scenarios![a_topic_that_the_broker_makes_by_itself_is_not_missing];

const TIMEOUT: Duration = Duration::from_secs(60);

pub(crate) fn template(cluster: &Cluster) -> KafkaTemplateBuilder {
    // Short, so that what nobody acknowledges is soon answered.
    KafkaTemplate::builder(cluster.bootstrap())
        .property("linger.ms", "0")
        .property("socket.timeout.ms", "1500")
        .property("delivery.timeout.ms", "3000")
}

pub(crate) async fn send(
    template: &KafkaTemplate,
    topic: &str,
    text: &str,
) -> Result<SendReceipt, SendError> {
    template
        .record(topic)
        .partition(PartitionId(0))
        .text(text)
        .send()
        .await
}

/// Sends one record after the other until one is acknowledged; the errors until then must allow
/// that.
pub(crate) async fn sent_at_last(
    template: &KafkaTemplate,
    topic: &str,
) -> Result<SendReceipt, wait::TimedOut> {
    wait::until("an acknowledgement", TIMEOUT, async || {
        match send(template, topic, "after").await {
            Ok(receipt) => Some(receipt),
            Err(error) => {
                assert!(error.is_retriable(), "{error:?}");
                assert!(!error.is_fatal(), "{error:?}");
                None
            }
        }
    })
    .await
}

async fn a_broker_that_lost_its_tail_does_not_end_the_producer(mut kafka: OwnKafka) -> Outcome {
    kafka.start().await?;
    let topic = kafka.cluster().topic("topups", 1).await?;
    let template = template(&kafka.cluster()).build()?;
    for number in 0..20 {
        send(&template, &topic, &format!("before {number}")).await?;
    }
    // With nothing left of the log, nothing is known of the producer either.
    for left in [10, 0] {
        kafka.kill().await?;
        kafka.partition(&topic, 0).cut_at(left)?;
        kafka.start().await?;
        let first = sent_at_last(&template, &topic).await?;
        assert!(first.offset.0 >= left && first.offset.0 < 20, "{first}");
    }
    let clone = template.clone();
    for number in 0..10 {
        send(&clone, &topic, &format!("after {number}")).await?;
    }
    let is_told = async || template.health().acknowledged_ago;
    wait::until("health that knows the acknowledgement", TIMEOUT, is_told).await?;
    assert!(template.health().is_ready(), "{:?}", template.health());
    Ok(())
}

async fn a_broker_that_was_frozen_for_longer_than_all_time_outs_does_not_end_the_producer(
    mut kafka: OwnKafka,
) -> Outcome {
    kafka.start().await?;
    let topic = kafka.cluster().topic("topups", 1).await?;
    let template = template(&kafka.cluster()).build()?;
    send(&template, &topic, "before").await?;
    kafka.freeze().await?;
    let error = send(&template, &topic, "meanwhile").await.unwrap_err();
    assert!(error.is_retriable() && error.may_be_written(), "{error:?}");
    kafka.thaw()?;
    sent_at_last(&template, &topic).await?;
    assert!(template.health().is_ready(), "{:?}", template.health());
    Ok(())
}

async fn a_missing_topic_is_told_after_a_second_and_its_record_waits_for_it(
    mut kafka: OwnKafka,
) -> Outcome {
    kafka.set("auto.create.topics.enable", "false");
    kafka.start().await?;
    let (cluster, warnings) = (kafka.cluster(), Warnings::of_this_process());
    let topic = cluster.name("orders");
    let template = KafkaTemplate::builder(cluster.bootstrap()).build()?;
    let sending = template.record(&topic).text("early").send();
    // librdkafka itself says nothing for thirty seconds.
    let missing = wait::until("the missing topic", Duration::from_secs(5), async || {
        template.health().missing_topics.pop()
    });
    assert_eq!(missing.await?.as_str(), topic);
    assert!(template.health().is_ready(), "it is told, and nothing else");
    assert_eq!(
        warnings.with(&topic).len(),
        1,
        "{:?}",
        warnings.with(&topic)
    );

    cluster.topic("orders", 1).await?;
    let receipt = timeout(TIMEOUT, sending).await??;
    assert_eq!(receipt.offset.0, 0);
    wait::until("health without a missing topic", TIMEOUT, async || {
        template.health().missing_topics.is_empty().then_some(())
    })
    .await?;
    assert_eq!(
        warnings.with(&topic).len(),
        1,
        "{:?}",
        warnings.with(&topic)
    );
    Ok(())
}

async fn a_topic_that_the_broker_makes_by_itself_is_not_missing(cluster: Cluster) -> Outcome {
    let warnings = Warnings::of_this_process();
    let topic = cluster.name("made");
    let template = KafkaTemplate::builder(cluster.bootstrap()).build()?;
    // For longer than it takes to tell a missing topic.
    let deadline = Deadline::after(Duration::from_secs(2));
    while !deadline.has_passed() {
        send(&template, &topic, "x").await?;
        assert!(template.health().missing_topics.is_empty());
    }
    assert!(
        warnings.with(&topic).is_empty(),
        "{:?}",
        warnings.with(&topic)
    );
    Ok(())
}
