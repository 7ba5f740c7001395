//! The leader dies, and one that is in sync takes over: nothing is lost, and clients follow.

use super::{Body, Chapter, Outcome};
use crate::kafka_by_doing::client::unique;
use crate::kafka_by_doing::cluster::Cluster;
use crate::kafka_by_doing::narrator::Narrator;
use crate::kafka_by_doing::orders::{Orders as _, producer};
use crate::kafka_by_doing::reader::Reader;

pub(super) const CHAPTER: Chapter = Chapter {
    name: "leader-election",
    title: "the leader dies, and one that is in sync takes over",
    body: Body::Cluster(|narrator, cluster| Box::pin(tell(narrator, cluster))),
};

async fn tell(narrator: &mut Narrator, cluster: &mut Cluster) -> wellspring::Result<Outcome> {
    narrator.expect(
        "When a leader dies, the controller notices after `broker.session.timeout.ms` (9 s) and \
         makes an in-sync replica the leader. That one has every record that acks=all \
         acknowledged. Producers and readers wait, look up the new leader, and go on.",
    );

    narrator
        .step("Send three orders with acks=all to a partition with three copies.")
        .await;
    let kafka = cluster.client().clone();
    let topic = kafka
        .new_topic("election", 1, &[("min.insync.replicas", "2")])
        .await?;
    let before = cluster.in_sync(&topic, 3).await?;
    let orders = producer(&kafka, &topic, &[])?;
    let reader = Reader::start(&kafka, &topic, &unique("election")).await?;
    for number in 0..3 {
        let receipt = orders.anonymous(&format!("order {number}")).await?;
        narrator.show(format!("order {number} is at {receipt}"));
    }
    narrator.show(format!(
        "leader {}, in sync {:?}",
        before.leader, before.isr
    ));

    narrator
        .step(&format!(
            "Kill the leader, broker {}, and go on sending.",
            before.leader
        ))
        .await;
    let killed_at = kafka.clock().now();
    cluster.command("kill", before.leader).await?;
    for number in 3..6 {
        let receipt = orders.anonymous(&format!("order {number}")).await?;
        let waited = kafka.clock().now().duration_since(killed_at).as_secs_f64();
        narrator.show(format!(
            "order {number} is at {receipt}, {waited:.1} s after the kill"
        ));
    }
    let after = cluster.in_sync(&topic, 2).await?;
    narrator.show(format!("leader {}, in sync {:?}", after.leader, after.isr));
    narrator.claim("another broker leads", after.leader != before.leader, true)?;
    narrator.claim("it was in sync", before.isr.contains(&after.leader), true)?;

    narrator.step("Look at what the reader was handed.").await;
    let seen = reader.has_seen(6).await?;
    let read: Vec<String> = seen
        .iter()
        .map(|at| format!("{} at {}", at.order, at.offset))
        .collect();
    narrator.show(read.join(", "));
    let all = (0..6).map(|number| format!("order {number} at {number}"));
    narrator.claim("all six, in order, none twice", read, all.collect())?;
    narrator.note(
        "The producer sent order 3 again and again until there was a leader. It is idempotent, so \
         the broker would have known a batch that it had already.",
    );

    narrator
        .step(&format!("Start broker {} again.", before.leader))
        .await;
    cluster.command("start", before.leader).await?;
    let state = cluster.in_sync(&topic, 3).await?;
    narrator.show(format!("leader {}, in sync {:?}", state.leader, state.isr));
    narrator.claim(
        "it is back, and in sync",
        state.isr.contains(&before.leader),
        true,
    )?;
    reader.stop().await;
    kafka.remove(&topic).await;
    Ok(Outcome::Told)
}
