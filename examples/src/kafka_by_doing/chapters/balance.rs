//! Within a group Kafka balances: each partition has one member.

use wellspring::types::PartitionId;

use super::{Body, Chapter, Outcome};
use crate::kafka_by_doing::client::{Client, SOON, unique};
use crate::kafka_by_doing::narrator::Narrator;
use crate::kafka_by_doing::orders::{Orders as _, producer};
use crate::kafka_by_doing::reader::{Delivery, Reader};

pub(super) const CHAPTER: Chapter = Chapter {
    name: "balance",
    title: "within a group, each partition has one member",
    body: Body::OneBroker(|narrator, kafka| Box::pin(tell(narrator, kafka))),
};

async fn tell(narrator: &mut Narrator, kafka: &Client) -> wellspring::Result<Outcome> {
    narrator.expect(
        "Members of one group share the partitions: each partition goes to one of them. So more \
         members share the work, up to as many as there are partitions; one more has nothing to do.",
    );

    narrator
        .step("Start members of one group on three partitions, one after the other.")
        .await;
    let topic = kafka.new_topic("balance", 3, &[]).await?;
    let group = unique("balance");
    let mut members = Vec::new();
    for (number, shares) in (1..).zip([vec![3], vec![1, 2], vec![1, 1, 1], vec![0, 1, 1, 1]]) {
        let reader = Reader::start(kafka, &topic, &group).await?;
        members.push(Member { number, reader });
        balanced(kafka, &members, &shares).await?;
        show(narrator, &members);
        narrator.claim(
            format!("with {number} in the group, each partition has one member"),
            owned(&members),
            vec![0, 1, 2],
        )?;
    }
    narrator.claim("of four members one has no partition", idle(&members), 1)?;

    narrator
        .step("Send nine orders, three to each partition.")
        .await;
    let orders = producer(kafka, &topic, &[])?;
    for number in 0..9 {
        let order = format!("order {number}");
        orders.placed_in(PartitionId(number % 3), &order).await?;
    }
    let what = "all members together to be handed nine orders";
    let look = async || Some(seen(&members)).filter(|seen| seen.len() >= 9);
    let deliveries = kafka.until(what, SOON, look).await?;
    let mut strays = 0;
    for Member { number, reader } in &members {
        let (seen, mine) = (reader.seen(), reader.partitions());
        let read: Vec<&str> = seen.iter().map(|at| at.order.as_str()).collect();
        narrator.show(format!("member {number} read {read:?}"));
        let others = seen.iter().filter(|at| !mine.contains(&at.partition));
        strays += others.count();
    }
    narrator.claim("each order was handed to one member", deliveries.len(), 9)?;
    narrator.claim("and to the one that has its partition", strays, 0)?;

    narrator.step("Stop the first two members.").await;
    for member in members.drain(..2) {
        member.reader.stop().await;
    }
    let look = async || (owned(&members) == [0, 1, 2]).then_some(());
    kafka
        .until("the others to have all partitions", SOON, look)
        .await?;
    show(narrator, &members);
    narrator.claim(
        "a member that leaves hands over its partitions at once",
        owned(&members),
        vec![0, 1, 2],
    )?;
    for member in members {
        member.reader.stop().await;
    }
    kafka.remove(&topic).await;
    Ok(Outcome::Told)
}

/// A member of the group, by the order in which they joined.
struct Member {
    number: usize,
    reader: Reader,
}

/// Waits until the members have so many partitions each, in any order.
async fn balanced(kafka: &Client, members: &[Member], shares: &[usize]) -> wellspring::Result {
    let look = async || {
        let sizes = members
            .iter()
            .map(|member| member.reader.partitions().len());
        let mut sizes: Vec<usize> = sizes.collect();
        sizes.sort_unstable();
        (sizes == shares).then_some(())
    };
    let what = format!("{} members to have {shares:?} partitions", members.len());
    kafka.until(&what, SOON, look).await
}

fn show(narrator: &mut Narrator, members: &[Member]) {
    let each: Vec<String> = members
        .iter()
        .map(|member| format!("member {} {:?}", member.number, member.reader.partitions()))
        .collect();
    narrator.show(each.join("  "));
}

/// All partitions that somebody has.
fn owned(members: &[Member]) -> Vec<i32> {
    let each = members.iter().map(|member| member.reader.partitions());
    let mut all = each.collect::<Vec<_>>().concat();
    all.sort_unstable();
    all
}

fn idle(members: &[Member]) -> usize {
    let each = members.iter();
    each.filter(|member| member.reader.partitions().is_empty())
        .count()
}

fn seen(members: &[Member]) -> Vec<Delivery> {
    members
        .iter()
        .flat_map(|member| member.reader.seen())
        .collect()
}
