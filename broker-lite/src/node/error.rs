//! The error of a broker that does not start.

use std::{fmt, io};

use crate::config::ConfigError;
use crate::controller::StoreError;
use crate::runtime::error_chain;
use crate::types::InvalidTopicName;

/// The reason why a broker does not start; nothing of it is left running.
///
/// `Debug` prints the texts of `Display` of the error and its sources, because that is what a
/// `main` that returns the error shows.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Settings are unknown or out of range. All of them are listed.
    #[error("the broker's settings cannot be used")]
    Config(#[from] ConfigError),
    /// A topic to create at start has no possible name.
    #[error("topic {topic:?} cannot be created")]
    TopicName {
        /// As given.
        topic: String,
        /// The rule that it breaks.
        source: InvalidTopicName,
    },
    /// A topic to create at start cannot be.
    #[error("topic {topic} cannot be created: {reason}")]
    Topic {
        /// The topic's name.
        topic: String,
        /// Why.
        reason: String,
    },
    /// Nobody can listen on the address; most often another broker does.
    #[error(
        "cannot listen on {address}; if the port is in use, stop who uses it or take another (port 0 takes a free one)"
    )]
    Listen {
        /// Host and port.
        address: String,
        /// The system's error.
        source: io::Error,
    },
    /// The data folder is not ours, not writable, in use or damaged.
    #[error("no broker can start on this folder")]
    DataFolder(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The data folder's file of topics cannot be read.
    #[error("the topics cannot be opened: {0}")]
    Catalogue(String),
    /// The data folder's consumer groups cannot be read.
    #[error("the groups' offsets cannot be read back: {0}")]
    Groups(String),
    /// The system gives us no threads.
    #[error("the broker's threads cannot be started")]
    Threads(#[source] io::Error),
}

impl From<StoreError> for StartError {
    fn from(error: StoreError) -> Self {
        Self::Catalogue(error_chain(&error))
    }
}

impl fmt::Debug for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&error_chain(self))
    }
}
