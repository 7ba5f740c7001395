//! An application that a scenario can kill: `scenario-listener BOOTSTRAP TOPIC GROUP WORKERS`.
//!
//! Its handler says `started VALUE`, takes up to 20 ms, more or less by the value, and says
//! `done VALUE`; so with several workers records finish out of order.

use std::io::Write as _;
use std::time::Duration;

use integration_tests::app::{app_at, text};
use integration_tests::wait;
use wellspring::endpoint::{Endpoint, Ordering};
use wellspring::extract::RecordContext;

#[tokio::main]
async fn main() -> wellspring::Result {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [bootstrap, topic, group, workers] = words.as_slice() else {
        return Err("usage: scenario-listener BOOTSTRAP TOPIC GROUP WORKERS".into());
    };
    let endpoint = Endpoint::builder(topic, group)
        .workers(workers.parse::<usize>()?)
        .ordering(Ordering::None);
    app_at(bootstrap)?
        .endpoint(endpoint.handler(handle))
        .run()
        .await?;
    Ok(())
}

async fn handle(cx: RecordContext) -> std::io::Result<()> {
    let value = text(cx.record());
    say("started", &value)?;
    let uneven: u64 = value.bytes().map(u64::from).sum();
    wait::take(Duration::from_millis(uneven % 20)).await;
    say("done", &value)
}

fn say(what: &str, value: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{what} {value}")?;
    out.flush()
}
