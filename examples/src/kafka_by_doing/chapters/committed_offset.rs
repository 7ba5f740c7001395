//! A group's place in a partition is a number that the broker keeps for it.

use std::ops::Range;

use super::{Body, Chapter, Outcome};
use crate::kafka_by_doing::client::{Client, SOON, unique};
use crate::kafka_by_doing::narrator::Narrator;
use crate::kafka_by_doing::orders::{Orders, producer};
use crate::kafka_by_doing::reader::Reader;

pub(super) const CHAPTER: Chapter = Chapter {
    name: "committed-offset",
    title: "where a group goes on, and starting over",
    body: Body::OneBroker(|narrator, kafka| Box::pin(tell(narrator, kafka))),
};

async fn tell(narrator: &mut Narrator, kafka: &Client) -> wellspring::Result<Outcome> {
    narrator.expect(
        "A group commits, for each partition, the next offset that it wants to read. The broker \
         keeps that number when all members are gone, and the next member goes on there. It is no \
         more than a number: set it back, and the records are read again.",
    );
    let topic = kafka.new_topic("committed", 1, &[]).await?;
    let orders = producer(kafka, &topic, &[])?;
    let group = unique("committed");

    narrator
        .step("Send five orders, read them, and stop the reader.")
        .await;
    send(&orders, 0..5).await?;
    let read = read(kafka, &topic, &group, 5).await?;
    narrator.show(format!("read offsets {read:?}"));
    let committed = kafka.inspector().committed(&group, &topic, 0).await?;
    narrator.show(format!("committed {}", committed.unwrap_or(-1)));
    narrator.claim(
        "the group has committed 5: the next one, not the last",
        committed,
        Some(5),
    )?;

    narrator
        .step("Send three more while nobody reads, and start the group again.")
        .await;
    send(&orders, 5..8).await?;
    let read = self::read(kafka, &topic, &group, 3).await?;
    narrator.show(format!("read offsets {read:?}"));
    narrator.claim(
        "it goes on at 5 and has missed nothing",
        read,
        vec![5, 6, 7],
    )?;

    narrator
        .step("Set the committed offset back to 0, while the group has no member.")
        .await;
    kafka
        .inspector()
        .set_committed(&group, &topic, 0, 0)
        .await?;
    let committed = kafka.inspector().committed(&group, &topic, 0).await?;
    narrator.show(format!("committed {}", committed.unwrap_or(-1)));
    let read = self::read(kafka, &topic, &group, 8).await?;
    narrator.show(format!("read offsets {read:?}"));
    narrator.claim("it starts over: all eight again", read, (0..8).collect())?;
    narrator.note("`kafka-consumer-groups --reset-offsets` does the same for a stopped group.");

    narrator
        .step("Set it back while the group has a member.")
        .await;
    let member = Reader::start(kafka, &topic, &group).await?;
    let refused = kafka.inspector().set_committed(&group, &topic, 0, 0).await;
    narrator.show(match &refused {
        Ok(()) => "accepted".to_owned(),
        Err(error) => error.to_string(),
    });
    narrator.claim(
        "the broker refuses: only members commit then",
        refused.is_err(),
        true,
    )?;
    member.stop().await;
    kafka.remove(&topic).await;
    Ok(Outcome::Told)
}

async fn send(orders: &impl Orders, numbers: Range<u32>) -> wellspring::Result {
    for number in numbers {
        orders.anonymous(&format!("order {number}")).await?;
    }
    Ok(())
}

/// Reads so many records in the name of the group, waits until it has committed that, and stops.
/// Returns their offsets.
async fn read(
    kafka: &Client,
    topic: &str,
    group: &str,
    count: usize,
) -> wellspring::Result<Vec<i64>> {
    let reader = Reader::start(kafka, topic, group).await?;
    let seen = reader.has_seen(count).await?;
    let offsets: Vec<i64> = seen.iter().map(|at| at.offset).collect();
    let next = offsets.last().map(|last| last + 1);
    let what = format!("the group to have committed {next:?}");
    let look = async || {
        let committed = kafka.inspector().committed(group, topic, 0).await.ok()?;
        (committed == next).then_some(())
    };
    kafka.until(&what, SOON, look).await?;
    reader.stop().await;
    Ok(offsets)
}
