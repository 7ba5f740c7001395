//! Properties that make no producer.

use std::fmt;

use crate::runtime::error_chain;

/// Properties that make no producer.
///
/// `Debug` prints the words of `Display` and those of its source, because that is what `main` shows
/// of an error it returns.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum ProducerError {
    /// librdkafka refuses a property, or all of them together.
    #[error("librdkafka makes no producer of these properties: {reason}")]
    Properties {
        /// In librdkafka's words.
        reason: String,
    },
    /// No broker was named.
    #[error(
        "a producer needs the address of a broker, such as localhost:9092: `bootstrap.servers` is empty"
    )]
    NoBroker,
    /// The operating system has no thread left.
    #[error("no thread for the producer's reports")]
    Thread {
        /// The system's answer.
        source: std::io::Error,
    },
}

impl fmt::Debug for ProducerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&error_chain(self))
    }
}
