//! Health for operators: whether an application has started, is ready and is alive, and if not, the
//! reasons.
//!
//! [`Health`] is the answer as a value. With the feature `actuator` it is also given over HTTP,
//! when `actuator.port` is set, or wherever an application nests `http::router`.

mod sources;
mod health;
#[cfg(feature = "actuator")]
pub mod http;

pub use health::{Health, HealthSource, Phase};
pub(crate) use sources::HealthSources;
