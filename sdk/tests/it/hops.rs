//! How far it is from the poll to the user's function.

use std::backtrace::Backtrace;
use std::time::Duration;

use tokio::sync::mpsc;
use wellspring::prelude::*;
use wellspring::runtime::Clock;

const TIMEOUT: Duration = Duration::from_secs(10);

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
        .timeout(TIMEOUT, seen.recv())
        .await?
        .unwrap_or_default();

    let hops = hops(&trace);
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
    running.stop(TIMEOUT).await;
    Ok(())
}

/// Returns the functions of this crate from the listener's function to the engine, which a task
/// polls.
///
/// They are told by the file they stand in: the name of a generic function of another crate may
/// hold names of this one. The closures of a function count with it.
fn hops(trace: &str) -> Vec<&str> {
    let mut hops: Vec<&str> = Vec::new();
    let mut function = "";
    for line in trace.lines() {
        let Some(file) = line.trim_start().strip_prefix("at ") else {
            function = line.split_once(": ").map_or("", |(_, function)| function);
            continue;
        };
        if hops.is_empty() {
            if file.contains("hops.rs:") {
                hops.push("hops::credit");
            }
            continue;
        }
        let is_closure = function.starts_with('{');
        if file.contains("./src/") && !is_closure {
            hops.push(function.split("::{{closure}}").next().unwrap_or_default());
        }
        if function.contains("Engine::poll") {
            break;
        }
    }
    hops.dedup();
    hops
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
        Clock::system()
            .timeout(TIMEOUT, seen.recv())
            .await?
            .as_deref(),
        Some("none")
    );
    running.stop(TIMEOUT).await;
    Ok(())
}
