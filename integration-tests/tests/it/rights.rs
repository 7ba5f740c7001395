//! What the broker forbids is told with its words and with what to do, and costs no record.
//!
//! On real Kafka alone: broker-lite has no authorizer, so nothing is forbidden there.

use std::time::Duration;

use integration_tests::app::{Journal, text};
use integration_tests::cluster::{AUTHORIZER, Cluster, Operation, Resource};
use integration_tests::harness::{Outcome, Scenario, Skipped};
use integration_tests::own::OwnKafka;
use integration_tests::records::Record;
use integration_tests::target::Kind;
use integration_tests::{scenarios, wait};
use wellspring::BoxError;
use wellspring::admin::Topic;
use wellspring::app::{App, RunningApp};
use wellspring::endpoint::Endpoint;
use wellspring::extract::{RecordContext, State};
use wellspring::producer::SendError;
use wellspring::runtime::ManualClock;

pub(crate) const SCENARIOS: &[Scenario] = scenarios![
    OwnKafka =>
    a_forbidden_group_and_a_forbidden_topic_are_told_and_waited_for,
    a_dead_letter_topic_without_the_right_to_write_ends_as_the_setting_says,
    topics_that_may_not_be_made_changed_or_looked_at_are_told,
];

const TIMEOUT: Duration = Duration::from_secs(60);

/// Handles what begins with `good`.
async fn handle(State(journal): State<Journal>, cx: RecordContext) -> Result<(), BoxError> {
    let value = text(cx.record());
    if !value.starts_with("good") {
        return Err("no use for it".into());
    }
    journal.note(value);
    Ok(())
}

/// A Kafka with an authorizer, and with its internal topics made before anything is forbidden.
async fn start(kafka: &mut OwnKafka) -> Result<Cluster, BoxError> {
    if kafka.kind() != Kind::Jvm {
        return Err(Skipped("broker-lite has no authorizer".to_owned()).into());
    }
    for (key, value) in AUTHORIZER {
        kafka.set(key, value);
    }
    kafka.start().await?;
    let cluster = kafka.cluster();
    wait::until("the coordinators of groups", TIMEOUT, async || {
        cluster.committed("first", "none", 0).ok()
    })
    .await?;
    Ok(cluster)
}

fn app(cluster: &Cluster, topic: &str, group: &str, journal: &Journal) -> Result<App, BoxError> {
    let endpoint = Endpoint::builder(topic, "${shop.group}")
        .id("shop")
        .retry("none")
        .dead_letter();
    let app = cluster.app()?.set("shop.group", cluster.name(group));
    Ok(app
        .state(journal.clone())
        .endpoint(endpoint.handler(handle)))
}

/// What a start that must fail says.
async fn refusal(app: App) -> Result<String, BoxError> {
    match app.set("app.start-deadline", "3s").start().await {
        Err(error) => Ok(error.to_string()),
        Ok(running) => {
            running.stop(TIMEOUT).await;
            Err("it started".into())
        }
    }
}

fn says(told: &str, parts: &[&str]) {
    for part in parts {
        assert!(told.contains(part), "{part:?} is missing: {told}");
    }
}

/// Waits until health is red with these words.
async fn red(running: &RunningApp, words: &[&str]) -> Outcome {
    let said = || running.health().reasons().join("; ");
    let is_told = async || words.iter().all(|word| said().contains(word)).then_some(());
    let told = wait::until(format!("health to say {words:?}"), TIMEOUT, is_told).await;
    told.map_err(|late| format!("{late}, but: {}", said()).into())
}

async fn green(running: &RunningApp) -> Result<(), wait::TimedOut> {
    wait::until("health to be green", TIMEOUT, async || {
        running.health().is_ready().then_some(())
    })
    .await
}

async fn good(cluster: &Cluster, topic: &str, journal: &Journal, count: usize) -> Outcome {
    let record = Record::new("k", format!("good {count}"));
    let producer = cluster.producer(&[])?;
    cluster
        .produce(&producer, topic, Some(0), &[record])
        .await?;
    journal.has(count, TIMEOUT).await?;
    Ok(())
}

async fn a_forbidden_group_and_a_forbidden_topic_are_told_and_waited_for(
    mut kafka: OwnKafka,
) -> Outcome {
    let cluster = start(&mut kafka).await?;
    groups(&cluster).await?;
    topics(&cluster).await
}

async fn groups(cluster: &Cluster) -> Outcome {
    let topic = cluster.topic("orders", 1).await?;
    let journal = Journal::default();
    for operation in [Operation::Read, Operation::Describe] {
        let name = cluster.name("closed");
        let group = Resource::Group(&name);
        cluster.forbid(group, operation).await?;
        let told = refusal(app(cluster, &topic, "closed", &journal)?).await?;
        let words = ["Group authorization failed", &name, "grant this client"];
        says(&told, &words);
        cluster.permit(group, operation).await?;
    }

    let name = cluster.name("open");
    let running = app(cluster, &topic, "open", &journal)?.start().await?;
    good(cluster, &topic, &journal, 1).await?;
    // The rights are taken away while it runs, and come back.
    cluster
        .forbid(Resource::Group(&name), Operation::Read)
        .await?;
    let words = ["Group authorization failed", name.as_str()];
    red(&running, &words).await?;
    cluster
        .permit(Resource::Group(&name), Operation::Read)
        .await?;
    good(cluster, &topic, &journal, 2).await?;
    green(&running).await?;
    running.stop(TIMEOUT).await;
    Ok(())
}

async fn topics(cluster: &Cluster) -> Outcome {
    let topic = cluster.topic("unreadable", 1).await?;
    let (resource, journal) = (Resource::Topic(&topic), Journal::default());
    let words = ["Topic authorization failed", topic.as_str()];
    // One that may be seen has its partitions, and one that may not has none to start with.
    cluster.forbid(resource, Operation::Read).await?;
    let running = app(cluster, &topic, "readers", &journal)?.start().await?;
    red(&running, &words).await?;
    cluster.permit(resource, Operation::Read).await?;
    good(cluster, &topic, &journal, 1).await?;
    green(&running).await?;
    running.stop(TIMEOUT).await;
    cluster.forbid(resource, Operation::Describe).await?;
    let told = refusal(app(cluster, &topic, "readers", &journal)?).await?;
    says(&told, &words);
    cluster.permit(resource, Operation::Describe).await?;

    let topic = cluster.topic("audit", 1).await?;
    cluster
        .forbid(Resource::Topic(&topic), Operation::Write)
        .await?;
    let template = cluster.app()?.template()?;
    let refused = template.record(&topic).text("no").send().await.unwrap_err();
    assert!(
        matches!(refused, SendError::NotPermitted { .. }),
        "{refused:?}"
    );
    cluster
        .permit(Resource::Topic(&topic), Operation::Write)
        .await?;
    wait::until("the producer to notice", TIMEOUT, async || {
        template.record(&topic).text("yes").send().await.ok()
    })
    .await?;
    Ok(())
}

async fn a_dead_letter_topic_without_the_right_to_write_ends_as_the_setting_says(
    mut kafka: OwnKafka,
) -> Outcome {
    let cluster = start(&mut kafka).await?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("letters.jsonl");
    for setting in ["halt", "file"] {
        let topic = cluster.topic(setting, 1).await?;
        let letters = cluster.topic(&format!("{setting}-dlt"), 1).await?;
        cluster
            .forbid(Resource::Topic(&letters), Operation::Write)
            .await?;
        let (journal, hand) = (Journal::default(), ManualClock::new());
        let app = app(&cluster, &topic, setting, &journal)?
            .set("app.on-refused-dead-letter", setting)
            .set("app.dead-letter-file", file.display());
        let running = app.clock(hand.clock()).start().await?;
        let records = ["bad", "good"].map(|value| Record::new("k", value));
        cluster
            .produce(&cluster.producer(&[])?, &topic, Some(0), &records)
            .await?;
        wait::until("its end", TIMEOUT, async || {
            // It is offered for minutes before somebody has to act.
            hand.advance(Duration::from_secs(1));
            let halted = running.health().listeners.first()?.halted.first().cloned();
            (halted.is_some() || !journal.lines().is_empty()).then_some(())
        })
        .await?;
        if setting == "halt" {
            let words = ["its dead letter is refused", &letters, "not permitted"];
            says(&running.health().reasons().join("; "), &words);
            assert!(journal.lines().is_empty() && !file.exists());
        } else {
            assert_eq!(journal.lines(), ["good"]);
            let written = std::fs::read_to_string(&file)?;
            says(&written, &[r#""payload":"626164""#, &topic]);
            assert_eq!(written.lines().count(), 1);
            green(&running).await?;
        }
        running.stop(TIMEOUT).await;
    }
    Ok(())
}

async fn topics_that_may_not_be_made_changed_or_looked_at_are_told(mut kafka: OwnKafka) -> Outcome {
    let cluster = start(&mut kafka).await?;
    let (orders, journal) = (cluster.topic("orders", 1).await?, Journal::default());
    let resource = Resource::Topic(&orders);
    let declared = |topic: Topic| -> Result<App, BoxError> {
        Ok(app(&cluster, &orders, "shop", &journal)?.declare(topic))
    };

    cluster.forbid(resource, Operation::DescribeConfigs).await?;
    let app = declared(Topic::new(&orders, 1).setting("retention.ms", "1234"))?;
    let running = app.start().await?;
    let drift = running.health().drift;
    assert_eq!(drift.len(), 1, "{drift:?}");
    let words = ["settings", "retention.ms=1234", "DESCRIBE_CONFIGS"];
    says(&drift[0].to_string(), &words);
    green(&running).await?;
    good(&cluster, &orders, &journal, 1).await?;
    running.stop(TIMEOUT).await;

    cluster.forbid(resource, Operation::Alter).await?;
    let running = declared(Topic::new(&orders, 2))?.start().await?;
    let drift = running.health().drift;
    assert_eq!(drift.len(), 1, "{drift:?}");
    says(
        &drift[0].to_string(),
        &["partitions", "this client may not"],
    );
    good(&cluster, &orders, &journal, 2).await?;
    running.stop(TIMEOUT).await;

    let missing = cluster.name("missing");
    for resource in [Resource::Cluster, Resource::Topic(&missing)] {
        cluster.forbid(resource, Operation::Create).await?;
    }
    let told = refusal(declared(Topic::new(&missing, 3))?).await?;
    let words = [
        "not permitted to create",
        &missing,
        "3 partitions",
        "CREATE",
    ];
    says(&told, &words);
    Ok(())
}
