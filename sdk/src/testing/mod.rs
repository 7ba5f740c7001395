//! A Kafka for tests: started before the test's body runs, stopped when it ends.
//!
//! [`TestKafka`] is a broker-lite of its own inside the test's process, on a free port and with
//! threads of its own, with methods to produce, to consume, to read what a group
//! has committed, and to wait for any of these with a deadline. Nothing sleeps. A failed wait
//! reports what was seen so far and the problems of the listeners. A topic that is not declared is
//! not created, so a typo is an error. [`external`] returns the same kit for any other Kafka.
//!
//! For tests without a Kafka, [`record`] and [`context`] make what a handler is called with, and
//! [`receipt`] what a fake producer returns.
//!
//! ```
//! use wellspring::testing::{self, Spec};
//!
//! // What `#[wellspring::test(topics = "orders:4")] async fn t(kafka: TestKafka) { … }` writes:
//! testing::run(Spec::new("orders:4"), |kafka| async move {
//!     kafka.produce("orders", "k1", "hello").await;
//!     let records = kafka.consume("orders", 1).await;
//!     assert_eq!(records[0].payload(), Some(b"hello".as_slice()));
//! });
//! ```

mod context;
mod record;
mod run;
mod spec;
mod kafka;
mod groups;
mod listeners;
mod topics;
mod wait;
mod failure;

pub use context::{ContextBuilder, context};
pub use kafka::{TestKafka, external};
pub use record::{RecordBuilder, receipt, record};
pub use run::run;
pub use spec::{InvalidSpec, Spec};
