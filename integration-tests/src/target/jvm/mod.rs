//! Real Kafka on the JVM: one KRaft node, fresh, on loopback, gone when its owner is.
//!
//! `integration-tests/kafka/` holds the Maven project that names the jars and the script that
//! keeps the node's life tied to ours. Here the jars are found ([`Jars`]), the node's settings
//! written down (`properties.rs`) and the node started, watched until it answers, and ended
//! ([`Node`]). The program `kafka-node` offers the same from the command line.

mod node;
mod format;
mod properties;
mod jars;
mod error;

pub use error::JvmError;
pub(crate) use format::{format, format_as};
pub use jars::Jars;
pub(crate) use jars::kafka_folder;
pub use node::{Node, NodeBuilder};
pub(crate) use node::{answers, registered};
pub(crate) use properties::{Role, replicated_properties, server_properties};
