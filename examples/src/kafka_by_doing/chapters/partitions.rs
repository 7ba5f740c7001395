//! A topic is a name; its partitions are where records are, each a log of its own.

use wellspring::types::PartitionId;

use super::{Body, Chapter, Outcome};
use crate::kafka_by_doing::client::{Client, unique};
use crate::kafka_by_doing::narrator::Narrator;
use crate::kafka_by_doing::orders::{Orders as _, producer};
use crate::kafka_by_doing::reader::Reader;

pub(super) const CHAPTER: Chapter = Chapter {
    name: "partitions",
    title: "a topic and its partitions",
    body: Body::OneBroker(|narrator, kafka| Box::pin(tell(narrator, kafka))),
};

async fn tell(narrator: &mut Narrator, kafka: &Client) -> wellspring::Result<Outcome> {
    narrator.expect(
        "A topic is a name. Records are in its partitions, and each of these is a log of its own: \
         it counts its own offsets from 0, it has one leader, and order means order within it.",
    );

    narrator
        .step("Make a topic with three partitions, and ask the cluster for it.")
        .await;
    let topic = kafka.new_topic("partitions", 3, &[]).await?;
    let partitions = kafka.inspector().partitions(&topic).await?;
    for state in &partitions {
        narrator.show(format!(
            "{topic}-{}: leader {}, replicas {:?}",
            state.partition, state.leader, state.replicas
        ));
    }
    let numbers: Vec<i32> = partitions.iter().map(|state| state.partition).collect();
    narrator.claim("the partitions are numbered from 0", numbers, vec![0, 1, 2])?;
    let led = partitions.iter().all(|state| state.leader >= 0);
    narrator.claim("each has one broker that leads it", led, true)?;

    narrator
        .step("Send six orders, in turn to partitions 0, 1 and 2.")
        .await;
    let orders = producer(kafka, &topic, &[])?;
    let mut offsets = vec![Vec::new(); 3];
    for number in 0..6 {
        let partition = number % 3;
        let order = format!("order {number}");
        let receipt = orders.placed_in(PartitionId(partition), &order).await?;
        narrator.show(format!("{order} is at {receipt}"));
        if let Some(offsets) = usize::try_from(partition)
            .ok()
            .and_then(|p| offsets.get_mut(p))
        {
            offsets.push(receipt.offset.0);
        }
    }
    narrator.claim(
        "each partition counts its own offsets: 0 and 1 three times",
        offsets,
        vec![vec![0, 1]; 3],
    )?;

    narrator.step("Read them with a listener.").await;
    let reader = Reader::start(kafka, &topic, &unique("partitions")).await?;
    let seen = reader.has_seen(6).await?;
    for at in &seen {
        narrator.show(format!(
            "{topic}-{}@{}: {}",
            at.partition, at.offset, at.order
        ));
    }
    for partition in 0..3 {
        let orders: Vec<&str> = seen
            .iter()
            .filter(|at| at.partition == partition)
            .map(|at| at.order.as_str())
            .collect();
        let expected = [
            format!("order {partition}"),
            format!("order {}", partition + 3),
        ];
        narrator.claim(
            format!("partition {partition} hands out its records as they were sent"),
            orders,
            expected.iter().map(String::as_str).collect(),
        )?;
    }
    narrator.note(
        "Between partitions no order is promised: a reader takes from each what it has. What must \
         stay in order belongs in one partition, and that is what keys are for.",
    );
    reader.stop().await;
    kafka.remove(&topic).await;
    Ok(Outcome::Told)
}
