//! Settings, by Kafka's own names.
//!
//! As written ([`Settings`]: text by key, from flags, a file or a request) they are checked against
//! one table of keys ([`Key`]), all problems at once, and become a [`Config`]. The same table
//! answers DescribeConfigs.

mod keys;
mod rule;
mod foreign;
mod settings;
mod problem;
mod resolved;
mod listener;
mod topic;
mod topic_config;
mod checked;

pub(crate) use keys::{BROKER_KEYS, Key, TOPIC_KEYS, TopicKey};
pub(crate) use listener::Endpoint;
pub use problem::{ConfigError, Problem};
pub(crate) use resolved::{Config, GroupSettings, NetworkSettings};
pub(crate) use rule::Rule;
pub(crate) use settings::Settings;
pub(crate) use topic::TopicDefaults;
pub(crate) use topic_config::{CompressionType, TimestampSource, TopicConfig};
