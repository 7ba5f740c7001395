//! An offset is a record's number in its partition, for good.

use super::{Body, Chapter, Outcome};
use crate::kafka_by_doing::client::{Client, unique};
use crate::kafka_by_doing::inspect::Ends;
use crate::kafka_by_doing::narrator::Narrator;
use crate::kafka_by_doing::orders::{Orders as _, producer};
use crate::kafka_by_doing::reader::Reader;

pub(super) const CHAPTER: Chapter = Chapter {
    name: "offsets",
    title: "every record has a number in its partition, and keeps it",
    body: Body::OneBroker(|narrator, kafka| Box::pin(tell(narrator, kafka))),
};

async fn tell(narrator: &mut Narrator, kafka: &Client) -> wellspring::Result<Outcome> {
    narrator.expect(
        "The broker gives each record the next offset of its partition and tells the sender. A \
         partition has a first offset and a next one, and reading changes neither: a log is not a \
         queue.",
    );

    narrator
        .step("Send five orders to a topic of one partition.")
        .await;
    let topic = kafka.new_topic("offsets", 1, &[]).await?;
    let orders = producer(kafka, &topic, &[])?;
    let mut offsets = Vec::new();
    for number in 0..5 {
        let receipt = orders.anonymous(&format!("order {number}")).await?;
        narrator.show(format!("order {number} is at {receipt}"));
        offsets.push(receipt.offset.0);
    }
    narrator.claim("the offsets count up from 0", offsets, vec![0, 1, 2, 3, 4])?;

    narrator.step("Ask for the ends of the partition.").await;
    let ends = kafka.inspector().ends(&topic, 0).await?;
    narrator.show(format!("first {}, next {}", ends.first, ends.next));
    let five = Ends { first: 0, next: 5 };
    narrator.claim("it begins at 0, and the next record gets 5", ends, five)?;

    narrator
        .step("Read all of it, twice, with two groups.")
        .await;
    for name in ["one", "two"] {
        let reader = Reader::start(kafka, &topic, &unique(name)).await?;
        let seen = reader.has_seen(5).await?;
        let read: Vec<String> = seen
            .iter()
            .map(|at| format!("{} at {}", at.order, at.offset))
            .collect();
        narrator.show(format!("group {name}: {}", read.join(", ")));
        let same = (0..5).map(|number| format!("order {number} at {number}"));
        narrator.claim(
            format!("group {name} reads each order at the offset its sender was told"),
            read,
            same.collect(),
        )?;
        reader.stop().await;
    }
    let ends = kafka.inspector().ends(&topic, 0).await?;
    narrator.claim("reading has taken nothing away", ends, five)?;
    narrator.note("What takes records away is retention, whether or not anybody has read them.");
    kafka.remove(&topic).await;
    Ok(Outcome::Told)
}
