//! Configuration: from what people wrote, in four places, to settings that are checked once and
//! then believed.
//!
//! Layers, each overriding the one before it:
//!
//! 1. `wellspring.toml` in the working directory,
//! 2. `wellspring-<profile>.toml`, the profile being named by `WELLSPRING_PROFILE`,
//! 3. the environment: `WELLSPRING_KAFKA_BOOTSTRAP_SERVERS` is `kafka.bootstrap-servers`,
//! 4. code: `App::set`.
//!
//! [`Loader`] reads them, [`KEYS`] says what may be in them, and a [`Config`] is what comes out.
//! Every value knows its [`Origin`]; every mistake is in one [`ConfigError`], all of them at once.
//! Any key whose first word is not one of Wellspring's own is free for the `${placeholders}` of an
//! application.
//!
//! ```
//! use wellspring::config::Loader;
//!
//! let config = Loader::new()
//!     .environment([("WELLSPRING_BOOTSTRAP_SERVERS", "kafka-1:9092")])
//!     .set("topups.topic", "card.topups")
//!     .load()?;
//!
//! assert_eq!(config.resolve("${topups.topic:other}")?, "card.topups");
//! assert_eq!(config.producer_properties().get("bootstrap.servers"), Some("kafka-1:9092"));
//! # Ok::<(), wellspring::config::ConfigError>(())
//! ```
#![doc = include_str!("../../docs/defaults.md")]

mod loader;
mod resolved;
mod check;
mod client_rules;
mod value;
mod conflicts;
mod properties;
mod listener_section;
mod app_section;
mod placeholder;
mod raw;
mod file;
mod environment;
mod injected;
mod secret_files;
mod entry;
mod keys;
mod addresses;
mod defaults;
mod librdkafka;
mod error;
mod origin;
mod secret;

pub use app_section::{
    ActuatorSection, AppSection, OnFatalError, OnRefusedDeadLetter, ProducerSection,
};
pub(crate) use client_rules::property_complaint;
pub(crate) use conflicts::ClientKind;
pub use defaults::{ADMIN_DEFAULTS, CONSUMER_DEFAULTS, ClientDefault, PRODUCER_DEFAULTS};
pub(crate) use entry::Entry;
pub use entry::Sourced;
pub use error::{
    Complaint, ConfigError, FileComplaint, PlaceholderComplaint, Problem, PropertyComplaint,
};
pub use keys::{KEYS, Key, Kind, defaults_table};
pub use listener_section::ListenerSection;
pub use loader::Loader;
pub use origin::{Layer, Origin};
pub use properties::{ClientProperties, Property};
pub use resolved::Config;
pub use secret::is_secret;
pub(crate) use secret::printable;

#[cfg(test)]
mod tests;
