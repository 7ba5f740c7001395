//! A Kafka for tests: up before the test's body starts, gone when it ends.
//!
//! [`TestKafka`] is a broker-lite of its own inside the test's process, on a free port and with
//! threads of its own, together with what a test wants to do to it and know of it: produce,
//! consume, look at what a group has committed, and wait for all of these with a deadline. Nothing
//! sleeps. What fails says what was seen until then, and what the listeners of its applications
//! met. A topic that is not declared is not made: a typo is an error. [`external`] makes the same
//! kit for any other Kafka.
//!
//! For tests that need none: [`record`] and [`context`] make what a handler is called with,
//! [`receipt`] what a fake of a producer answers.
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
