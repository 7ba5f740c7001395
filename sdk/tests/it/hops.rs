//! How far it is from the poll to the user's function.

use std::backtrace::Backtrace;
use std::time::Duration;

use tokio::sync::mpsc;
use wellspring::prelude::*;
use wellspring::runtime::Clock;

const SOON: Duration = Duration::from_secs(10);

/// Hands what was seen to the test.
type Sink = mpsc::UnboundedSender<String>;

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(topic = "card.topups", key = "card")]
struct TopUp {
    card: String,
}

#[kafka_listener(group = "ledger", workers = 4)]
async fn credit(topup: TopUp, meta: Metadata, State(sink): State<Sink>) -> wellspring::Result {
    tracing::debug!(topup.card, %meta.offset, "credited");
    Ok(sink.send(Backtrace::force_capture().to_string())?)
}

#[wellspring::test(topics = "card.topups:1")]
async fn at_most_eight_named_hops_lie_between_the_poll_and_the_function(
    kafka: TestKafka,
) -> wellspring::Result {
    let (sink, mut seen) = mpsc::unbounded_channel();
    let running = kafka
        .app()
        .state::<Sink>(sink)
        .listener(credit)
        .start()
        .await?;
    kafka
        .template()
        .send(&TopUp {
            card: "7".to_owned(),
        })
        .await?;
    let trace = Clock::system()
        .timeout(SOON, seen.recv())
        .await?
        .unwrap_or_default();

    let frames = trace
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(_, function)| function);
    // From here up to the engine, which a task polls. The closures of a function count with it.
    let mut hops: Vec<&str> = Vec::new();
    for function in frames.skip_while(|function| !function.contains("hops::credit")) {
        if function.contains("wellspring::") || function.contains("hops::") {
            hops.push(function.split("::{{closure}}").next().unwrap_or_default());
        }
        if function.contains("Engine::poll") {
            break;
        }
    }
    hops.dedup();
    assert!(
        hops.first()
            .is_some_and(|leaf| leaf.contains("hops::credit")),
        "{trace}"
    );
    assert!(
        hops.last()
            .is_some_and(|root| root.contains("Engine::poll")),
        "{trace}"
    );
    assert!(hops.len() <= 8, "{hops:#?}");
    running.stop(SOON).await;
    Ok(())
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(topic = "card.seen", key = "card")]
struct Seen {
    card: String,
}

#[kafka_listener(group = "watcher")]
async fn watch(_seen: Seen, State(sink): State<Sink>) -> wellspring::Result {
    let inherited = tracing::Span::current();
    Ok(sink.send(
        inherited
            .metadata()
            .map_or("none", |metadata| metadata.name())
            .to_owned(),
    )?)
}

/// A span as long as the listener's life would put all records into one trace.
#[wellspring::test(topics = "card.seen:1")]
async fn a_handler_begins_a_trace_of_its_own(kafka: TestKafka) -> wellspring::Result {
    tracing_subscriber::fmt()
        .with_ansi(false)
        .with_test_writer()
        .init();
    let (sink, mut seen) = mpsc::unbounded_channel();
    let running = kafka
        .app()
        .state::<Sink>(sink)
        .listener(watch)
        .start()
        .await?;
    kafka
        .template()
        .send(&Seen {
            card: "7".to_owned(),
        })
        .await?;
    assert_eq!(
        Clock::system().timeout(SOON, seen.recv()).await?.as_deref(),
        Some("none")
    );
    running.stop(SOON).await;
    Ok(())
}
