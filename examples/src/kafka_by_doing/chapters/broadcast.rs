//! Between groups Kafka broadcasts: each has all records.

use super::{Body, Chapter, Outcome};
use crate::kafka_by_doing::client::{Client, unique};
use crate::kafka_by_doing::narrator::Narrator;
use crate::kafka_by_doing::orders::{Orders as _, producer};
use crate::kafka_by_doing::reader::Reader;

pub(super) const CHAPTER: Chapter = Chapter {
    name: "broadcast",
    title: "every group gets every record",
    body: Body::OneBroker(|narrator, kafka| Box::pin(tell(narrator, kafka))),
};

async fn tell(narrator: &mut Narrator, kafka: &Client) -> wellspring::Result<Outcome> {
    narrator.expect(
        "Whoever reads belongs to a group, and each group reads the whole topic for itself. So a \
         bakery and an archive can both have every order, and neither knows of the other.",
    );

    narrator
        .step("Start a reader in the group `bakery` and one in the group `archive`.")
        .await;
    let topic = kafka.new_topic("broadcast", 2, &[]).await?;
    let orders = producer(kafka, &topic, &[])?;
    let bakery = Reader::start(kafka, &topic, &unique("bakery")).await?;
    let archive = Reader::start(kafka, &topic, &unique("archive")).await?;
    for (name, reader) in [("bakery", &bakery), ("archive", &archive)] {
        narrator.show(format!("{name} has partitions {:?}", reader.partitions()));
        narrator.claim(
            format!("{name} has all partitions"),
            reader.partitions(),
            vec![0, 1],
        )?;
    }

    narrator.step("Send six orders.").await;
    let mut sent = Vec::new();
    for number in 0..6 {
        let order = format!("order {number}");
        orders.placed(&format!("customer {number}"), &order).await?;
        sent.push(order);
    }
    for (name, reader) in [("bakery", &bakery), ("archive", &archive)] {
        let read = sorted(reader, sent.len()).await?;
        narrator.show(format!("{name} read {}", read.join(", ")));
        narrator.claim(format!("{name} has each order once"), &read, &sent)?;
    }

    narrator
        .step("Stop the archive, and start a third group now, when all is sent.")
        .await;
    archive.stop().await;
    let late = Reader::start(kafka, &topic, &unique("statistics")).await?;
    let read = sorted(&late, sent.len()).await?;
    narrator.show(format!("statistics read {}", read.join(", ")));
    narrator.claim("it has them all, too: they are still there", &read, &sent)?;
    narrator.note(
        "A new group begins with the oldest record, because Wellspring sets `auto.offset.reset` to \
         `earliest`. With Kafka's default, `latest`, it would have seen nothing.",
    );
    narrator.claim(
        "nobody has got an order twice",
        bakery.seen().len(),
        sent.len(),
    )?;
    late.stop().await;
    bakery.stop().await;
    kafka.remove(&topic).await;
    Ok(Outcome::Told)
}

/// The first so many orders that a reader was handed, sorted: between partitions there is no order.
async fn sorted(reader: &Reader, count: usize) -> wellspring::Result<Vec<String>> {
    let seen = reader.has_seen(count).await?;
    let mut orders: Vec<String> = seen.into_iter().map(|at| at.order).collect();
    orders.sort();
    Ok(orders)
}
