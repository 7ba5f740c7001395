//! Who has a copy, who is in sync, and what acks=all asks of them.

use super::{Body, Chapter, Outcome};
use crate::kafka_by_doing::cluster::Cluster;
use crate::kafka_by_doing::inspect::PartitionState;
use crate::kafka_by_doing::narrator::Narrator;
use crate::kafka_by_doing::orders::{Orders as _, producer, told};

pub(super) const CHAPTER: Chapter = Chapter {
    name: "in-sync-replicas",
    title: "who has a copy, and who is in sync",
    body: Body::Cluster(|narrator, cluster| Box::pin(tell(narrator, cluster))),
};

/// Not acknowledged after this long is not acknowledged.
const DELIVERY: (&str, &str) = ("delivery.timeout.ms", "3000");

async fn tell(narrator: &mut Narrator, cluster: &mut Cluster) -> wellspring::Result<Outcome> {
    narrator.expect(
        "A partition has replicas: one leads and takes all records, the others fetch them from it. \
         Those that keep up are in sync. acks=all waits for those that are in sync, however few \
         they are; `min.insync.replicas` says how few are too few.",
    );

    narrator
        .step("Make a topic with three copies and `min.insync.replicas` of two.")
        .await;
    let kafka = cluster.client().clone();
    let topic = kafka
        .new_topic("isr", 1, &[("min.insync.replicas", "2")])
        .await?;
    let state = cluster.in_sync(&topic, 3).await?;
    show(narrator, &state);
    narrator.claim(
        "three brokers have a copy, and all are in sync",
        sorted(&state.isr),
        vec![1, 2, 3],
    )?;
    let careful = producer(&kafka, &topic, &[DELIVERY])?;
    let hasty = producer(
        &kafka,
        &topic,
        &[DELIVERY, ("acks", "1"), ("enable.idempotence", "false")],
    )?;
    let receipt = careful.anonymous("order 0").await?;
    narrator.show(format!("acks=all: {receipt}"));

    let followers: Vec<i32> = state
        .replicas
        .iter()
        .copied()
        .filter(|replica| *replica != state.leader)
        .collect();
    let [first, second] = &*followers else {
        return Err(format!("expected two followers, not {followers:?}").into());
    };

    narrator
        .step(&format!("Stop a follower, broker {first}."))
        .await;
    cluster.command("stop", *first).await?;
    let state = cluster.in_sync(&topic, 2).await?;
    show(narrator, &state);
    narrator.claim(
        "it still has its copy, and is not in sync",
        state.replicas.len(),
        3,
    )?;
    let receipt = careful.anonymous("order 1").await?;
    narrator.show(format!("acks=all: {receipt}"));
    narrator.claim("acks=all goes on with two", receipt.offset.0, 1)?;

    narrator
        .step(&format!("Stop the other one, broker {second}."))
        .await;
    cluster.command("stop", *second).await?;
    let state = cluster.in_sync(&topic, 1).await?;
    show(narrator, &state);
    narrator.claim("the leader is alone", state.isr.clone(), vec![state.leader])?;
    let refused = careful.anonymous("order 2").await;
    narrator.show(format!("acks=all: {}", told(&refused)));
    narrator.claim(
        "acks=all is refused: one is fewer than two",
        refused.is_err(),
        true,
    )?;
    narrator.note(
        "The broker answers NOT_ENOUGH_REPLICAS, and the client tries again until \
         `delivery.timeout.ms` is over, 3 s here.",
    );
    let receipt = hasty.anonymous("order 2, with acks=1").await?;
    narrator.show(format!("acks=1: {receipt}"));
    narrator.claim(
        "acks=1 is acknowledged all the same, by the one that is left",
        receipt.offset.0,
        2,
    )?;

    narrator.step("Start both again.").await;
    for follower in [first, second] {
        cluster.command("start", *follower).await?;
    }
    let state = cluster.in_sync(&topic, 3).await?;
    show(narrator, &state);
    narrator.claim(
        "they have fetched what they missed and are in sync",
        sorted(&state.isr),
        vec![1, 2, 3],
    )?;
    let receipt = careful.anonymous("order 3").await?;
    narrator.show(format!("acks=all: {receipt}"));
    narrator.claim("acks=all is acknowledged again", receipt.offset.0, 3)?;
    kafka.remove(&topic).await;
    Ok(Outcome::Told)
}

fn show(narrator: &mut Narrator, state: &PartitionState) {
    narrator.show(format!(
        "leader {}, replicas {:?}, in sync {:?}",
        state.leader, state.replicas, state.isr
    ));
}

fn sorted(brokers: &[i32]) -> Vec<i32> {
    let mut brokers = brokers.to_vec();
    brokers.sort_unstable();
    brokers
}
