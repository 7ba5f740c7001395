//! What an operator reads of a Kafka that is killed and comes back: a line when it begins, a line
//! when it is over.

use std::time::Duration;

use integration_tests::app::{Journal, text};
use integration_tests::harness::{Outcome, Scenario};
use integration_tests::own::OwnKafka;
use integration_tests::warnings::Warnings;
use integration_tests::{scenarios, wait};
use wellspring::endpoint::Endpoint;
use wellspring::extract::{RecordContext, State};

pub(crate) const SCENARIOS: &[Scenario] =
    scenarios![OwnKafka => an_outage_is_told_when_it_begins_and_when_it_is_over];

const TIMEOUT: Duration = Duration::from_secs(60);

async fn note(State(journal): State<Journal>, cx: RecordContext) {
    journal.note(text(cx.record()));
}

async fn an_outage_is_told_when_it_begins_and_when_it_is_over(mut kafka: OwnKafka) -> Outcome {
    let warnings = Warnings::of_this_process();
    kafka.start().await?;
    let cluster = kafka.cluster();
    let topic = cluster.topic("calls", 2).await?;
    let journal = Journal::default();
    let id = cluster.name("night-shift");
    let endpoint = Endpoint::builder(&topic, cluster.name("group"))
        .id(&id)
        .concurrency(2)
        .handler(note);
    let running = cluster
        .app()?
        .state(journal.clone())
        .endpoint(endpoint)
        .start()
        .await?;
    let template = running.template()?;
    template.record(&topic).text("before").send().await?;
    journal.has(1, TIMEOUT).await?;

    let about_brokers = |warnings: &Warnings| -> Vec<String> {
        let mine = warnings.with(&format!("listener=\"{id}\" group="));
        mine.into_iter()
            .filter(|line| line.contains("can be reached"))
            .collect()
    };
    kafka.kill().await?;
    wait::until("the begin of the outage", TIMEOUT, async || {
        (!about_brokers(&warnings).is_empty()).then_some(())
    })
    .await?;
    wait::until(
        "health to say why, and not how many brokers are down",
        TIMEOUT,
        async || {
            let reasons = running.health().reasons();
            reasons
                .iter()
                .any(|reason| !reason.contains("brokers are down"))
                .then_some(())
        },
    )
    .await?;
    kafka.start().await?;
    template.record(&topic).text("after").send().await?;
    journal.has(2, TIMEOUT).await?;
    wait::until("the end of the outage", TIMEOUT, async || {
        about_brokers(&warnings)
            .iter()
            .any(|line| line.contains("can be reached again"))
            .then_some(())
    })
    .await?;
    let told = about_brokers(&warnings);
    assert_eq!(
        told.iter()
            .filter(|line| line.contains("no broker can be reached; trying again"))
            .count(),
        1,
        "{told:#?}"
    );
    assert!(
        warnings
            .with("librdkafka: ")
            .iter()
            .all(|line| !line.contains("FAIL")),
        "its own lines are at debug"
    );
    running.stop(TIMEOUT).await;
    let after_the_stop = about_brokers(&warnings);
    kafka.kill().await?;
    assert_eq!(
        about_brokers(&warnings),
        after_the_stop,
        "nobody listens any more"
    );
    Ok(())
}
