//! An application that is killed loses nothing: what was not finished comes again.

use std::collections::BTreeSet;
use std::time::Duration;

use integration_tests::cluster::Cluster;
use integration_tests::harness::{Outcome, Scenario};
use integration_tests::process::{Process, ProcessError};
use integration_tests::records::Record;
use integration_tests::scenarios;

pub(crate) const SCENARIOS: &[Scenario] = scenarios![
    the_record_in_hand_comes_again_after_a_kill,
    out_of_order_completion_and_kills_lose_nothing
];

const TIMEOUT: Duration = Duration::from_secs(60);
const LISTENER: &str = env!("CARGO_BIN_EXE_scenario-listener");

async fn the_record_in_hand_comes_again_after_a_kill(cluster: Cluster) -> Outcome {
    let topic = cluster.topic("work", 1).await?;
    let group = cluster.name("group");
    let start = || Process::start(LISTENER, [cluster.bootstrap(), &topic, &group, "1"]);
    cluster
        .produce(&cluster.producer(&[])?, &topic, Some(0), &numbered(200))
        .await?;

    let mut first = start()?;
    for _ in 0..50 {
        first.says("done", TIMEOUT).await?;
    }
    first.kill().await?;
    let told = rest(&mut first).await?;
    let unfinished = told.started.difference(&told.done).next().cloned();

    let mut second = start()?;
    let again = second.says("started", TIMEOUT).await?;
    // Nothing finished is missing: what comes first is at most the record in hand.
    let in_hand = unfinished.map_or(200, |value| value.parse().unwrap());
    assert!(
        again.parse::<u32>()? <= in_hand,
        "{again} came first, though {in_hand} was not finished"
    );
    while second.says("done", TIMEOUT).await? != "199" {}
    Ok(())
}

async fn out_of_order_completion_and_kills_lose_nothing(cluster: Cluster) -> Outcome {
    const RECORDS: u32 = 2_000;
    let topic = cluster.topic("work", 4).await?;
    let group = cluster.name("group");
    cluster
        .produce(&cluster.producer(&[])?, &topic, None, &numbered(RECORDS))
        .await?;

    let everything: BTreeSet<String> = (0..RECORDS).map(|nth| nth.to_string()).collect();
    let mut done = BTreeSet::new();
    for kills in 0.. {
        assert!(
            kills < 50,
            "{} of {RECORDS} records are still missing",
            RECORDS as usize - done.len()
        );
        let mut listener = Process::start(LISTENER, [cluster.bootstrap(), &topic, &group, "16"])?;
        let until = if kills < 3 {
            done.len() + 400
        } else {
            everything.len()
        };
        while done.len() < until {
            done.insert(listener.says("done", TIMEOUT).await?);
        }
        listener.kill().await?;
        done.extend(rest(&mut listener).await?.done);
        if done == everything {
            return Ok(());
        }
    }
    Ok(())
}

/// What a killed process had said that was not read yet.
#[derive(Default)]
struct Told {
    started: BTreeSet<String>,
    done: BTreeSet<String>,
}

async fn rest(process: &mut Process) -> Result<Told, ProcessError> {
    let mut told = Told::default();
    while let Some(line) = process.line(TIMEOUT).await? {
        match line.split_once(' ') {
            Some(("started", value)) => _ = told.started.insert(value.to_owned()),
            Some(("done", value)) => _ = told.done.insert(value.to_owned()),
            _ => {}
        }
    }
    Ok(told)
}

fn numbered(count: u32) -> Vec<Record> {
    (0..count)
        .map(|nth| Record::new(format!("k{nth}"), nth.to_string()))
        .collect()
}
