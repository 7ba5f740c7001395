//! Kafka listeners and producers for async Rust.
//!
//! An async function annotated with `#[kafka_listener]` becomes a consumer-group service; a trait
//! annotated with `#[kafka_producer]` becomes a typed producer. What the macros write can always be
//! written by hand with the builders of these rooms.
//!
//! ```no_run
//! # // Needs a broker.
//! use wellspring::prelude::*;
//!
//! /// A type that knows its topic and its key: listeners and producers that disagree do not compile.
//! #[derive(Debug, Serialize, Deserialize, Event)]
//! #[event(topic = "card.topups", key = "card")]
//! struct TopUp { card: String, cents: u64 }
//!
//! #[kafka_listener(group = "campus-card", workers = 16, ordering = "key", retry = "3 x 200ms exponential", dead_letter)]
//! async fn credit(topup: TopUp, meta: Metadata, State(ledger): State<Ledger>) -> Result<(), LedgerError> {
//!     ledger.credit(&topup.card, topup.cents).await
//! }
//!
//! #[kafka_producer]
//! trait TopUps {
//!     async fn requested(&self, #[header("source")] source: &str, topup: &TopUp) -> SendResult;
//! }
//!
//! # #[derive(Clone)] struct Ledger;
//! # #[derive(Debug, thiserror::Error)] #[error("the ledger is closed")] struct LedgerError;
//! # impl Ledger { async fn credit(&self, _: &str, _: u64) -> Result<(), LedgerError> { Ok(()) } }
//! #[tokio::main]
//! async fn main() -> wellspring::Result {
//!     App::from_env()?             // wellspring.toml < profile < environment < code
//!         .state(Ledger)
//!         .discover()              // every #[kafka_listener] in the binary; or .listener(credit) one by one
//!         .run()                   // until SIGTERM or ctrl-c: stop intake, drain, commit, leave
//!         .await
//! }
//! ```
//!
//! # Features
//!
//! None is on by default, and none changes what another does.
//!
//! | feature | what it adds |
//! | --- | --- |
//! | `testing` | `testing`, a broker inside the test's process, and `#[wellspring::test]` |
//! | `actuator` | health over HTTP: `actuator.port`, or a router for an axum application |
//! | `tls` | TLS and SASL/SCRAM through an OpenSSL that is built along (needs perl) |
//! | `tls-system` | the same through the system's OpenSSL |
//! | `eyre` | the errors that `eyre::Report` carries are classified, as those of `anyhow::Error` always are |
//! | `gssapi` | Kerberos (needs libsasl2 and OpenSSL on the system) |
//!
//! # Rooms
//!
//! They are listed from the top of the house down: a room uses only rooms listed below it.

// On docs.rs each item says which feature it needs.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
#[cfg(fuzzing)]
pub mod fuzzing;
pub mod prelude;
#[cfg(feature = "testing")]
pub mod testing;
pub mod app;
pub mod actuator;
pub mod listener;
pub mod dead_letter;
pub mod endpoint;
pub mod handler;
pub mod extract;
pub mod retry;
pub mod producer;
pub mod admin;
pub mod codec;
pub mod observe;
pub mod client;
pub mod config;
pub mod types;
pub mod runtime;

pub use codec::Event;
pub use retry::Classify;
#[doc = include_str!("../docs/macros/classify.md")]
pub use wellspring_macros::Classify;
#[doc = include_str!("../docs/macros/event.md")]
pub use wellspring_macros::Event;
#[doc = include_str!("../docs/macros/kafka_listener.md")]
pub use wellspring_macros::kafka_listener;
#[doc = include_str!("../docs/macros/kafka_listeners.md")]
pub use wellspring_macros::kafka_listeners;
#[doc = include_str!("../docs/macros/kafka_producer.md")]
pub use wellspring_macros::kafka_producer;
#[cfg(feature = "testing")]
#[doc = include_str!("../docs/macros/test.md")]
pub use wellspring_macros::test;

/// A boxed error that can cross threads: what handlers may return with `?`.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The result of `main` and of everything that may fail for any reason.
pub type Result<T = (), E = BoxError> = std::result::Result<T, E>;
