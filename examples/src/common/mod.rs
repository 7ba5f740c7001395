//! What the programs have in common: the Kafka they run on, their log, and how they end.

pub mod kafka;
pub mod program;

pub use kafka::Kafka;
