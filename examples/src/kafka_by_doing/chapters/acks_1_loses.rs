//! An order that acks=1 acknowledged, and that no broker has any more.

use std::time::Duration;

use wellspring::types::Offset;

use super::{Body, Chapter, Outcome};
use crate::kafka_by_doing::client::unique;
use crate::kafka_by_doing::cluster::Cluster;
use crate::kafka_by_doing::narrator::Narrator;
use crate::kafka_by_doing::orders::{Orders as _, producer, told};
use crate::kafka_by_doing::reader::Reader;

pub(super) const CHAPTER: Chapter = Chapter {
    name: "acks-1-loses",
    title: "an order that acks=1 acknowledged, and that is gone",
    body: Body::Cluster(|narrator, cluster| Box::pin(tell(narrator, cluster))),
};

/// Not acknowledged after this long is not acknowledged. Shorter than the nine seconds after which
/// frozen brokers are missed.
const DELIVERY: (&str, &str) = ("delivery.timeout.ms", "2000");

/// A follower's fetch waits at the leader for at most `replica.fetch.wait.max.ms`, 500 ms. One that
/// is answered while the follower is frozen would bring the record along when it thaws.
const LAST_FETCH: Duration = Duration::from_millis(1000);

async fn tell(narrator: &mut Narrator, cluster: &mut Cluster) -> wellspring::Result<Outcome> {
    narrator.expect(
        "With acks=1 the leader answers when it has the record itself. If it dies before a \
         follower has fetched it, a follower takes over that has never seen it: acknowledged, and \
         lost. acks=all would not have acknowledged it, and its sender would know.",
    );

    narrator
        .step("Make a topic with three copies, all in sync, and send an order.")
        .await;
    let kafka = cluster.client().clone();
    let topic = kafka.new_topic("loss", 1, &[]).await?;
    let before = cluster.in_sync(&topic, 3).await?;
    let hasty = producer(
        &kafka,
        &topic,
        &[("acks", "1"), ("enable.idempotence", "false")],
    )?;
    let careful = producer(&kafka, &topic, &[DELIVERY])?;
    careful.anonymous("coffee, with acks=all").await?;
    let receipt = hasty.anonymous("tea, with acks=1").await?;
    narrator.show(format!(
        "leader {}, in sync {:?}",
        before.leader, before.isr
    ));
    narrator.claim(
        "both are acknowledged while all is well",
        receipt.offset.0,
        1,
    )?;
    cluster.fetched(&topic, 2).await?;

    let followers = before.isr.iter().filter(|broker| **broker != before.leader);
    let followers: Vec<i32> = followers.copied().collect();
    narrator
        .step(&format!(
            "Freeze both followers, brokers {followers:?}: they are there, and fetch nothing."
        ))
        .await;
    for follower in &followers {
        cluster.command("freeze", *follower).await?;
    }
    kafka.clock().sleep(LAST_FETCH).await;
    narrator.note("The last fetches, which wait at the leader for half a second, are over.");

    narrator
        .step("Send one order with acks=1, and one with acks=all.")
        .await;
    let lost = hasty.anonymous("cake, with acks=1").await?;
    narrator.show(format!("acks=1: {lost}"));
    narrator.claim(
        "acks=1 is acknowledged: the leader has it",
        lost.offset.0,
        2,
    )?;
    let refused = careful.anonymous("pie, with acks=all").await;
    narrator.show(format!("acks=all: {}", told(&refused)));
    narrator.claim(
        "acks=all is not acknowledged, and its sender knows",
        refused.is_err(),
        true,
    )?;

    let loss = Loss {
        topic,
        leader: before.leader,
        followers,
        offset: lost.offset,
    };
    elect(narrator, cluster, &loss).await?;
    look_for_it(narrator, cluster, &loss).await?;
    kafka.remove(&loss.topic).await;
    Ok(Outcome::Told)
}

/// The order that is about to be lost.
struct Loss {
    topic: String,
    /// Who has it.
    leader: i32,
    /// Who has never seen it.
    followers: Vec<i32>,
    offset: Offset,
}

/// Kills the only broker that has the order.
async fn elect(narrator: &mut Narrator, cluster: &mut Cluster, loss: &Loss) -> wellspring::Result {
    narrator
        .step(&format!(
            "Kill the leader, broker {}, and let the followers go on.",
            loss.leader
        ))
        .await;
    cluster.command("kill", loss.leader).await?;
    for follower in &loss.followers {
        cluster.command("thaw", *follower).await?;
    }
    let after = cluster.in_sync(&loss.topic, 2).await?;
    narrator.show(format!("leader {}, in sync {:?}", after.leader, after.isr));
    narrator.claim(
        "a follower that was in sync leads now",
        loss.followers.contains(&after.leader),
        true,
    )?;
    narrator
        .note("Nothing about this election is unclean: as far as anybody knew, it had everything.");

    Ok(())
}

/// Reads everything that the cluster still has.
async fn look_for_it(
    narrator: &mut Narrator,
    cluster: &mut Cluster,
    loss: &Loss,
) -> wellspring::Result {
    let kafka = cluster.client().clone();
    let topic = &loss.topic;
    narrator
        .step("Send the pie again, start the old leader, and read everything there is.")
        .await;
    let again = producer(&kafka, topic, &[])?;
    let receipt = again.anonymous("pie, sent again with acks=all").await?;
    narrator.show(format!("acks=all: {receipt}"));
    narrator.claim(
        "the pie has the offset that the cake was given",
        receipt.offset,
        loss.offset,
    )?;
    cluster.command("start", loss.leader).await?;
    cluster.in_sync(topic, 3).await?;
    let reader = Reader::start(&kafka, topic, &unique("loss")).await?;
    let seen = reader.has_seen(3).await?;
    let read: Vec<String> = seen.into_iter().map(|at| at.order).collect();
    for order in &read {
        narrator.show(order);
    }
    let left = [
        "coffee, with acks=all",
        "tea, with acks=1",
        "pie, sent again with acks=all",
    ];
    narrator.claim(
        "the cake is gone, which acks=1 had acknowledged; what acks=all acknowledged is there",
        read,
        left.map(str::to_owned).to_vec(),
    )?;
    narrator.note(
        "The old leader had the cake on its disk. It came back as a follower, and cut off what the \
         new leader does not have.",
    );
    reader.stop().await;
    Ok(())
}
