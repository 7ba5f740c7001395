//! A start that fails says what the broker said and which setting decides it, and a rebalance is no
//! trouble.

use std::time::Duration;

use integration_tests::app::{Journal, text};
use integration_tests::cluster::Cluster;
use integration_tests::harness::{Outcome, Scenario};
use integration_tests::own::OwnKafka;
use integration_tests::records::{Record, Seeded};
use integration_tests::{scenarios, wait};
use tokio::time::timeout;
use wellspring::admin::Topic;
use wellspring::app::{App, RunningApp};
use wellspring::endpoint::Endpoint;
use wellspring::extract::{RecordContext, State};
use wellspring::listener::ListenerState;

pub(crate) const SCENARIOS: &[Scenario] = scenarios![
    a_session_that_the_broker_refuses_is_named_with_its_place,
    a_group_of_another_assignor_is_told_at_the_start,
    a_static_member_that_was_replaced_says_by_what,
    a_missing_topic_is_told_at_once,
    a_rebalance_turns_no_member_red,
    a_group_that_kafka_does_not_take_is_told_at_the_start,
    declared_topics_that_are_not_to_be_made_are_told_or_used_as_they_are,
];

pub(crate) const OWN: &[Scenario] = scenarios![OwnKafka => a_full_group_is_told_and_waited_for];

const TIMEOUT: Duration = Duration::from_secs(30);

async fn note(State(journal): State<Journal>, cx: RecordContext) {
    journal.note(text(cx.record()));
}

fn app(cluster: &Cluster, topic: &str, journal: &Journal) -> Result<App, wellspring::BoxError> {
    let endpoint = Endpoint::builder(topic, cluster.name("group"))
        .id("reader")
        .handler(note);
    Ok(cluster.app()?.state(journal.clone()).endpoint(endpoint))
}

/// What a start that must fail says.
async fn refusal(app: App) -> Result<String, wellspring::BoxError> {
    match app.start().await {
        Err(error) => Ok(error.to_string()),
        Ok(running) => {
            running.stop(TIMEOUT).await;
            Err("it started".into())
        }
    }
}

async fn a_session_that_the_broker_refuses_is_named_with_its_place(cluster: Cluster) -> Outcome {
    let topic = cluster.topic("work", 1).await?;
    let app = app(&cluster, &topic, &Journal::default())?;
    let told = refusal(app.set("listeners.reader.properties.session.timeout.ms", 4_000)).await?;
    for part in [
        "session timeout",
        r#"listeners.reader.properties.session.timeout.ms = "4000""#,
        "starting.rs:",
    ] {
        assert!(told.contains(part), "{part:?} is missing: {told}");
    }
    Ok(())
}

async fn a_group_of_another_assignor_is_told_at_the_start(cluster: Cluster) -> Outcome {
    let topic = cluster.topic("work", 1).await?;
    let other = cluster.member(
        "group",
        &topic,
        &[("partition.assignment.strategy", "range")],
    )?;
    integration_tests::cluster::rebalanced([&other], TIMEOUT, |[own]| own.len() == 1).await?;
    let told = refusal(app(&cluster, &topic, &Journal::default())?).await?;
    for part in [
        "partition.assignment.strategy",
        r#""cooperative-sticky""#,
        &cluster.name("group"),
    ] {
        assert!(told.contains(part), "{part:?} is missing: {told}");
    }
    Ok(())
}

async fn a_static_member_that_was_replaced_says_by_what(cluster: Cluster) -> Outcome {
    let topic = cluster.topic("work", 1).await?;
    let named = || -> Result<App, wellspring::BoxError> {
        let app = app(&cluster, &topic, &Journal::default())?;
        Ok(app.set("kafka.consumer.properties.group.instance.id", "till-1"))
    };
    let first = named()?.start().await?;
    let second = named()?.start().await?;
    let reason = wait::until("the first one to be fenced", TIMEOUT, async || {
        let ListenerState::Failed { reason } = first.listeners().first()?.state() else {
            return None;
        };
        Some(reason)
    })
    .await?;
    assert!(
        reason.contains(r#"group.instance.id = "till-1" (code, "#),
        "{reason}"
    );
    first.stop(TIMEOUT).await;
    second.stop(TIMEOUT).await;
    Ok(())
}

async fn a_missing_topic_is_told_at_once(cluster: Cluster) -> Outcome {
    let topic = cluster.name("not-there");
    // The start deadline is thirty seconds: a listener of a topic that is missing is not waited
    // for.
    let running = timeout(
        Duration::from_secs(5),
        app(&cluster, &topic, &Journal::default())?.start(),
    )
    .await??;
    let reasons = running.health().reasons();
    assert!(
        reasons.iter().any(|reason| reason.contains(&topic)),
        "{reasons:?}"
    );
    running.stop(TIMEOUT).await;
    Ok(())
}

async fn a_group_that_kafka_does_not_take_is_told_at_the_start(cluster: Cluster) -> Outcome {
    let topic = cluster.topic("work", 1).await?;
    for (group, words) in [
        (String::new(), "a text that is not empty"),
        ("x".repeat(40_000), "40000 bytes"),
    ] {
        let app = app(&cluster, &topic, &Journal::default())?;
        let told = refusal(app.set("listeners.reader.group", &group)).await?;
        for part in [words, "listeners.reader.group"] {
            assert!(told.contains(part), "{part:?} is missing: {told:.500}");
        }
        assert!(told.len() < 1_000, "{} bytes", told.len());
    }
    // One as long as that of a pod with all its labels is nothing special.
    let long = format!("{}-{}", cluster.name("group"), "x".repeat(1_000));
    let journal = Journal::default();
    let app = app(&cluster, &topic, &journal)?.set("listeners.reader.group", long);
    let running = app.start().await?;
    let record = Record::new("k", "v");
    cluster
        .produce(&cluster.producer(&[])?, &topic, Some(0), &[record])
        .await?;
    journal.has(1, TIMEOUT).await?;
    running.stop(TIMEOUT).await;
    Ok(())
}

async fn declared_topics_that_are_not_to_be_made_are_told_or_used_as_they_are(
    cluster: Cluster,
) -> Outcome {
    let topic = cluster.topic("work", 1).await?;
    let journal = Journal::default();
    let declared = |topics: Vec<Topic>| -> Result<App, wellspring::BoxError> {
        let app = app(&cluster, &topic, &journal)?.set("app.create-topics", false);
        Ok(topics.into_iter().fold(app, App::declare))
    };
    let missing = cluster.name("missing");
    let told = refusal(declared(vec![
        Topic::new(&topic, 1),
        Topic::new(&missing, 3),
    ])?)
    .await?;
    let words = format!(
        "missing: topic {missing} with 3 partitions; create them, or set app.create-topics to true"
    );
    assert!(told.contains(&words), "{told}");

    for (partitions, drift) in [(1, vec![]), (4, vec!["app.create-topics is false"])] {
        let running = declared(vec![Topic::new(&topic, partitions)])?
            .start()
            .await?;
        let health = running.health();
        assert!(health.is_ready(), "{:?}", health.reasons());
        let reasons = health.drift.iter().filter_map(|drift| drift.reason.clone());
        assert_eq!(reasons.collect::<Vec<_>>(), drift);
        running.stop(TIMEOUT).await;
    }
    Ok(())
}

/// Members join and leave in the middle of the work of another one, which is well all the time.
async fn a_rebalance_turns_no_member_red(cluster: Cluster) -> Outcome {
    let topic = cluster.topic("work", 4).await?;
    let producer = cluster.producer(&[])?;
    let journal = Journal::default();
    let stays = app(&cluster, &topic, &journal)?.start().await?;
    let is_well = |running: &RunningApp| {
        let health = running.health();
        assert!(health.is_ready(), "{:?}", health.reasons());
    };
    let mut written = 0;
    for round in 0..3 {
        let joining = app(&cluster, &topic, &journal)?.start();
        tokio::pin!(joining);
        let comes = loop {
            let records = Seeded::new(round).keyed(100, 100);
            cluster.produce(&producer, &topic, None, &records).await?;
            written += records.len();
            is_well(&stays);
            if let Ok(comes) = timeout(Duration::from_millis(5), &mut joining).await {
                break comes?;
            }
        };
        is_well(&stays);
        is_well(&comes);
        comes.stop(TIMEOUT).await;
    }
    journal.has(written, TIMEOUT).await?;
    is_well(&stays);
    stays.stop(TIMEOUT).await;
    Ok(())
}

async fn a_full_group_is_told_and_waited_for(mut kafka: OwnKafka) -> Outcome {
    kafka.set("group.max.size", "1");
    kafka.start().await?;
    let cluster = kafka.cluster();
    let topic = cluster.topic("work", 2).await?;
    let first = app(&cluster, &topic, &Journal::default())?.start().await?;
    let second = app(&cluster, &topic, &Journal::default())?;
    let told = refusal(second.set("app.start-deadline", "4s")).await?;
    for part in ["group.max.size", &cluster.name("group")] {
        assert!(told.contains(part), "{part:?} is missing: {told}");
    }
    // It may come in once the first one has left.
    let third = app(&cluster, &topic, &Journal::default())?.start();
    let (third, _) = tokio::join!(third, first.stop(TIMEOUT));
    third?.stop(TIMEOUT).await;
    kafka.stop().await?;
    Ok(())
}
