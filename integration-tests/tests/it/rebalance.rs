//! A group shares the partitions, whoever comes and however a member goes.

use std::collections::BTreeSet;
use std::time::Duration;

use integration_tests::cluster::{Cluster, is_balanced, rebalanced};
use integration_tests::harness::{Outcome, Scenario};
use integration_tests::process::Process;
use integration_tests::records::{Record, Seeded};
use integration_tests::scenarios;

pub(crate) const SCENARIOS: &[Scenario] = scenarios![
    two_members_share_and_the_one_that_stays_takes_over,
    cooperative_members_share_and_the_one_that_stays_takes_over,
    a_killed_member_is_replaced_after_its_session,
    a_static_member_comes_back_to_its_partitions,
    a_member_without_a_partition_waits_for_its_turn,
];

const TIMEOUT: Duration = Duration::from_secs(30);
const PARTITIONS: usize = 4;

async fn two_members_share_and_the_one_that_stays_takes_over(cluster: Cluster) -> Outcome {
    share_and_take_over(&cluster, "range").await
}

async fn cooperative_members_share_and_the_one_that_stays_takes_over(cluster: Cluster) -> Outcome {
    share_and_take_over(&cluster, "cooperative-sticky").await
}

async fn share_and_take_over(cluster: &Cluster, assignor: &str) -> Outcome {
    let topic = cluster.topic("shared", 4).await?;
    let settings = [("partition.assignment.strategy", assignor)];
    let stays = cluster.member("group", &topic, &settings)?;
    rebalanced([&stays], TIMEOUT, |[alone]| alone.len() == PARTITIONS).await?;

    let goes = cluster.member("group", &topic, &settings)?;
    rebalanced([&stays, &goes], TIMEOUT, |both| {
        is_balanced(PARTITIONS, both)
    })
    .await?;

    // Each partition has a record for its owner, so nobody can have partitions and get nothing.
    let producer = cluster.producer(&[])?;
    for partition in 0..4 {
        let record = Record::new("key", format!("for the owner of {partition}"));
        cluster
            .produce(&producer, &topic, Some(partition), &[record])
            .await?;
    }
    for member in [&stays, &goes] {
        let own = member.assigned()?;
        let seen = member.take(own.len(), TIMEOUT).await?;
        assert_eq!(
            seen.iter()
                .map(|seen| seen.partition)
                .collect::<BTreeSet<_>>(),
            own
        );
    }

    drop(goes);
    rebalanced([&stays], TIMEOUT, |[alone]| alone.len() == PARTITIONS).await?;
    Ok(())
}

async fn a_killed_member_is_replaced_after_its_session(cluster: Cluster) -> Outcome {
    let topic = cluster.topic("crash", 4).await?;
    let program = env!("CARGO_BIN_EXE_interop-rdkafka");
    // It is there first, so that the first thing the victim is given is its half.
    let survivor = cluster.member("group", &topic, &[])?;
    rebalanced([&survivor], TIMEOUT, |[alone]| alone.len() == PARTITIONS).await?;
    let mut victim = Process::start(
        program,
        [
            "consume",
            cluster.bootstrap(),
            &cluster.name("group"),
            &topic,
        ],
    )?;

    // The survivor must be polled for the rebalance to come about.
    let shared = rebalanced([&survivor], TIMEOUT, |[own]| own.len() == PARTITIONS / 2);
    let (theirs, shared) = tokio::join!(victim.says("assigned", TIMEOUT), shared);
    shared?;
    let theirs: BTreeSet<i32> = theirs?
        .split_whitespace()
        .map(|partition| partition.parse().unwrap())
        .collect();
    assert!(is_balanced(PARTITIONS, &[survivor.assigned()?, theirs]));

    victim.kill().await?;
    rebalanced([&survivor], TIMEOUT, |[alone]| alone.len() == PARTITIONS).await?;

    // What comes to the partitions of the dead one is read as well.
    let records = Seeded::new(9).keyed(100, 100);
    cluster
        .produce(&cluster.producer(&[])?, &topic, None, &records)
        .await?;
    survivor.take(records.len(), TIMEOUT).await?;
    Ok(())
}

async fn a_static_member_comes_back_to_its_partitions(cluster: Cluster) -> Outcome {
    let topic = cluster.topic("static", 4).await?;
    let named = |name: &'static str| [("group.instance.id", name), ("session.timeout.ms", "30000")];
    let stays = cluster.member("group", &topic, &named("stays"))?;
    let restarts = cluster.member("group", &topic, &named("restarts"))?;
    rebalanced([&stays, &restarts], TIMEOUT, |both| {
        is_balanced(PARTITIONS, both)
    })
    .await?;
    let before = (stays.assigned()?, restarts.assigned()?);

    // A static member does not leave when it stops (KIP-345): its partitions wait for it.
    drop(restarts);
    let back = cluster.member("group", &topic, &named("restarts"))?;
    rebalanced([&stays, &back], TIMEOUT, |[kept, again]| {
        assert_eq!(
            *kept, before.0,
            "the other member must not notice the restart"
        );
        !again.is_empty()
    })
    .await?;
    assert_eq!((stays.assigned()?, back.assigned()?), before);
    Ok(())
}

async fn a_member_without_a_partition_waits_for_its_turn(cluster: Cluster) -> Outcome {
    let topic = cluster.topic("narrow", 1).await?;
    let first = cluster.member("group", &topic, &[])?;
    rebalanced([&first], TIMEOUT, |[own]| own.len() == 1).await?;

    let second = cluster.member("group", &topic, &[])?;
    let third = cluster.member("group", &topic, &[])?;
    rebalanced([&first, &second, &third], TIMEOUT, |all| {
        all.iter().map(BTreeSet::len).sum::<usize>() == 1
    })
    .await?;

    // Whoever has it goes, until the last one has it.
    let mut members = vec![first, second, third];
    while members.len() > 1 {
        let owner = members
            .iter()
            .position(|member| member.assigned().is_ok_and(|own| !own.is_empty()));
        drop(members.remove(owner.unwrap()));
        match members.as_slice() {
            [one, two] => rebalanced([one, two], TIMEOUT, |[one, two]| one.len() + two.len() == 1)
                .await
                .map(drop)?,
            [one] => rebalanced([one], TIMEOUT, |[own]| own.len() == 1)
                .await
                .map(drop)?,
            _ => unreachable!("three members, and one goes each time"),
        }
    }
    Ok(())
}
