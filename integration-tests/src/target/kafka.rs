//! A running Kafka, of whatever kind.

/// A Kafka that runs. Dropping it stops it.
pub trait Kafka: Send + Sync {
    /// Returns the addresses for clients: `host:port`, or several of them with commas between.
    fn bootstrap(&self) -> &str;
}
