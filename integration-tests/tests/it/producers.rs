//! A producer outlives what its client does not: a broker that lost records, and one that was
//! frozen.

use std::time::Duration;

use integration_tests::harness::{Outcome, Scenario};
use integration_tests::own::OwnKafka;
use integration_tests::{scenarios, wait};
use wellspring::producer::{KafkaTemplate, KafkaTemplateBuilder, SendError, SendReceipt};
use wellspring::types::PartitionId;

pub(crate) const SCENARIOS: &[Scenario] = scenarios![
    OwnKafka => a_broker_that_lost_its_tail_does_not_end_the_producer,
    a_broker_that_was_frozen_for_longer_than_all_time_outs_does_not_end_the_producer,
];

const PATIENCE: Duration = Duration::from_secs(60);

fn template(kafka: &OwnKafka) -> KafkaTemplateBuilder {
    // Short, so that what nobody acknowledges is soon answered.
    KafkaTemplate::builder(kafka.cluster().bootstrap())
        .property("linger.ms", "0")
        .property("socket.timeout.ms", "1500")
        .property("delivery.timeout.ms", "3000")
}

async fn send(template: &KafkaTemplate, topic: &str, text: &str) -> Result<SendReceipt, SendError> {
    template
        .record(topic)
        .partition(PartitionId(0))
        .text(text)
        .send()
        .await
}

/// Sends one record after the other until one is acknowledged; the errors until then must allow
/// that.
async fn sent_at_last(
    template: &KafkaTemplate,
    topic: &str,
) -> Result<SendReceipt, wait::TimedOut> {
    wait::until("an acknowledgement", PATIENCE, async || {
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
    let template = template(&kafka).build()?;
    for number in 0..20 {
        send(&template, &topic, &format!("before {number}")).await?;
    }
    kafka.kill().await?;
    kafka.partition(&topic, 0).cut_at(10)?;
    kafka.start().await?;

    let first = sent_at_last(&template, &topic).await?;
    assert!(first.offset.0 >= 10, "{first}");
    let clone = template.clone();
    for number in 0..10 {
        send(&clone, &topic, &format!("after {number}")).await?;
    }
    let is_told = async || template.health().acknowledged_ago;
    wait::until("health that knows the acknowledgement", PATIENCE, is_told).await?;
    assert!(template.health().is_ready(), "{:?}", template.health());
    Ok(())
}

async fn a_broker_that_was_frozen_for_longer_than_all_time_outs_does_not_end_the_producer(
    mut kafka: OwnKafka,
) -> Outcome {
    kafka.start().await?;
    let topic = kafka.cluster().topic("topups", 1).await?;
    let template = template(&kafka).build()?;
    send(&template, &topic, "before").await?;
    kafka.freeze().await?;
    let error = send(&template, &topic, "meanwhile").await.unwrap_err();
    assert!(error.is_retriable() && error.may_be_written(), "{error:?}");
    kafka.thaw()?;
    sent_at_last(&template, &topic).await?;
    assert!(template.health().is_ready(), "{:?}", template.health());
    Ok(())
}
