//! Runs the body of a test against a Kafka of its own.

use std::time::Duration;

use super::kafka::TestKafka;
use super::spec::Spec;

/// Starts a broker, runs the test's body on a runtime of its own, and stops the broker.
///
/// `#[wellspring::test]` expands to this. It returns what the body returns: nothing, or a `Result`.
///
/// # Panics
/// When the broker does not start, and when the body panics.
#[track_caller]
pub fn run<F, Fut, T>(spec: Spec, body: F) -> T
where
    F: FnOnce(TestKafka) -> Fut,
    Fut: Future<Output = T>,
{
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    #[expect(clippy::expect_used, reason = "a test without a runtime has failed")]
    let runtime = runtime.expect("the test's runtime starts");
    let kafka = TestKafka::start(spec);
    let answer = runtime.block_on(async {
        let kafka = kafka.await;
        let answer = body(kafka.clone()).await;
        kafka.stop().await;
        answer
    });
    // Clients that the test did not stop keep their threads.
    runtime.shutdown_timeout(Duration::from_secs(1));
    answer
}
