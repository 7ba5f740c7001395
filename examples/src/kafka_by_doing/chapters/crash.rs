//! A member that crashes says nothing: the group waits for it, and then gives its work to others.

use wellspring::types::PartitionId;

use super::{Body, Chapter, Outcome};
use crate::kafka_by_doing::client::{Client, SOON, unique};
use crate::kafka_by_doing::member::{Member, REFUND, SESSION};
use crate::kafka_by_doing::narrator::Narrator;
use crate::kafka_by_doing::orders::{Orders as _, producer};
use crate::kafka_by_doing::reader::Reader;

pub(super) const CHAPTER: Chapter = Chapter {
    name: "crash",
    title: "a member that crashes, and who gets its work",
    body: Body::OneBroker(|narrator, kafka| Box::pin(tell(narrator, kafka))),
};

async fn tell(narrator: &mut Narrator, kafka: &Client) -> wellspring::Result<Outcome> {
    narrator.expect(
        "A member that stops says goodbye, and its partitions move at once. One that crashes says \
         nothing: the group waits for `session.timeout.ms` (45 s by default, 6 s here), and then \
         gives its partitions to the others. They go on at the committed offset, so what the dead \
         one had begun and not finished is delivered again.",
    );

    narrator
        .step("Start two members on four partitions: one here, one in a process of its own.")
        .await;
    let topic = kafka.new_topic("crash", 4, &[]).await?;
    let group = unique("crash");
    let reader = Reader::start(kafka, &topic, &group).await?;
    let mut other = Member::start(kafka, &topic, &group).await?;
    let halved = async || Some(reader.partitions()).filter(|mine| mine.len() == 2);
    let mine = kafka
        .until("the two to share the partitions", SOON, halved)
        .await?;
    let its: Vec<i32> = (0..4)
        .filter(|partition| !mine.contains(partition))
        .collect();
    narrator.show(format!("this one has {mine:?}, the other one {its:?}"));
    narrator.claim("each has two of the four partitions", its.len(), 2)?;

    narrator
        .step("Send three orders to each partition. In the third the other one gets stuck.")
        .await;
    let orders = producer(kafka, &topic, &[])?;
    for partition in 0..4 {
        for order in ["coffee", "tea", REFUND] {
            orders.placed_in(PartitionId(partition), order).await?;
        }
    }
    let begun = its.iter().map(|partition| format!("begun {partition} 2"));
    other.says(&begun.collect::<Vec<_>>()).await?;
    for partition in &its {
        let look = async || {
            let committed = kafka
                .inspector()
                .committed(&group, &topic, *partition)
                .await;
            committed.ok().flatten().filter(|next| *next == 2)
        };
        let what = "the other one to have committed its first two orders of a partition";
        let next = kafka.until(what, SOON, look).await?;
        narrator.show(format!("partition {partition}: 2 begun, committed {next}"));
    }
    let handled = reader.has_seen(6).await?;
    narrator.claim("this one has handled all six of its own", handled.len(), 6)?;

    narrator
        .step("Kill the other one with SIGKILL, in the middle of its two refunds.")
        .await;
    let killed_at = kafka.clock().now();
    other.kill().await?;
    narrator.claim(
        "the group has not noticed: this one still has two",
        reader.partitions(),
        mine,
    )?;
    let all = async || Some(reader.partitions()).filter(|mine| mine.len() == 4);
    let assigned = kafka
        .until("the group to notice", SESSION + SOON, all)
        .await?;
    let waited = kafka.clock().now().duration_since(killed_at);
    narrator.show(format!(
        "{:.1} s later it has {assigned:?}",
        waited.as_secs_f64()
    ));
    narrator.claim(
        "this one has all partitions now",
        assigned,
        vec![0, 1, 2, 3],
    )?;

    narrator
        .step("Look at what it was handed from the partitions of the dead one.")
        .await;
    let seen = reader.has_seen(8).await?;
    let mut inherited: Vec<(i32, i64)> = seen
        .iter()
        .filter(|at| its.contains(&at.partition))
        .map(|at| (at.partition, at.offset))
        .collect();
    inherited.sort_unstable();
    for (partition, offset) in &inherited {
        narrator.show(format!("{topic}-{partition}@{offset}: {REFUND}"));
    }
    narrator.claim(
        "the two refunds that had begun are delivered a second time, and nothing else is",
        inherited,
        its.iter().map(|partition| (*partition, 2)).collect(),
    )?;
    narrator.note(
        "That is what at least once means. A handler that pays a refund has to know that it has \
         paid this one: topic, partition and offset are a good name for it.",
    );
    reader.stop().await;
    kafka.remove(&topic).await;
    Ok(Outcome::Told)
}
