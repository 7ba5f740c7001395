//! Which partition a record goes to: by the hash of its key, at random, or by the sender's choice.

use std::collections::BTreeMap;

use wellspring::producer::SendReceipt;
use wellspring::types::PartitionId;

use super::{Body, Chapter, Outcome};
use crate::kafka_by_doing::client::Client;
use crate::kafka_by_doing::murmur2::{murmur2, partition};
use crate::kafka_by_doing::narrator::Narrator;
use crate::kafka_by_doing::orders::{Orders as _, producer};

pub(super) const CHAPTER: Chapter = Chapter {
    name: "keys",
    title: "a key's hash, and records without a key",
    body: Body::OneBroker(|narrator, kafka| Box::pin(tell(narrator, kafka))),
};

const PARTITIONS: u32 = 3;
const CUSTOMERS: [&str; 6] = ["Ada", "Grace", "Edsger", "Barbara", "Donald", "Frances"];

async fn tell(narrator: &mut Narrator, kafka: &Client) -> wellspring::Result<Outcome> {
    narrator.expect(
        "The producer chooses the partition. A key goes where its murmur2 hash says, modulo the \
         number of partitions, so that a customer's orders stay in order. Without a key it does \
         not matter, and records are spread.",
    );

    narrator
        .step("Send two orders of each of six customers, with the customer as the key.")
        .await;
    let topic = kafka.new_topic("keys", 3, &[]).await?;
    let orders = producer(kafka, &topic, &[])?;
    for customer in CUSTOMERS {
        let first = number(&orders.placed(customer, "first").await?);
        let second = number(&orders.placed(customer, "second").await?);
        narrator.show(format!(
            "{customer:<8} murmur2 {:08x} % {PARTITIONS} = {}: partitions {first} and {second}",
            murmur2(customer.as_bytes()),
            partition(customer.as_bytes(), PARTITIONS),
        ));
        narrator.claim(
            format!("both orders of {customer} are where the hash says"),
            [first, second],
            [partition(customer.as_bytes(), PARTITIONS); 2],
        )?;
    }
    narrator.note(
        "This is what Java's producer does, so a Java service and this one agree. librdkafka's own \
         default is another hash: Wellspring sets `partitioner` to `murmur2_random`.",
    );

    narrator
        .step("Compute where the same keys would go if the topic had four partitions.")
        .await;
    let moved = CUSTOMERS.map(|customer| {
        let [three, four] = [PARTITIONS, 4].map(|count| partition(customer.as_bytes(), count));
        narrator.show(format!("{customer:<8} {three} → {four}"));
        three != four
    });
    let moved = moved.into_iter().filter(|moved| *moved).count();
    narrator.claim(
        format!("{moved} of 6 keys would move: a topic that grows breaks the order of its keys"),
        moved > 0,
        true,
    )?;

    narrator.step("Send 60 orders without a key.").await;
    // Otherwise those of the same ten milliseconds go to the same partition, to fill its batches.
    let scattered = producer(kafka, &topic, &[("sticky.partitioning.linger.ms", "0")])?;
    let mut counts = BTreeMap::new();
    for _ in 0..60 {
        let receipt = scattered.anonymous("an order").await?;
        *counts.entry(number(&receipt)).or_insert(0) += 1;
    }
    narrator.show(format!("records by partition: {counts:?}"));
    narrator.claim("every partition got some", counts.len(), 3)?;
    narrator.note(
        "Kafka's clients no longer deal such records out in turn: they stay with one partition for \
         a moment, so that batches are full, and then choose another.",
    );

    narrator
        .step("Deal 60 orders out in turn: round robin is the sender's own counting.")
        .await;
    let mut counts = BTreeMap::new();
    for (_, partition) in (0..60).zip((0..3).cycle()) {
        let receipt = orders.placed_in(PartitionId(partition), "an order").await?;
        *counts.entry(number(&receipt)).or_insert(0) += 1;
    }
    narrator.show(format!("records by partition: {counts:?}"));
    let even = BTreeMap::from([(0, 20), (1, 20), (2, 20)]);
    narrator.claim("every partition got as many as the others", counts, even)?;
    kafka.remove(&topic).await;
    Ok(Outcome::Told)
}

fn number(receipt: &SendReceipt) -> u32 {
    u32::try_from(receipt.partition.0).unwrap_or(u32::MAX)
}
