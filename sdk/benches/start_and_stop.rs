//! How long a test or a small program waits for Wellspring: the first send, a trivial test, an idle
//! stop.
//!
//! ```text
//! cargo bench -p wellspring --features testing --bench start_and_stop
//! ```
//!
//! The broker is a broker-lite in this process, a fresh one for each round. `BENCH_ROUNDS` sets how
//! many there are; the table shows the median and the longest, in milliseconds.
//! `BENCH_DEBUG=eos,broker` is librdkafka's `debug` for the producer.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark may fail, and prints"
)]

use std::time::Duration;

use wellspring::endpoint::Endpoint;
use wellspring::extract::RecordContext;
use wellspring::producer::KafkaTemplate;
use wellspring::runtime::Clock;
use wellspring::testing::{Spec, TestKafka, run};

const DEADLINE: Duration = Duration::from_secs(30);

fn main() {
    if std::env::var("BENCH_DEBUG").is_ok() {
        tracing_subscriber::fmt()
            .with_max_level(tracing::Level::DEBUG)
            .init();
    }
    let rounds = std::env::var("BENCH_ROUNDS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(15);
    println!("{:<58} {:>10} {:>10}", "", "median ms", "longest ms");
    for wait in [0, 1, 10, 100] {
        let name = format!("first acknowledged send, {wait} ms after build");
        report(
            &name,
            (0..rounds)
                .map(|_| first_send(Duration::from_millis(wait)))
                .collect(),
        );
    }
    report(
        "the same, to a topic that is not there yet",
        (0..rounds).map(|_| new_topic()).collect(),
    );
    let whole: Vec<[Duration; 4]> = (0..rounds).map(|_| trivial_test()).collect();
    for (name, part) in [
        "a trivial test",
        "  its start()",
        "  its handled record",
        "  its stop()",
    ]
    .iter()
    .zip(0..)
    {
        report(
            name,
            whole
                .iter()
                .filter_map(|test| test.get(part).copied())
                .collect(),
        );
    }
    report(
        "an idle application's stop()",
        (0..rounds).map(|_| idle_stop()).collect(),
    );
    report(
        "dropping a template that has sent",
        (0..rounds).map(|_| template_drop()).collect(),
    );
}

fn report(name: &str, mut times: Vec<Duration>) {
    times.sort();
    let ms = |time: Option<&Duration>| time.map_or(f64::NAN, |time| time.as_secs_f64() * 1000.0);
    println!(
        "{name:<58} {:>10.1} {:>10.1}",
        ms(times.get(times.len() / 2)),
        ms(times.last())
    );
}

fn template(kafka: &TestKafka) -> KafkaTemplate {
    let builder = KafkaTemplate::builder(kafka.bootstrap());
    let debug = std::env::var("BENCH_DEBUG");
    let builder = debug
        .into_iter()
        .fold(builder, |builder, debug| builder.property("debug", debug));
    builder.build().expect("the template is made")
}

fn first_send(wait: Duration) -> Duration {
    run(Spec::new("t:1"), move |kafka| async move {
        let clock = Clock::system();
        let template = template(&kafka);
        if !wait.is_zero() {
            clock.sleep(wait).await;
        }
        let begun = clock.now();
        template
            .record("t")
            .text("x")
            .send()
            .await
            .expect("it is written");
        begun.elapsed()
    })
}

fn new_topic() -> Duration {
    run(
        Spec::default().setting("auto.create.topics.enable", true),
        |kafka| async move {
            let template = template(&kafka);
            let begun = Clock::system().now();
            template
                .record("new")
                .text("x")
                .send()
                .await
                .expect("it is written");
            begun.elapsed()
        },
    )
}

fn endpoint() -> Endpoint {
    Endpoint::builder("t", "g").handler(|_: RecordContext| async {})
}

fn trivial_test() -> [Duration; 4] {
    let whole = Clock::system().now();
    let [start, handled, stop] = run(Spec::new("t:1"), |kafka| async move {
        let clock = Clock::system();
        let begun = clock.now();
        let app = kafka
            .app()
            .endpoint(endpoint())
            .start()
            .await
            .expect("it starts");
        let started = clock.now();
        kafka.produce("t", "k", "v").await;
        kafka.await_committed("g", "t").await;
        let handled = clock.now();
        app.stop(DEADLINE).await;
        [started - begun, handled - started, handled.elapsed()]
    });
    [whole.elapsed(), start, handled, stop]
}

fn idle_stop() -> Duration {
    run(Spec::new("t:1"), |kafka| async move {
        let app = kafka
            .app()
            .endpoint(endpoint())
            .start()
            .await
            .expect("it starts");
        Clock::system().sleep(Duration::from_millis(300)).await;
        let begun = Clock::system().now();
        app.stop(DEADLINE).await;
        begun.elapsed()
    })
}

fn template_drop() -> Duration {
    run(Spec::new("t:1"), |kafka| async move {
        let template = template(&kafka);
        template
            .record("t")
            .text("x")
            .send()
            .await
            .expect("it is written");
        let begun = Clock::system().now();
        template.close(DEADLINE).await.expect("it is empty");
        drop(template);
        begun.elapsed()
    })
}
