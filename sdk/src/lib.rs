//! Kafka listeners and producers for async Rust.
//!
//! An async function annotated with `#[kafka_listener]` becomes a consumer-group service; a trait
//! annotated with `#[kafka_producer]` becomes a typed producer. What the macros write can always be
//! written by hand with the builders of these rooms.
//!
//! Rooms are listed from the top of the house down: a room uses only rooms listed below it.

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
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

#[doc = include_str!("../docs/macros/kafka_listener.md")]
pub use wellspring_macros::kafka_listener;

#[doc = include_str!("../docs/macros/kafka_listeners.md")]
pub use wellspring_macros::kafka_listeners;

#[doc = include_str!("../docs/macros/kafka_producer.md")]
pub use wellspring_macros::kafka_producer;

#[cfg(feature = "testing")]
#[doc = include_str!("../docs/macros/test.md")]
pub use wellspring_macros::test;

#[doc = include_str!("../docs/macros/event.md")]
pub use wellspring_macros::Event;

#[doc = include_str!("../docs/macros/classify.md")]
pub use wellspring_macros::Classify;

pub use codec::Event;
pub use retry::Classify;

/// A boxed error that can cross threads: what handlers may return with `?`.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The result of `main` and of everything that may fail for any reason.
pub type Result<T = (), E = BoxError> = std::result::Result<T, E>;
