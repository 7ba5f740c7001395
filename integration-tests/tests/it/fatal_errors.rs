//! A Kafka client that failed for good is replaced, or the application says so.

use std::time::Duration;

use integration_tests::app::{Journal, text};
use integration_tests::cluster::Cluster;
use integration_tests::harness::{Outcome, Scenario};
use integration_tests::{scenarios, wait};
use wellspring::app::{App, StartError};
use wellspring::config::ConfigError;
use wellspring::endpoint::Endpoint;
use wellspring::extract::{RecordContext, State};
use wellspring::listener::ListenerState;

pub(crate) const SCENARIOS: &[Scenario] = scenarios![
    a_listener_whose_instance_id_another_one_took_stays_down_and_says_why,
    a_producer_that_reaches_no_broker_is_red_and_one_that_is_acknowledged_is_ready,
];

const TIMEOUT: Duration = Duration::from_secs(60);

async fn handle(State(journal): State<Journal>, cx: RecordContext) {
    journal.note(text(cx.record()));
}

fn app(cluster: &Cluster, topic: &str) -> Result<App, ConfigError> {
    let endpoint = Endpoint::builder(topic, cluster.name("shop"))
        .id("shop")
        .handler(handle);
    Ok(cluster.app()?.state(Journal::default()).endpoint(endpoint))
}

async fn a_listener_whose_instance_id_another_one_took_stays_down_and_says_why(
    cluster: Cluster,
) -> Outcome {
    let topic = cluster.topic("orders", 1).await?;
    let as_one = || {
        Ok::<_, ConfigError>(app(&cluster, &topic)?.set(
            "listeners.shop.properties.group.instance.id",
            cluster.name("till-1"),
        ))
    };
    let first = as_one()?.start().await?;
    let second = as_one()?.start().await?;

    let fenced = wait::until("the first to notice", TIMEOUT, async || {
        let state = first.health().listeners.first()?.state.clone();
        if let ListenerState::Failed { reason } = state {
            Some(reason)
        } else {
            None
        }
    });
    let reason = fenced.await?;
    assert!(
        reason.contains("another member has taken this instance id"),
        "{reason}"
    );
    let health = first.health();
    assert!(!health.is_live() && !health.is_ready(), "{health:?}");
    assert!(
        second.health().is_ready(),
        "{:?}",
        second.health().reasons()
    );
    first.stop(TIMEOUT).await;
    second.stop(TIMEOUT).await;
    Ok(())
}

async fn a_producer_that_reaches_no_broker_is_red_and_one_that_is_acknowledged_is_ready(
    cluster: Cluster,
) -> Outcome {
    let topic = cluster.topic("orders", 1).await?;
    // Nobody listens there; what is sent waits.
    let elsewhere = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let alone = App::new(wellspring::config::Loader::new().load()?);
    let template = alone.set("kafka.bootstrap-servers", elsewhere).template()?;
    let sending = template.record(&topic).text("waits").send();
    wait::until("red", TIMEOUT, async || template.health().reason()).await?;
    assert!(template.health().in_flight == 1 && template.health().is_live());
    drop((sending, template));

    let running = app(&cluster, &topic)?
        .start()
        .await
        .map_err(|error: StartError| error.to_string())?;
    running
        .template()?
        .record(&topic)
        .text("goes")
        .send()
        .await?;
    let told = async || running.health().producers.first()?.1.acknowledged_ago;
    wait::until("health that knows the acknowledgement", TIMEOUT, told).await?;
    let json = running.health().to_json();
    assert_eq!(json["producers"][0]["name"], "producer");
    assert_eq!(json["producers"][0]["ready"], true);
    running.stop(TIMEOUT).await;
    Ok(())
}
