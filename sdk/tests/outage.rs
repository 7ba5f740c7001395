//! What an operator reads while brokers are away: a line when it begins, one when it is over, whose
//! it is on each.
//!
//! One subscriber for the process, since the lines come from threads of the client; tests tell
//! their lines apart by the names of their listeners.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may fail by panicking"
)]

use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use broker_lite::Broker;
use wellspring::BoxError;
use wellspring::app::{App, StartError};
use wellspring::config::Loader;
use wellspring::endpoint::Endpoint;
use wellspring::runtime::Clock;

const TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Lines {
    /// Those of the process, at the level of warnings as an operator has it at night.
    fn of_the_process() -> Self {
        static LINES: OnceLock<Lines> = OnceLock::new();
        let subscribe = || {
            let lines = Self::default();
            let writer = lines.clone();
            let warnings = tracing_subscriber::fmt()
                .with_max_level(tracing::Level::WARN)
                .with_ansi(false);
            warnings.with_writer(move || writer.clone()).init();
            lines
        };
        LINES.get_or_init(subscribe).clone()
    }

    fn with(&self, word: &str) -> Vec<String> {
        let bytes = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        text.lines()
            .filter(|line| line.contains(word))
            .map(str::to_owned)
            .collect()
    }
}

async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let clock = Clock::system();
    let deadline = clock.after(TIMEOUT);
    while !condition() {
        assert!(clock.now() < deadline, "not in time: {what}");
        clock.sleep(Duration::from_millis(5)).await;
    }
}

fn app(bootstrap: &str, id: &'static str) -> Result<App, BoxError> {
    let config = Loader::new()
        .set("kafka.bootstrap-servers", bootstrap)
        .load()?;
    let endpoint = Endpoint::builder("orders", format!("{id}-group"))
        .id(id)
        .concurrency(2);
    Ok(App::new(config).endpoint(endpoint.handler(|| async {})))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn brokers_that_nobody_finds_at_start_are_one_line_for_the_whole_listener()
-> Result<(), BoxError> {
    let lines = Lines::of_the_process();
    let started = app("127.0.0.1:1", "lost")?
        .set("app.start-deadline", "2s")
        .start()
        .await;
    let Err(error @ StartError::NotAssigned { .. }) = started else {
        panic!("it started")
    };
    assert!(
        error.to_string().contains("Connection refused"),
        "the first reason, not the last: {error}"
    );
    let told = lines.with(r#"listener="lost" group="lost-group""#);
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(
        told[0].contains("no broker can be reached") && told[0].contains("Connection refused"),
        "{told:#?}"
    );
    assert_eq!(
        lines.with("127.0.0.1:1/"),
        told,
        "librdkafka says nothing on top of it"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_comes_back_is_two_lines_and_a_clean_stop_is_none() -> Result<(), BoxError> {
    let lines = Lines::of_the_process();
    // An address of its own: nobody else takes the port while it is free.
    let on = |address: &str| Broker::builder().listen(address).topic("orders", 1).start();
    let broker = on("127.0.0.9:0").await?;
    let address = broker.bootstrap().to_owned();
    let running = app(&address, "back")?.start().await?;
    let template = running.template()?;
    template.record("orders").payload("v").send().await?;
    broker.stop().await;
    until("the begin", || !lines.with(r#"listener="back""#).is_empty()).await;
    let broker = on(&address).await?;
    until("the end", || lines.with(r#"listener="back""#).len() == 2).await;
    let told = lines.with(r#"listener="back" group="back-group""#);
    assert!(
        told[0].contains("no broker can be reached; trying again"),
        "{told:#?}"
    );
    assert!(
        told[1].contains("brokers can be reached again"),
        "{told:#?}"
    );
    template.record("orders").payload("v").send().await?;
    running.stop(TIMEOUT).await;
    broker.stop().await;
    assert_eq!(
        lines.with(r#"listener="back""#).len(),
        2,
        "nothing about a broker that goes after the stop"
    );
    let of_producers = lines.with(r#"client="producer""#);
    assert!(
        of_producers.iter().all(|line| !line.contains(&address)),
        "no record waited: {of_producers:#?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_producer_tells_of_brokers_that_records_wait_for() -> Result<(), BoxError> {
    let lines = Lines::of_the_process();
    let template = app("127.0.0.1:3", "sender")?
        .set("kafka.producer.properties.delivery.timeout.ms", 1_500)
        .template()?;
    let error = template
        .record("orders")
        .payload("v")
        .send()
        .await
        .unwrap_err();
    assert!(error.to_string().contains("Connection refused"), "{error}");
    let told = lines.with("127.0.0.1:3/");
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].contains(r#"client="producer""#), "{told:#?}");
    Ok(())
}
